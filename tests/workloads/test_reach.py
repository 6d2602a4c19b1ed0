"""How far a ladder is climbed: foreseen from smaller sizes, and what is too long for the reference is so for all."""

import pytest

from workloads.plan import PlannedCase
from workloads.reach import Reach, known_from


def case(n, flops=None, dtype="float32", workload="thing"):
    work = None if flops is None else {"flops": flops, "bytes_moved": None}
    return PlannedCase(workload, 1, {"n": n, "dtype": dtype}, "n", float(n), ["numpy", "jax_jit"], work=work)


def climbed(longest, *steps, variant="numpy"):
    reach = Reach(longest)
    for one, seconds in steps:
        reach.learn(one, "here", variant, seconds)
    return reach


def test_the_first_size_is_always_within_reach():
    """Nothing is known yet, and a workload without any measurement tells nothing."""
    assert Reach(1e-9).beyond(case(10), "here", "numpy") is None


def test_a_size_is_foreseen_by_its_work():
    """Cubic work takes eight times as long at twice the size."""
    reach = climbed(1.0, (case(10, flops=1000), 0.2))
    assert reach.foreseen(case(20, flops=8000), "here", "numpy") == pytest.approx(1.6)
    status, reason = reach.beyond(case(20, flops=8000), "here", "numpy")
    assert status == "too_large"
    assert "about 1.6 s" in reason


def test_without_declared_work_it_is_foreseen_by_its_size():
    """In proportion; a first guess until two sizes are known."""
    assert climbed(1.0, (case(10), 0.2)).foreseen(case(30), "here", "numpy") == pytest.approx(0.6)


def test_a_growth_that_was_seen_counts_where_it_is_steeper():
    """Quadratic time, though the work that is declared is linear."""
    reach = climbed(1.0, (case(10, flops=10), 0.01), (case(20, flops=20), 0.04))
    assert reach.foreseen(case(40, flops=40), "here", "numpy") == pytest.approx(0.16)


def test_sizes_that_are_all_dispatch_do_not_promise_that_it_stays_so():
    """Two equal times say nothing of the next size but that the work will grow."""
    reach = climbed(1.0, (case(10, flops=10), 0.4), (case(20, flops=20), 0.4))
    assert reach.foreseen(case(40, flops=40), "here", "numpy") == pytest.approx(0.8)


def test_what_is_too_long_for_the_reference_is_too_long_for_all():
    """Its result is what every other is compared with."""
    reach = climbed(1.0, (case(10), 0.5))
    reach.learn(case(10), "here", "jax_jit", 0.001)
    status, reason = reach.beyond(case(10 * 3), "here", "jax_jit")
    assert status == "too_large"
    assert reason.startswith("numpy, which it is compared with, would take")


def test_on_an_accelerator_the_reference_may_take_longer():
    """It is called once a process there, to compare with; NumPy itself is left out as ever."""
    reach = climbed(1.0, (case(10), 0.5))
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
    reach.learn(case(10), "here", "jax_jit", 0.9)
    assert reach.beyond(case(20), "here", "jax_jit")
    assert reach.beyond(case(20), "here", "numpy") is None


@pytest.mark.parametrize(
    "other", [case(30, dtype="float64"), case(30, workload="other")], ids=["another dtype", "another workload"]
)
def test_each_ladder_is_climbed_by_itself(other):
    """What one dtype takes decides nothing for another."""
    assert climbed(1.0, (case(10), 0.9)).beyond(other, "here", "numpy") is None


def test_another_environment_is_another_climb():
    """A release that is slow stops earlier, and stops no other."""
    assert climbed(1.0, (case(10), 0.9)).beyond(case(30), "there", "numpy") is None


def test_without_a_longest_call_everything_is_within_reach():
    """The default: what is asked for is measured."""
    assert climbed(None, (case(10), 1e6)).beyond(case(1000), "here", "numpy") is None


def test_a_resumed_run_knows_what_was_measured_before():
    """Else it would climb higher than the run that was cut short."""
    line = {"kind": "measurement", "workload": "thing", "environment": "here", "variant": "numpy", "device": "cpu"}
    lines = [
        {"kind": "header"},
        {**line, "case": case(10).case, "seconds": 0.5},
        {**line, "case": case(20).case, "seconds": None},
        {**line, "case": {"n": 77}, "seconds": 9.0},
    ]
    reach = Reach(1.0)
    known_from([case(10), case(20), case(30)], lines, reach)
    assert reach.foreseen(case(30), "here", "numpy") == pytest.approx(1.5)
