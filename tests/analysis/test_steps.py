"""Steps of a trend over releases, and the words for them."""

from types import SimpleNamespace

import pytest

from analysis import steps
from analysis.steps import Point, Step, between


def a_row(release, level=None, *, spread=0.05, library="jax", **said):
    """A row as `storage.releases.of_run` gives it; without a level it is the anchor."""
    return SimpleNamespace(
        **{
            "measures": library,
            "workload": "scan_products",
            "case_key": '{"n":2000}',
            "size_name": "n",
            "variant": f"{library}_jit" if library == "jax" else library,
            "environment": f"{library}=={release}",
            "numpy": release if library == "numpy" else "2.4.6",
            "jax": release if library == "jax" else None,
            "anchor": level is None,
            "status": "measured",
            "reason": "",
            "ratio": level,
            "ratio_low": level and level * (1 - spread),
            "ratio_high": level and level * (1 + spread),
            "step_from": None,
            "step_ratio": None,
            "step_low": None,
            "step_high": None,
        }
        | said
    )


ROWS = [  # as they come: the anchor first, then group after group
    a_row("0.12.0.1"),
    a_row("0.4.9", 1.0),
    a_row("0.4.30", 1.01),
    a_row("0.4.33", 16.0),
    a_row("0.10.2", 1.0),
]


def only(rows):
    (trend,) = steps.trends(rows)
    return trend


def test_a_step_is_the_quotient_of_two_ratios():
    """Its interval holds both intervals, and is wider than either."""
    step = between(Point("1", 2.0, 1.9, 2.1), Point("2", 3.0, 2.7, 3.3))
    assert step.ratio == pytest.approx(1.5)
    assert step.low < 1.5 * 0.9
    assert step.high > 1.5 * 1.1
    assert step.low > 1.5 * 0.8


def test_the_anchor_adds_nothing_to_an_interval():
    """It is the unit of all the others."""
    step = between(Point("1", 2.0, 1.9, 2.1), Point("2", 1.0, 1.0, 1.0))
    assert (step.ratio, step.low, step.high) == pytest.approx((1 / 2, 1 / 2.1, 1 / 1.9))


@pytest.mark.parametrize(
    ("ratio", "spread", "found"),
    [(1.3, 0.05, True), (0.7, 0.05, True), (1.3, 0.25, False), (1.08, 0.001, False), (1.5, None, False)],
)
def test_a_step_is_told_of_where_it_is_surely_large(ratio, spread, found):
    """Beyond a tenth with its whole interval; a point without an interval steps nowhere."""
    ends = (None, None) if spread is None else (ratio * (1 - spread), ratio * (1 + spread))
    assert bool(list(steps.steps([Point("1", 1.0, 1.0, 1.0), Point("2", ratio, *ends)]))) is found


def test_an_interval_as_wide_as_numbers_are_is_no_step():
    """Two processes may leave room for anything; whatever is read must not fall over it."""
    step = between(Point("0.4.31", 1.0, 1e-300, 1e300), Point("0.4.33", 1.0, 1e-300, 1e300))
    assert step.low < 1e-300 < 1e300 < step.high
    assert not steps.is_sure(step)


def test_releases_are_ordered_by_version():
    """Not by their place in the run, where the anchor comes first, nor as text."""
    trend = only(ROWS)
    assert [point.release for point in trend.points] == ["0.4.9", "0.4.30", "0.4.33", "0.10.2", "0.12.0.1"]
    assert [(step.before, step.after) for step in trend.steps] == [("0.4.30", "0.4.33"), ("0.4.33", "0.10.2")]


def test_the_step_to_the_anchor_is_found():
    """The newest release may be the one that changed something."""
    (step,) = only([a_row("2.0"), a_row("1.0", 3.0)]).steps
    assert (step.after, step.is_slower) == ("2.0", False)
    assert step.times[0] == pytest.approx(3.0)


def test_a_step_that_was_sampled_side_by_side_is_taken_as_it_is():
    """Its own interval is narrower than what two ratios to the anchor give."""
    beside = {"step_from": "jax==0.4.30 (group 2)", "step_ratio": 1.2, "step_low": 1.15, "step_high": 1.25}
    rows = [a_row("0.12.0.1"), a_row("0.4.30", 1.0), a_row("0.4.33", 1.2, **beside)]
    assert only(rows).steps[0] == Step("0.4.30", "0.4.33", 1.2, 1.15, 1.25)
    unsure = a_row("0.4.33", 1.2, **beside | {"step_low": 1.05})
    assert only([*rows[:2], unsure]).steps[0].after == "0.12.0.1"
    alone = a_row("0.4.33", 1.2, **beside | {"step_low": None, "step_high": None})
    assert only([*rows[:2], alone]).steps[0].after == "0.12.0.1"


def test_what_was_beside_another_release_is_not_the_step():
    """The one before may have been left out of the group: then the anchor leads from one to the other."""
    beside = {"step_from": "jax==0.4.20", "step_ratio": 9.0, "step_low": 8.9, "step_high": 9.1}
    (step, _) = only([a_row("0.12.0.1"), a_row("0.4.30", 1.0), a_row("0.4.33", 2.0, **beside)]).steps
    assert step.ratio == pytest.approx(2.0)


