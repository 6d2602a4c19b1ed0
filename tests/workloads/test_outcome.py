"""A case's lines: a measurement for each seat, a ratio for each pair, and when its intervals are narrow enough."""

import math
from dataclasses import asdict, replace

import pytest

from tests import builders
from tests.workloads.measuring import HERE, a_case
from workloads import bundle, outcome
from workloads.outcome import Record, comparisons, is_precise
from workloads.plan import Place
from workloads.probes import Seat
from workloads.workload import Work

THERE = Place("other", "python3")
AGAIN = replace(HERE, name="current (again)", again=True)
CASE = a_case(variants=("numpy", "jax_jit"))
NUMPY, JAX = Seat(HERE, "numpy"), Seat(HERE, "jax_jit")


def record(*medians, **said):
    """A record of one process for each of these medians."""
    return Record(device="cpu", threads=2, processes=[builders.a_process(median) for median in medians], **said)


def lines(records, state=None, sampled="in_turn", work=None):
    return list(outcome.lines(replace(CASE, work=work), records, state or {}, sampled))


def test_ratios_are_to_numpy_beside_and_to_oneself_in_the_first_environment():
    """Two environments, three variants: nothing is compared across both at once."""
    records = {Seat(place, v): Record() for place in (HERE, THERE) for v in ("numpy", "jax_eager", "jax_jit")}
    pairs = {f"{c.place.name} {c.variant} / {b.place.name} {b.variant}" for b, c in comparisons(records)}
    assert pairs == {
        "current jax_eager / current numpy",
        "current jax_jit / current numpy",
        "other jax_eager / other numpy",
        "other jax_jit / other numpy",
        "other numpy / current numpy",
        "other jax_eager / current jax_eager",
        "other jax_jit / current jax_jit",
    }


def test_what_is_measured_again_is_compared_with_the_first_time():
    """The ratio of the same to the same: the noise floor."""
    records = {Seat(place, "numpy"): Record() for place in (HERE, AGAIN)}
    assert list(comparisons(records)) == [(Seat(HERE, "numpy"), Seat(AGAIN, "numpy"))]


def test_what_was_not_measured_is_not_compared():
    """No ratio from a hole, not even where the hole is in the first environment."""
    assert list(comparisons({NUMPY: Record(), JAX: Record(status="failed")})) == []
    assert list(comparisons({NUMPY: Record(status="failed"), JAX: Record()})) == []
    assert list(comparisons({NUMPY: Record(status="failed"), Seat(THERE, "numpy"): Record()})) == []


def test_the_first_failure_is_the_one_that_is_told():
    """What follows from it is not news."""
    failing = Record()
    failing.fail("disagrees", "relative error 1")
    failing.fail("failed", "later")
    assert (failing.status, failing.reason) == ("disagrees", "relative error 1")


def test_a_measurement_has_its_seconds_its_work_and_what_the_machine_did():
    """And the ratio's figures are those of the paired samples."""
    state = {"load": 3.5, "watched_seconds": 10.0, "others_share": 0.5, "steal_share": 0.0}
    records = {NUMPY: record(1.0, 1.0, max_error=0.0), JAX: record(2.0, 2.0, xla={"flops": 9.0})}
    numpy, jax, ratio = lines(records, state, "at_once", asdict(Work(10.0, 20.0, "matrix")))
    assert (numpy.seconds, numpy.low_seconds, numpy.high_seconds) == (1.0, 1.0, 1.0)
    assert (numpy.flops, numpy.bytes_moved, numpy.resource) == (10.0, 20.0, "matrix")
    assert (numpy.load, numpy.meanwhile, numpy.sampled) == (3.5, state, "at_once")
    assert numpy.disturbed == "others used 50% of the cores"
    assert (numpy.xla, jax.xla) == (None, {"flops": 9.0})
    assert (ratio.variant, ratio.baseline_variant, ratio.ratio) == ("jax_jit", "numpy", 2.0)
    assert bundle.case_key(ratio.case) == bundle.case_key(CASE.case)


def test_what_has_no_number_carries_nothing_that_looks_like_one():
    """A failure after two good processes: no seconds, no samples, no ratio, but its reason and its largest error."""
    records = {NUMPY: record(1.0), JAX: record(2.0, 2.0, status="failed", reason="why", max_error=0.5)}
    numpy, jax = lines(records, {"load": 1.0, "throttled": 1}, work=asdict(Work(1.0, 1.0)))
    assert numpy.seconds == 1.0
    assert (jax.status, jax.reason, jax.max_error, jax.load) == ("failed", "why", 0.5, 1.0)
    assert (jax.seconds, jax.low_seconds, jax.high_seconds, jax.processes) == (None, None, None, [])
    assert (jax.flops, jax.meanwhile, jax.disturbed, jax.xla) == (None, None, "", None)


def test_a_workload_that_declares_no_work_has_none():
    """No share of a peak is made up."""
    (numpy,) = lines({NUMPY: record(1.0)})
    assert (numpy.flops, numpy.bytes_moved, numpy.resource) == (None, None, "")


def test_a_quiet_machine_is_not_marked():
    """`disturbed` is empty, whether steadiness was looked at or not."""
    quiet = {"load": 0.1, "watched_seconds": 10.0, "others_share": 0.0, "steal_share": 0.0}
    for steady in (None, True):
        (numpy,) = lines({NUMPY: Record(processes=[builders.a_process(1.0, steady=steady)])}, quiet)
        assert numpy.disturbed == ""


def test_what_never_got_steady_is_marked_beside_what_the_machine_did():
    """In how many of its processes, and first."""
    processes = [builders.a_process(1.0, steady=steady) for steady in (False, True, False)]
    (numpy,) = lines({NUMPY: Record(processes=processes)}, {"throttled": 1})
    assert numpy.disturbed == "not steady in 2 of 3 processes; the processor was throttled"


def near(*factors):
    """Medians that lie around 1 ms."""
    return record(*(1e-3 * factor for factor in factors))


@pytest.mark.parametrize(
    ("records", "precise"),
    [
        ({NUMPY: near(1, 1, 1)}, True),
        ({NUMPY: near(1)}, False),
        ({NUMPY: near(1, 1.05, 0.95)}, False),
        ({NUMPY: near(1, 1, 1), JAX: near(1, 1.05, 0.95)}, False),
        ({NUMPY: near(1, 1, 1), JAX: record(1, 1.05, 0.95, status="failed")}, True),
        ({NUMPY: record(status="failed")}, True),
    ],
)
def test_a_case_is_precise_when_every_interval_of_it_is_narrow(records, precise):
    """Over processes: one has none. What is not measured is not waited for."""
    assert is_precise(records, 0.01) == precise


def test_a_ratio_can_be_imprecise_where_both_medians_are_precise():
    """Processes that move against each other: every interval counts, that of the ratio too."""
    there, back = near(*[1.006, 0.994] * 5), near(*[0.994, 1.006] * 5)
    assert is_precise({NUMPY: there}, 0.005)
    assert is_precise({NUMPY: back}, 0.005)
    assert not is_precise({NUMPY: there, JAX: back}, 0.005)


def test_the_width_that_is_asked_for_is_half_of_the_interval():
    """On the log scale: the interval of two processes by Student's t, at one degree of freedom."""
    half = 12.706 * abs(math.log(1.002)) / 2
    assert is_precise({NUMPY: near(1, 1.002)}, half * 1.01)
    assert not is_precise({NUMPY: near(1, 1.002)}, half * 0.99)
