"""Two sides as frames, words and charts, without Streamlit."""

import json
import math
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.upgrade_check import Changed, Check, Judged
from dashboard import compare_charts, compare_tables, compare_words, comparing
from tests.dashboard.frames import NAN, STARTED


def a_pair(ratio=1.0, verdict="same", spread=0.01, **said):
    """Something that both sides measured."""
    row = {"workload": "sort", "workload_version": 1, "case_key": json.dumps({"dtype": "float32", "n": 1024})}
    row |= {"size_name": "n", "size": 1024.0, "variant": "numpy", "before_device": "cpu", "after_device": "cpu"}
    for side, seconds in (("before", 1e-3), ("after", 1e-3 * ratio)):
        row |= {f"{side}_series": 1, f"{side}_seconds": seconds, f"{side}_low": seconds, f"{side}_high": seconds}
    ends = {"ratio_low": ratio / (1 + spread), "ratio_high": ratio * (1 + spread)}
    return {**row, "ratio": ratio, **ends, "verdict": verdict, "floor": NAN, **said}


def pairs(*rows):
    return pd.DataFrame(list(rows))


def a_side(**said):
    """An environment of a run, as `comparing.places` gives it."""
    side = {"run_id": 1, "place": 0, "environment": "A", "measures": None, "track": None, "suite": "all", "label": "1"}
    return {**side, "started_at": STARTED, "machine": "vm", "request": "", "digest": "d", **said}


def test_what_is_surest_is_drawn():
    """What is decided before what is not, the farthest from 1 first; then by how narrow the interval is."""
    frame = pairs(
        a_pair(1.0, spread=0.001), a_pair(1.2, "slower"), a_pair(0.5, "faster"), a_pair(1.0, "unsure", spread=0.5),
        a_pair(NAN, "not compared"), a_pair(3.0, "slower", spread=0.4),
    )  # fmt: skip
    assert list(compare_charts.surest(frame).index) == [5, 2, 1, 0, 3]
    assert list(compare_charts.surest(frame, 2).index) == [5, 2]
    told = compare_words.left_out(frame, compare_charts.surest(frame, 2))
    assert told.startswith("Drawn are the 2 surest of 6; left out: ")
    assert "1 slower" in told
    assert compare_words.left_out(frame.drop(4), compare_charts.surest(frame)) == ""


