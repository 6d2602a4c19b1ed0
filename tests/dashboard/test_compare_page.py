"""The page that compares, on results whose differences are known, without a browser."""

import pytest

from tests.builders import a_measurement, a_ratio, an_environment, ratios_to_numpy, stored
from tests.dashboard.apps import choices, chosen, linked, opened, said
from tests.dashboard.backfilled import BOTH, TRENDS, backfilled

OLD, NEW = an_environment("old", numpy="2.2.6", jax="0.6.2"), an_environment("new", numpy="2.4.6", jax="0.10.2")
NIGHT = "2026-03-{:02}T02:00:00.000Z"


def side_by_side(url, levels, *, spread=0.01, missing=(), **said):
    """A run of two environments: each workload's seconds in the new one over those in the old one."""
    lines, ratios = [], []
    for workload, level in levels.items():
        old = a_measurement(environment="old", workload=workload)
        new = a_measurement(environment="new", workload=workload, seconds=1e-3 * level)
        if workload in missing:
            new = a_measurement(environment="new", workload=workload, status="failed", reason="gone <b>", device="")
        else:
            ratios.append(a_ratio(new, old, spread=spread))
        lines += [old, new]
    return stored(url, lines, ratios, environments=[OLD, NEW], **said)


def test_environments_of_a_run_answer_whether_to_upgrade(url):
    """One look: what stands out is told as such, with the command that settles it; what is gone is in its own table."""
    side_by_side(
        url,
        {"sort": 1.5, "total": 0.5, "fft_1d": 1.0, "matmul": 1.02, "softmax": 1.0},
        spread=0.02,
        missing=["softmax"],
    )
    app = opened("compare")
    assert choices(app) == ["Compare", "From", "To"]
    told = said(app)
    assert (
        "Is it safe to upgrade? Not settled: at the only look, 1 of 4 got slower by more than 5 %, 1 no longer works."
        in told
    )
    assert "Of 4 with a number on both sides, 1 slower, 1 faster, 2 the same, 0 unsure." in told
    assert "The largest: 1.50× slower [1.47, 1.53] (sort, n=1,024 float32, NumPy)" in told
    assert "NumPy 2.2.6 → 2.4.6, JAX 0.6.2 → 0.10.2, Python 3.11.7." in told
    command = "crossover upgrade-check --from python==3.11,numpy==2.2.6,jax==0.6.2"
    assert app.code[0].value.startswith(command)
    table, lacks = (one.value for one in app.dataframe)
    assert list(table["Verdict"]) == ["slower", "faster", "same", "same"]
    assert list(table.columns[:2]) == ["Verdict", "Ratio"]
    assert lacks.values.tolist()[0][:2] == ["second side", "failed: gone <b>"]
    assert len(app.get("plotly_chart")) == 1


def test_the_other_way_round_is_the_inverse(url):
    """What was twice as slow is twice as fast, from the same samples."""
    side_by_side(url, {"sort": 2.0})
    app = linked("compare")
    chosen(app, "From").set_value("new").run()
    assert chosen(app, "To").value == "old"
    assert "2.00× faster [1.98, 2.02]" in said(app)
    assert "Safe as far as this goes: none of 1 got slower by more than 5 %" in said(app)


def looks(url, *levels, first=5, **header):
    """The looks of one check, of the same case, each in twice as many processes as the one before."""
    for number, level in enumerate(levels):
        settings = {"processes": first * 2**number}
        side_by_side(url, {"sort": level}, started_at=NIGHT.format(number + 1), settings=settings, **header)


def test_looks_of_one_check_are_taken_together(url):
    """As the command has them: what a second look says too is slower, whichever of the runs is chosen."""
    looks(url, 1.5, 1.52, spread=0.001)
    app = opened("compare")
    runs = chosen(app, "Run").options
    assert len(runs) == 2
    for run in runs:
        app = linked("compare", compared_run=run)
        assert "Is it safe to upgrade? Not safe: 1 of 1 got slower by more than 5 %." in said(app)
        assert not app.code[:1] or "upgrade-check" not in app.code[0].value
    assert "all later looks together" in said(app)


def test_two_checks_are_two(url):
    """A run in as many processes begins anew."""
    looks(url, 1.5, spread=0.001)
    side_by_side(url, {"sort": 1.5}, spread=0.001, started_at=NIGHT.format(9), settings={"processes": 5})
    assert "Not settled" in said(opened("compare"))


