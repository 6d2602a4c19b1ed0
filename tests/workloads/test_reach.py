"""How far a ladder is climbed: foreseen from smaller sizes, and what is too long for the reference is so for all."""

import pytest

from workloads.plan import PlannedCase
from workloads.reach import Reach, known_from


def case(n, dtype="float32", workload="thing"):
    return PlannedCase(workload, 1, {"n": n, "dtype": dtype}, "n", float(n), ["numpy", "jax_jit"])


def climbed(longest, *steps, variant="numpy"):
    reach = Reach(longest)
    for one, seconds in steps:
        reach.learn(one, "here", variant, seconds)
    return reach


def test_the_first_size_is_always_within_reach():
    """Nothing is known yet, and a workload without any measurement tells nothing."""
    assert Reach(1e-9).beyond(case(10), "here", "numpy") is None


def test_a_size_is_foreseen_as_the_last_two_grew():
    """Quadratic so far, so quadratic on."""
    reach = climbed(1.0, (case(10), 0.01), (case(20), 0.04), (case(40), 0.16))
    assert reach.foreseen(case(160), "here", "numpy") == pytest.approx(2.56)
    status, reason = reach.beyond(case(160), "here", "numpy")
    assert status == "too_large"
    assert "would take about 2.6 s" in reason
    assert reach.beyond(case(80), "here", "numpy") is None


def test_where_nothing_can_be_foreseen_a_size_is_tried():
    """One size, or two that are all dispatch, say nothing of a size a thousand times as large."""
    assert climbed(1.0, (case(2), 0.01)).beyond(case(65_536), "here", "numpy") is None
    assert climbed(1.0, (case(2), 0.01), (case(64), 0.01)).beyond(case(65_536), "here", "numpy") is None


def test_a_larger_size_never_takes_less():
    """What got faster by chance is no promise; what is too long already is not tried again."""
    assert climbed(1.0, (case(2), 0.9), (case(4), 0.8)).foreseen(case(8), "here", "numpy") == 0.8
    assert climbed(0.1, (case(2), 0.2)).beyond(case(4), "here", "numpy")


def test_a_size_that_was_timed_is_judged_by_that():
    """It was tried, and a single call told."""
    reach = climbed(1.0, (case(2), 0.01), (case(65_536), 3.0))
    assert reach.beyond(case(65_536), "here", "numpy") == (
        "too_large",
        "a call takes about 3.0 s here; the longest call may take 1.0 s",
    )


def test_the_smallest_size_is_measured_however_long_it_takes():
    """Somebody asked for it, and there is nothing to measure in its place."""
    assert climbed(1.0, (case(65_536), 3.0)).beyond(case(65_536), "here", "numpy") is None


def test_what_is_too_long_for_the_reference_is_too_long_for_all():
    """Its result is what every other is compared with."""
    reach = climbed(1.0, (case(5), 0.25), (case(10), 0.5))
    reach.learn(case(10), "here", "jax_jit", 0.001)
    status, reason = reach.beyond(case(10 * 3), "here", "jax_jit")
    assert status == "too_large"
    assert reason.startswith("numpy, which it is compared with, would take")


def test_on_an_accelerator_the_reference_may_take_longer():
    """It is called once a process there, to compare with; NumPy itself is left out as ever."""
    reach = climbed(1.0, (case(5), 0.25), (case(10), 0.5))
    reach.learn(case(10), "here", "jax_jit", 0.001, accelerated=True)
    assert reach.beyond(case(10 * 39), "here", "jax_jit") is None
    assert "numpy" in reach.beyond(case(10 * 41), "here", "jax_jit")[1]
    assert reach.beyond(case(10 * 3), "here", "numpy")


@pytest.mark.parametrize("status", ["timed_out", "out_of_memory"])
def test_what_ran_out_of_time_or_memory_is_not_tried_at_a_larger_size(status):
    """It would again, and cost as much; smaller sizes are tried."""
    reach = Reach(None)
    reach.end(case(20), "here", "numpy", status)
    word = status.replace("_", " ")
    assert reach.beyond(case(40), "here", "numpy") == (status, f"not tried: {word} at 20 already")
    assert reach.beyond(case(10), "here", "numpy") is None
    assert reach.beyond(case(40), "here", "jax_jit") is None
    assert reach.beyond(case(40, dtype="float64"), "here", "numpy") is None


def test_a_slow_variant_drops_out_alone():
    """The others climb on."""
    reach = climbed(1.0, (case(10), 0.001))
    reach.learn(case(5), "here", "jax_jit", 0.45)
    reach.learn(case(10), "here", "jax_jit", 0.9)
    assert reach.beyond(case(20), "here", "jax_jit")
    assert reach.beyond(case(20), "here", "numpy") is None


@pytest.mark.parametrize(
    "other", [case(30, dtype="float64"), case(30, workload="other")], ids=["another dtype", "another workload"]
)
def test_each_ladder_is_climbed_by_itself(other):
    """What one dtype takes decides nothing for another."""
    reach = climbed(1.0, (case(5), 0.45), (case(10), 0.9))
    assert reach.beyond(case(30), "here", "numpy")
    assert reach.beyond(other, "here", "numpy") is None


def test_another_environment_is_another_climb():
    """A release that is slow stops earlier, and stops no other."""
    assert climbed(1.0, (case(5), 0.45), (case(10), 0.9)).beyond(case(30), "there", "numpy") is None


def test_without_a_longest_call_everything_is_within_reach():
    """The default: what is asked for is measured."""
    assert climbed(None, (case(5), 1e3), (case(10), 1e6)).beyond(case(1000), "here", "numpy") is None


def test_a_resumed_run_knows_what_was_measured_before():
    """Else it would climb higher than the run that was cut short."""
    line = {"kind": "measurement", "workload": "thing", "environment": "here", "variant": "numpy", "device": "cpu"}
    lines = [
        {"kind": "header"},
        {**line, "case": case(10).case, "seconds": 0.5},
        {**line, "case": case(20).case, "seconds": 1.0},
        {**line, "case": case(30).case, "seconds": None},
        {**line, "case": {"n": 77}, "seconds": 9.0},
    ]
    reach = Reach(1.0)
    known_from([case(10), case(20), case(30), case(40)], lines, reach)
    assert reach.foreseen(case(40), "here", "numpy") == pytest.approx(2.0)
