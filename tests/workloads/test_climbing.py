"""A run climbs a workload's ladder: it leaves out what would take too long, and waits for nothing in vain."""

import pytest

from tests.workloads.casework import by_draw
from tests.workloads.measuring import a_case, a_plan
from tests.workloads.scripted import ScriptedProbes, forever
from workloads import sampler
from workloads.plan import Block
from workloads.reach import Reach

BOTH = ("numpy", "jax_jit")


def measured(case, probes, reach, **settings):
    plan = a_plan([case], **{"seconds_per_case": 1e6, "processes": 2, **settings})
    found = sampler.measure_block(plan, Block(case), probes, reach)
    return {line.variant: line for line in found if line.kind == "measurement"}


def climbed(longest, *steps, variants=BOTH):
    """A reach that has measured these sizes, with so many seconds for NumPy and twice as many for JAX."""
    reach = Reach(longest)
    for n, seconds in steps:
        measured(a_case(variants=variants, n=n), ScriptedProbes(by_draw(seconds)), reach)
    return reach


def test_what_was_measured_decides_how_far_a_run_climbs():
    """Ten times the size would take JAX, twice as slow here, longer than a call may take; NumPy not yet."""
    reach = climbed(15.0, (1, 0.1), (10, 1.0))
    probes = ScriptedProbes(by_draw(1.0))
    found = measured(a_case(variants=BOTH, n=100), probes, reach)
    assert (found["numpy"].status, found["jax_jit"].status) == ("measured", "too_large")
    assert found["jax_jit"].reason == "a call would take about 20 s here; the longest call may take 15 s"
    assert {request["variant"] for request in probes.asked("prepare")} == {"numpy"}


def test_a_size_that_could_not_be_foreseen_is_left_out_once_it_was_tried():
    """A single call told; its arrays are let go of, and nobody else is kept waiting for it."""
    reach = climbed(15.0, (10, 1.0))
    slow = lambda draw: {"call_seconds": 20.0}  # noqa: E731
    probes = ScriptedProbes(by_draw(1.0), prepared=slow)
    found = measured(a_case(variants=BOTH[1:], n=100_000), probes, reach)
    assert (found["jax_jit"].status, found["jax_jit"].seconds) == ("too_large", None)
    assert found["jax_jit"].reason == "a call takes about 20 s here; the longest call may take 15 s"
    assert (len(probes.asked("prepare")), len(probes.asked("release")), probes.asked("sample")) == (1, 1, [])


def test_what_numpy_was_found_too_slow_for_is_not_tried_by_the_others():
    """The reference is prepared first."""
    reach = climbed(15.0, (10, 1.0))
    probes = ScriptedProbes(by_draw(1.0), prepared={"call_seconds": 20.0})
    found = measured(a_case(variants=BOTH, n=100_000), probes, reach)
    assert {line.status for line in found.values()} == {"too_large"}
    assert found["jax_jit"].reason.startswith("numpy, which it is compared with, takes about 20 s")
    assert [request["variant"] for request in probes.asked("prepare")] == ["numpy"]


def test_a_case_beyond_reach_costs_no_probe():
    """What is too long for NumPy is too long for all."""
    reach = climbed(1.5, (1, 0.1), (10, 1.0))
    probes = ScriptedProbes(by_draw(1.0))
    found = measured(a_case(variants=BOTH, n=100), probes, reach)
    assert {line.status for line in found.values()} == {"too_large"}
    assert probes.events == []


@pytest.mark.parametrize("status", ["failed", "timed_out", "out_of_memory"])
def test_without_a_reference_nobody_is_waited_for(status):
    """There is nothing to compare with: the others have failed too, and say why."""
    wrong = {"status": status, "reason": "as scripted"}
    probes = ScriptedProbes(by_draw(1.0), prepared=wrong)
    found = measured(a_case(variants=BOTH), probes, Reach(None))
    assert (found["numpy"].status, found["numpy"].reason) == (status, "as scripted")
    assert found["jax_jit"].status == "failed"
    assert found["jax_jit"].reason == f"cannot be compared: numpy {status.replace('_', ' ')}"
    assert [request["variant"] for request in probes.asked("prepare")] == ["numpy"]


def test_without_a_reference_no_probe_is_started_for_the_others():
    """What cannot be compared needs no interpreter."""
    started = []

    class Counting(ScriptedProbes):
        def ready(self, seats, *others):
            for seat, link, answer in super().ready(seats, *others):
                started.append(seat.variant)
                yield seat, link, answer

    measured(a_case(variants=BOTH), Counting(by_draw(1.0), prepared={"status": "failed", "reason": "x"}), Reach(None))
    assert started == ["numpy"]


def test_a_run_without_numpy_climbs_by_what_the_comparison_took():
    """The reference is computed in each process, though nobody measures it."""
    reach = Reach(15.0)
    for n, seconds in ((1, 0.2), (10, 2.0)):
        probes = ScriptedProbes(by_draw(1e-3), prepared={"reference_seconds": seconds})
        measured(a_case(variants=BOTH[1:], n=n), probes, reach)
    found = measured(a_case(variants=BOTH[1:], n=100), ScriptedProbes(by_draw(1e-3)), reach)
    assert (found["jax_jit"].status, found["jax_jit"].reason.partition(" would")[0]) == (
        "too_large",
        "numpy, which it is compared with,",
    )


def test_a_reference_that_fails_later_costs_only_itself():
    """The others were compared before they were sampled."""
    broken = {"status": "failed", "reason": "as scripted"}
    script = lambda seat, draw: forever(broken if (seat.variant, draw) == ("numpy", 1) else 1.0)  # noqa: E731
    found = measured(a_case(variants=BOTH), ScriptedProbes(script), Reach(None), processes=3)
    assert (found["numpy"].status, found["jax_jit"].status) == ("failed", "measured")


def test_arrays_are_let_go_of_before_the_next_size():
    """Probes that wait for another size would else hold this one's meanwhile."""
    probes = ScriptedProbes(by_draw(1.0))
    measured(a_case(variants=BOTH), probes, Reach(None))
    assert len(probes.asked("release")) == 4


def test_a_larger_size_is_not_tried_after_a_time_out():
    """A file that never returns costs one wait, not one for each size."""
    reach = Reach(None)
    wrong = {"status": "timed_out", "reason": "as scripted"}
    measured(a_case(variants=BOTH, n=10), ScriptedProbes(by_draw(1.0), prepared=wrong), reach)
    probes = ScriptedProbes(by_draw(1.0))
    found = measured(a_case(variants=BOTH, n=100), probes, reach)
    assert (found["numpy"].status, found["numpy"].reason) == ("timed_out", "not tried: timed out at 10 already")
    assert found["jax_jit"].reason == "cannot be compared: numpy timed out"
    assert probes.asked("prepare") == []