def test_a_release_without_a_number_is_stepped_over():
    """The step then names the release before it, and the one without is told of with its reason."""
    failed = a_row("0.4.31", 1.0, status="failed", reason="it broke")
    lost = a_row("0.4.32", 1.0, ratio=None, status="measured")
    trend = only([*ROWS, failed, lost])
    assert trend.steps[0].before == "0.4.30"
    found = steps.lacks(trend, ["0.4.30", "0.4.31", "0.4.32", "0.4.99"])
    assert found == {
        "failed: it broke": ["0.4.31"],
        "nothing to compare it with: the anchor has no number": ["0.4.32"],
        "not reached": ["0.4.99"],
    }


def test_an_anchor_that_failed_is_no_point():
    """Then there is nothing to compare with; without any number, that is said."""
    rows = [a_row("2.0", status="timed_out", reason="60 s"), a_row("1.0", 1.0, ratio=None)]
    assert only(rows).points == ()
    assert steps.course(only(rows)) == ["nothing to compare it with: the anchor has no number"]
    assert steps.course(only(rows[:1])) == ["no number with any release"]
    assert steps.lack_of(rows[0]) == "timed out: 60 s"


def test_a_trend_is_of_one_library_case_and_variant():
    """Another variant or case is another trend; those of a library stand together, in the order of the rows."""
    rows = [
        a_row("2.0", library="numpy"),
        a_row("0.9"),
        a_row("0.8", 1.0),
        a_row("1.0", 1.0, library="numpy"),
        a_row("0.8", 1.0, variant="jax_eager"),
        a_row("2.0", library="numpy", workload="sort"),
    ]
    found = [(trend.library, trend.workload, trend.variant, len(trend.rows)) for trend in steps.trends(rows)]
    assert found == [
        ("jax", "scan_products", "jax_jit", 2),
        ("jax", "scan_products", "jax_eager", 1),
        ("numpy", "scan_products", "numpy", 2),
        ("numpy", "sort", "numpy", 1),
    ]


def test_a_release_is_what_was_found():
    """Where JAX was not even there, what was asked for."""
    assert steps.release_of(a_row("0.4.30", jax="0.4.31")) == "0.4.31"
    assert steps.release_of(a_row("0.4.30", jax=None)) == "0.4.30"


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step("0.4.31", "0.4.33", 16.02, 14.1, 18.7), "16× slower with 0.4.33 [14, 19] (was 0.4.31)"),
        (Step("0.4.31", "0.4.33", 1 / 4.9, 1 / 5.31, 1 / 4.52), "4.9× faster with 0.4.33 [4.5, 5.3] (was 0.4.31)"),
        (Step("1", "2", 1.151, 1.112, 1.191), "1.15× slower with 2 [1.11, 1.19] (was 1)"),
        (Step("1", "2", 2345.6, 2001.2, 2700.0), "2,346× slower with 2 [2,001, 2,700] (was 1)"),
        (Step("1", "2", 1.5, 1.5, 1.5), "1.500× slower with 2 [1.500, 1.500] (was 1)"),
    ],
)
def test_a_step_in_words(step, text):
    """How many times, in which direction, with which release; as many digits as tell the ends apart."""
    assert steps.told(step) == text


def test_the_course_of_a_trend():
    """Its steps in order, or that there is none, or why there can be none."""
    assert [text.partition(" [")[0] for text in steps.course(only(ROWS))] == [
        "16× slower with 0.4.33",
        "16× faster with 0.10.2",
    ]
    assert steps.course(only([ROWS[0], ROWS[1], ROWS[2]])) == ["no step above 10 % in 3 releases"]
    assert steps.course(only([ROWS[0]])) == ["a number with 0.12.0.1 only"]
    single = {"ratio_low": None, "ratio_high": None}
    assert steps.course(only([ROWS[0], a_row("1", 9.0, **single)])) == [
        "one process gave no interval, so no step is sure"
    ]


def test_altogether_is_from_the_oldest_to_the_newest():
    """Whatever happened between, and also where no single step is sure."""
    creeping = [a_row("5")] + [a_row(str(4 - k), 1.07 ** (k + 1), spread=0.01) for k in range(4)]
    trend = only(creeping)
    assert trend.steps == ()
    assert (trend.altogether.before, trend.altogether.after) == ("1", "5")
    assert trend.altogether.times[0] == pytest.approx(1.07**4)
    assert only([ROWS[0]]).altogether is None


def test_what_came_with_a_release():
    """The largest step first, cases counted once, releases without a step left out."""
    more = [
        a_row("0.12.0.1", workload="sort"), a_row("0.4.30", 1.0, workload="sort"),
        a_row("0.4.33", 40.0, workload="sort"),
        a_row("0.12.0.1", variant="jax_eager"), a_row("0.4.30", 4.0, variant="jax_eager"),
        a_row("0.4.33", 2.0, variant="jax_eager"),
    ]  # fmt: skip
    found = {one.release: one for one in steps.summaries(steps.trends([*ROWS, *more]))}
    assert list(found) == ["0.4.33", "0.10.2", "0.12.0.1"]
    worst = found["0.4.33"]
    assert [trend.workload for trend, _ in worst.slower] == ["sort", "scan_products"]
    assert worst.cases == 2
    assert (
        steps.balance(worst) == "slower in 2 of 2 cases, at worst 40× (sort); faster in 1, at best 2.0× (scan_products)"
    )
    assert steps.balance(found["0.10.2"]) == "slower in 0 of 1 cases; faster in 1, at best 16× (scan_products)"


def test_nothing_came_with_nothing():
    """No rows, no trends, no releases."""
    assert (steps.trends([]), steps.summaries([]), steps.releases([])) == ([], [], [])
