"""What is drawn and shown of scores and nights."""

from types import SimpleNamespace

import pandas as pd

from dashboard import tonight, tonight_charts
from dashboard.charts import STYLES


def a_score(machine="vm", workload="", variant="jax_jit", ratio=0.5, **said):
    fields = {"machine": machine, "workload": workload, "variant": variant, "ratio": ratio, "track": None}
    counts = {"cases": 4, "faster": 2, "slower": 1, "same": 0}
    return {**fields, "environment": "current", "place": 0, **counts, **said}


def frame(*scores):
    return pd.DataFrame(scores)


def a_level(series, run, seconds=1.0, width=0.1, slot="latest"):
    ends = {"low_seconds": seconds - width, "high_seconds": seconds + width}
    return SimpleNamespace(series_id=series, slot=slot, run_id=run, seconds=seconds, **ends)


def test_what_moved_is_of_the_newest_night():
    """Beyond both intervals, the largest first; a series that the newest night lacks is not compared."""
    levels = [
        *(a_level(1, 8), a_level(1, 9, 1.15)),
        *(a_level(2, 8), a_level(2, 9, 2.0)),
        *(a_level(3, 8), a_level(3, 9, 0.25)),
        *(a_level(4, 7), a_level(4, 8, 3.0)),
        a_level(5, 9),
    ]
    found = tonight.since("vm", [9, 8, 7], levels, [])
    assert found.compared == 3
    assert [before.series_id for before, _ in found.moved] == [3, 2]
    assert tonight.since("vm", [], [], []) == tonight.Since("vm")


def test_latest_is_what_most_want_to_see():
    """Then whatever most machines have."""
    scores = frame(a_score("a"), a_score("b"), a_score("b", track="latest"), a_score("b", track="pre"))
    assert tonight.slots(scores) == ["latest", "current", "pre"]


def test_a_machine_without_that_track_stands_by_its_first_place():
    """None is left out."""
    scores = frame(a_score("a", place=2), a_score("a", place=1, ratio=0.1), a_score("b", track="latest", ratio=0.2))
    assert list(tonight.standing(scores, "latest")["ratio"]) == [0.1, 0.2]


def test_variants_of_single_workloads_are_left_out():
    """Unless there are no others; compiled JAX comes first."""
    scores = frame(*(a_score(variant=variant) for variant in ("jax_eager", "jax_fft", "jax_jit")))
    assert list(tonight.standing(scores, "current")["variant"]) == ["jax_jit", "jax_eager"]
    assert list(tonight.standing(frame(a_score(variant="mine")), "current")["variant"]) == ["mine"]


def test_workloads_stand_by_their_ratio():
    """That of compiled JAX; the figures over all of them are not among them."""
    scores = [a_score(), a_score(workload="a_slow", ratio=3.0), a_score(workload="quick", ratio=0.1)]
    eager = [a_score(workload="a_slow", variant="jax_eager", ratio=0.01), a_score("other", workload="far")]
    standing = tonight.standing(frame(*scores, *eager), "current")
    assert list(standing[standing["workload"] == ""]["workloads"]) == [2]
    assert list(tonight.shown(standing, "vm")["label"]) == ["quick", "a_slow", "a_slow"]
    assert tonight.choices(standing) == ["all machines", "other", "vm"]


def drawn(*scores):
    return tonight_charts.standing(frame(*scores).assign(label=lambda rows: rows["workload"]))


def test_numpy_is_the_rule_and_variants_keep_their_colours():
    """The rule at 1 is in sight also where all are faster, with room for its words."""
    figure = drawn(a_score(workload="a", ratio=0.01), a_score(workload="a", variant="jax_eager", ratio=0.02))
    eager, compiled, numpy = figure.data
    assert (numpy.name, list(numpy.x), numpy.line.color) == ("NumPy", [1, 1], STYLES["numpy"].colour)
    assert (compiled.name, compiled.marker.color) == ("compiled JAX", STYLES["jax_jit"].colour)
    assert (eager.name, list(eager.x)) == ("eager JAX", [0.02])
    first, last = figure.layout.xaxis.range
    assert first < -2
    assert 0 < last / (last - first) >= 0.21
    assert [note.text for note in figure.layout.annotations] == ["faster", "slower"]


def test_every_row_has_its_height_and_its_name():
    """Shortened, where it would leave no room for the points, and never markup."""
    heights = {count: drawn(*(a_score(workload=f"w{n}") for n in range(count))).layout.height for count in (1, 24, 73)}
    assert heights[24] - heights[1] == 23 * tonight_charts.ROW_PIXELS
    assert heights[73] - heights[1] == 73 * tonight_charts.LEAST_ROW_PIXELS - tonight_charts.ROW_PIXELS
    (name,) = drawn(a_score(workload="<b>" + "x" * 50)).layout.yaxis.ticktext
    assert name.startswith("&lt;b&gt;x")
    assert len(name) < 40


def test_ticks_are_few():
    """Every decade, or every other one; steps between where there is less than one; 1 among them."""

    def ticks(low, high):
        return list(drawn(a_score(workload="a", ratio=low), a_score(workload="b", ratio=high)).layout.xaxis.ticktext)

    assert ticks(0.05, 20.0) == ["0.1×", "1×", "10×"]
    assert ticks(0.0005, 5000.0) == ["0.01×", "1×", "100×"]
    assert {"0.8×", "1×", "1.2×"} <= set(ticks(0.8, 1.3))
    assert ticks(0.41, 1.0) == ["0.5×", "0.7×", "1×"]


def test_a_point_tells_its_verdicts():
    """As many as there are, and what they leave open."""
    told = drawn(a_score(workload="sort")).data[0].customdata[0]
    assert told == "<b>sort</b><br>compiled JAX: 0.50× the time of NumPy<br>of 4 cases: 2 faster, 1 slower, 1 unsure"