def drawn(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_ratios_are_sorted_and_have_their_intervals():
    """The slowest on top; a verdict has its colour, which the legend explains with a count."""
    figure = compare_charts.ratios(pairs(a_pair(2.0, "slower"), a_pair(0.5, "faster"), a_pair(4.0, "slower")), 0.05)
    slower = drawn(figure, "slower (2)")
    assert (list(slower.x), list(slower.y)) == ([2.0, 4.0], [1, 2])
    assert slower.marker.color != drawn(figure, "faster (1)").marker.color
    line = next(trace for trace in figure.data if trace.legendgroup == "slower" and trace.mode == "lines")
    assert list(line.x) == pytest.approx([2 / 1.01, 2.02, None, 4 / 1.01, 4.04, None])
    low, high = (10**end for end in figure.layout.xaxis.range)
    assert low < 0.5 / 1.01
    assert high > 4.04
    assert [note.text for note in figure.layout.annotations] == ["sort n=1,024 float32"] * 3


def test_an_endless_interval_is_cut_where_the_chart_ends():
    """An interval of two processes may be as wide as a number can be."""
    wide = a_pair(1.2, "unsure", ratio_low=1e-300, ratio_high=1e300)
    figure = compare_charts.ratios(pairs(wide, a_pair(0.9, "faster")))
    low, high = (10**end for end in figure.layout.xaxis.range)
    assert 0.3 < low < 0.9
    assert 1.2 < high < 4
    line = next(trace for trace in figure.data if trace.legendgroup == "unsure" and trace.mode == "lines")
    assert list(line.x) == [pytest.approx(low), pytest.approx(high), None]


def test_names_are_text_and_leave_room():
    """Markup is shown as it was written, cut to what fits on a phone; the variant is kept."""
    odd = a_pair(workload="<b>" + "w" * 100, variant="jax_jit")
    figure = compare_charts.ratios(pairs(odd, a_pair()))
    texts = [note.text for note in figure.layout.annotations]
    assert all("<b>" not in text and len(text) < 70 for text in texts)
    assert any(text.startswith("&lt;b&gt;www") and text.endswith("…, compiled JAX") for text in texts)
    assert "<b>w" not in drawn(figure, "same (2)").customdata[0][3:]


@pytest.mark.parametrize(("low", "high"), [(0.99, 1.01), (0.9, 1.2), (0.5, 1.1), (0.3, 4), (0.01, 90), (1e-6, 1e9)])
def test_an_axis_of_ratios_is_labelled_at_one_and_beside_it(low, high):
    """At least once more, and not too often."""
    inside = [text for at, text in compare_charts.ratio_ticks(low, high) if low <= at <= high]
    assert "1×" in inside
    assert 2 <= len(inside) <= 9


def test_the_middle_bin_is_around_one():
    """Ratios of equals are not torn apart; every ratio is counted once, by its verdict."""
    frame = pairs(*(a_pair(ratio) for ratio in (0.999, 1.0, 1.001)), a_pair(1.5, "slower"), a_pair(0.667, "faster"))
    figure = compare_charts.distribution(frame)
    same = drawn(figure, "same (3)")
    assert (list(same.x), list(same.y)) == ([0.0], [3])
    assert drawn(figure, "slower (1)").x[0] == pytest.approx(-drawn(figure, "faster (1)").x[0])
    left, right = figure.layout.xaxis.range
    assert left < math.log(0.667)
    assert right > math.log(1.5)


def test_the_table_begins_with_what_differs_most():
    """By verdict, then by how far from 1."""
    rows = [a_pair(1.0), a_pair(1.3, "slower"), a_pair(NAN, "not compared"), a_pair(0.2, "faster"), a_pair(9, "slower")]
    table = compare_tables.compared(pairs(*rows))
    assert list(table["Verdict"]) == ["slower", "slower", "faster", "same", "not compared"]
    assert table["Ratio"][0].startswith("9.0")
    assert "Devices" not in table
    assert "Noise floor" not in table
    assert list(compare_tables.compared(pairs(a_pair(floor=0.034)))["Noise floor"]) == ["3.4 %"]


def test_a_check_gives_its_verdicts_and_the_values_that_changed():
    """What it did not judge was not compared."""
    judged = [Judged("sort", a_pair()["case_key"], "n", "numpy", 2.0, 1.9, 2.1, "unsure", 1)]
    changed = [Changed("sort", a_pair()["case_key"], "numpy", 0.01)]
    found = Check("A", "B", 0.05, judged, changed, broken=[], planned=2, lacking=[], runs=["1"])
    frame = comparing.checked(pairs(a_pair(), a_pair(variant="jax_jit")), found)
    assert list(frame["verdict"]) == ["slower", "not compared"]
    assert list(frame["values"]) == ["relative difference up to 0.01 in the numbers looked at", ""]


def test_ratios_between_any_two_places_go_through_the_first():
    """With the intervals of both."""

    def row(environment, ratio):
        known = {"workload": "sort", "case_key": "{}", "variant": "numpy", "environment": environment}
        return pd.Series({**known, "ratio": ratio, "ratio_low": ratio / 1.03, "ratio_high": ratio * 1.03})

    rows, key = [row("B", 2.0), row("C", 3.0)], ("sort", "{}", "numpy")
    assert comparing.ratios_of_places(rows, "A", "B")[key] == pytest.approx((2.0, 2.0 / 1.03, 2.06))
    assert comparing.ratios_of_places(rows, "B", "A")[key] == pytest.approx((0.5, 0.5 / 1.03, 0.515))
    middle, low, high = comparing.ratios_of_places(rows, "B", "C")[key]
    assert middle == pytest.approx(1.5)
    assert high / middle == pytest.approx(middle / low) == pytest.approx(1.03 ** math.sqrt(2))


def test_the_newest_that_is_most_alike_is_offered_first():
    """Of the same suite and track, else of the same suite, else the newest."""
    night = {"suite": "nightly"}
    options = {
        "by hand": a_side(run_id=3),
        "latest": a_side(run_id=2, track="latest", **night),
        "pinned": a_side(run_id=1, track="pinned", **night),
    }
    assert comparing.most_alike(options, a_side(track="pinned", **night)) == "pinned"
    assert comparing.most_alike(options, a_side(track="pre", **night)) == "latest"
    assert comparing.most_alike(options, a_side(suite="full")) == "by hand"
    assert comparing.earlier({"now": a_side(run_id=9, track="pinned", **night), **options}) == "pinned"
    assert comparing.earlier({"now": a_side(run_id=9)}) is None


def a_row(here, there, **said):
    """What `storage.trends.alike` gives of one case."""
    known = {
        "workload": "sort",
        "workload_version": 1,
        "case_key": "{}",
        "size_name": "n",
        "size": 1.0,
        "variant": "numpy",
    }
    series = {"here_series_id": 1, "there_series_id": 1, "device": "cpu", "threads": 1, "there_device": "cpu"}
    statuses = {"here_status": here, "there_status": there, "there_reason": "", "there_threads": 2}
    return SimpleNamespace(**{**known, **series, **statuses, **said})


@pytest.mark.parametrize(
    ("row", "one_machine", "why"),
    [
        (a_row("measured", "measured"), True, None),
        (a_row("failed", "timed_out"), True, None),  # neither side has it
        (a_row("unsupported", None), True, None),
        (a_row("measured", None), True, "not in that run"),
        (a_row("measured", "timed_out", there_reason="60 s"), True, "timed out: 60 s"),
        (a_row("measured", "measured", there_series_id=2), True, "not comparable: cpu, 1 threads and cpu, 2 threads"),
        (a_row("measured", "measured", there_series_id=2), False, None),
    ],
)
def test_what_one_side_lacks_is_told_with_the_reason(row, one_machine, why):
    """What both lack is no difference; on two machines, another device is none either."""
    found = comparing.lacks([row], [], one_machine=one_machine).to_dict("records")
    assert [(one["side"], one["why"]) for one in found] == ([("after", why)] if why else [])