def test_releases_of_a_backfill_are_compared_through_the_newest(url):
    """Any two of a library, whichever groups they stand in."""
    backfilled(url, *TRENDS, places=BOTH)
    app = linked("compare", **{"from": "jax==0.4.31", "to": "jax==0.4.34"})
    assert (chosen(app, "From").value, chosen(app, "To").value) == ("jax==0.4.31", "jax==0.4.34")
    assert "numpy==2.0.2" not in chosen(app, "To").options
    assert "3.2× slower [3.1, 3.3] (scan_products, n=1,024 float32, compiled JAX)" in said(app)
    assert "of 3 with a number on both sides, 1 slower, 0 faster" in said(app).replace("Of", "of")


def night(url, day, seconds, *, machine="vm", spread=0.005, workload="sort", again=None, **said):
    """A night in one environment; `again`: the spread of a floor of `sort`, measured beside itself."""
    lines = [a_measurement(seconds=seconds, spread=spread, workload=workload, **said)]
    ratios, places = ratios_to_numpy(lines), [an_environment()]
    if again is not None:
        lines.append(a_measurement(seconds=seconds, workload=workload, environment="again", **said))
        ratios.append(a_ratio(lines[1], lines[0], spread=again))
        places.append(an_environment("again", again=True))
    stored(url, lines, ratios, environments=places, machine=machine, started_at=NIGHT.format(day))


@pytest.mark.parametrize(
    ("again", "level", "verdict", "known"),
    [
        (None, 1.08, "unsure", "The noise floor is known for none of them; where it is not, 10 % is taken"),
        (None, 1.2, "slower", "The noise floor is known for none of them"),
        (0.02, 1.08, "slower", "The noise floor is known for all of them."),
        (0.12, 1.08, "unsure", "The noise floor is known for all of them."),
        (0.12, 1.0, "same", "The noise floor is known for all of them."),
    ],
)
def test_two_runs_are_judged_no_tighter_than_the_noise_floor(url, again, level, verdict, known):
    """Though the intervals alone would allow it; and the page says what else is in the ratio."""
    night(url, 1, 1e-3, again=again)
    night(url, 3, level * 1e-3)
    app = opened("compare")
    assert chosen(app, "Compare").value == "two runs"
    assert chosen(app, "From the run").value.startswith("2026-03-01")
    assert list(app.dataframe[0].value["Verdict"]) == [verdict]
    assert known in said(app)
    assert "they began 2 days apart" in said(app)


def test_another_number_of_threads_is_not_compared(url):
    """On one machine it is another series, and is told."""
    night(url, 1, 1e-3, threads=1)
    night(url, 2, 1e-3, threads=2)
    app = opened("compare")
    assert "Nothing can be compared: no case has a number on both sides." in said(app)
    assert app.dataframe[0].value["Because"][0] == "not comparable: cpu, 1 threads and cpu, 2 threads"
    assert not app.get("plotly_chart")


def test_two_machines_are_matched_by_what_they_computed(url):
    """Whatever device and threads; what one lacks is told with its reason."""
    night(url, 1, 1e-3, workload="total")
    night(url, 2, 1e-3)
    night(url, 1, 5e-4, machine="owl", device="gpu", threads=8)
    app = linked("compare", machine="vm", compare="two machines")
    assert "On owl against vm: of 1 with a number on both sides, 0 slower, 1 faster" in said(app)
    assert "The largest: 2.00× faster" in said(app)
    assert app.dataframe[0].value["Devices"][0] == "cpu and gpu"
    here = chosen(app, "On this machine")
    here.set_value(here.options[1]).run()
    assert "Nothing can be compared" in said(app)
    assert list(app.dataframe[0].value["Missing on the"]) == ["second side", "first side"]


def test_one_run_is_nothing_to_compare(url):
    """Which the page says, and what to type."""
    night(url, 1, 1e-3)
    app = opened("compare")
    assert "crossover upgrade-check" in app.info[0].value
    assert not app.main.selectbox


def test_a_bad_link_is_ignored(url):
    """What does not exist is not chosen."""
    side_by_side(url, {"sort": 1.0})
    app = linked("compare", **{"compare": "../../etc", "from": "<b>", "to": "999"})
    assert (chosen(app, "From").value, chosen(app, "To").value) == ("old", "new")
