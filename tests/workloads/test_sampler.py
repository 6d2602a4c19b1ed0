"""Lock step, stopping and pairing, with scripted answers in the place of probes."""

import random
from dataclasses import replace

import pytest

from workloads import sampler
from workloads.plan import Place, Plan, PlannedCase, Sampling
from workloads.probes import Seat

HERE = Place("current", "python")
CASE = PlannedCase("broadcast_sum", 1, {"n": 2}, "n", 2.0, ["numpy", "jax_jit"])


class Scripted:
    """Answers like a probe whose every sample takes the next of these times; says who was asked in which order."""

    def __init__(self, name, seconds, heard):
        self._name, self._seconds, self._heard = name, iter(seconds), heard

    def send(self, **request):
        self._heard.append(self._name)
        self._calls = request["calls"]

    def receive(self, timeout_seconds):
        answer = next(self._seconds)
        return answer if isinstance(answer, dict) else {"status": "ready", "seconds": answer * self._calls}


def side(name, seconds, heard, calls=1):
    return sampler.Prepared(link=Scripted(name, seconds, heard), calls=calls, seed=0, facts={})


def forever(value):
    while True:
        yield value


def test_each_round_goes_there_and_back():
    """A and B in some order, then in the reverse order: a drift falls on both alike."""
    heard = []
    sides = {name: side(name, forever(0.01), heard) for name in "AB"}
    sampler.lock_step(sides, Sampling(seconds_per_case=0.2), random.Random(0))
    rounds = ["".join(heard[i : i + 4]) for i in range(0, len(heard), 4)]
    assert set(rounds) == {"ABBA", "BAAB"}


def test_sampling_stops_when_all_is_known_well_enough():
    """Equal samples are as precise as can be: ten of each are enough."""
    heard = []
    sides = {name: side(name, forever(0.01), heard) for name in "AB"}
    sampler.lock_step(sides, Sampling(seconds_per_case=100, precision=0.01), random.Random(0))
    assert [len(s.samples) for s in sides.values()] == [10, 10]


def test_sampling_goes_on_while_the_ratio_is_not_known():
    """Each side alone is steady but for one; the ratio decides, until the time is spent."""
    rng = random.Random(1)
    noisy = (rng.uniform(0.005, 0.015) for _ in range(10_000))
    heard = []
    sides = {"A": side("A", forever(0.01), heard), "B": side("B", noisy, heard)}
    sampler.lock_step(sides, Sampling(seconds_per_case=2.0, precision=0.001), random.Random(0))
    assert sum(map(sum, (s.samples for s in sides.values()))) == pytest.approx(2.0, rel=0.05)


def test_a_ratio_can_be_unknown_where_both_sides_are_known():
    """Each side's median is within 0.8 %, but they move against each other: the ratio is not within 1 %."""
    a, b = [1.008, 0.992] * 10, [0.992, 1.008] * 10
    assert sampler.enough([a], 0.01)
    assert sampler.enough([b], 0.01)
    assert not sampler.enough([a, b], 0.01)


def test_a_slow_case_is_sampled_at_least_there_and_back():
    """Longer than its whole time: one round, and no more."""
    heard = []
    sides = {"A": side("A", forever(60.0), heard)}
    sampler.lock_step(sides, Sampling(seconds_per_case=1.0), random.Random(0))
    assert sides["A"].samples == [60.0, 60.0]


def test_samples_are_seconds_per_call():
    """A sample of 8 calls that took 4 s in all is 0.5 s."""
    heard = []
    sides = {"A": side("A", forever(0.5), heard, calls=8)}
    sampler.lock_step(sides, Sampling(seconds_per_case=1.0), random.Random(0))
    assert sides["A"].samples == [0.5, 0.5]


def test_a_side_that_breaks_does_not_stop_the_other():
    """A crash costs the side it strikes."""
    heard = []
    broken = {"status": "failed", "reason": "the probe was killed by signal 11"}
    sides = {"A": side("A", forever(0.01), heard), "B": side("B", [0.01, broken], heard)}
    sampler.lock_step(sides, Sampling(seconds_per_case=10), random.Random(0))
    assert len(sides["A"].samples) >= 10
    assert sides["B"].broken == ("failed", "the probe was killed by signal 11")


def test_sides_that_all_break_end_the_sampling():
    """No endless loop over nobody."""
    sides = {"A": side("A", [{"status": "timed_out", "reason": "x"}], [])}
    sampler.lock_step(sides, Sampling(), random.Random(0))
    assert sides["A"].broken == ("timed_out", "x")


def test_what_was_found_must_be_what_was_asked():
    """A pin that resolved to another version, and a device that JAX did not take, are misplaced."""
    started = {"found": {"numpy": "2.4.6", "python": "3.12.1"}, "device": {"platform": "cpu"}}
    asked = replace(HERE, asked={"numpy": "2.4.3"})
    assert sampler.misplacement(asked, started, None) == "asked for numpy 2.4.3, found 2.4.6"
    assert (
        sampler.misplacement(replace(HERE, asked={"scipy": "1.0"}), started, None) == "asked for scipy 1.0, found none"
    )
    assert sampler.misplacement(replace(HERE, asked={"python": "3.12"}), started, None) == ""
    assert sampler.misplacement(replace(HERE, asked={"python": "3.1"}), started, None) != ""
    assert sampler.misplacement(HERE, started, "gpu") == "asked for gpu, found cpu"
    assert sampler.misplacement(HERE, started, "cpu") == ""


@pytest.mark.parametrize(
    ("found", "asked", "same"),
    [("2.4.0", "2.4", True), ("2.4", "2.4.0", True), ("2.4.1", "2.4", False), ("2.40", "2.4", False)],
)
def test_a_version_may_leave_out_its_zeros(found, asked, same):
    """2.4 is released as 2.4.0."""
    assert sampler.is_version(found, asked, prefix=False) == same


def test_ratios_are_to_numpy_beside_and_to_oneself_in_the_first_environment():
    """Two environments, three variants: nothing is compared across both at once."""
    there = Place("other", "python3")
    records = {Seat(place, v): sampler.Record() for place in (HERE, there) for v in ("numpy", "jax_eager", "jax_jit")}
    pairs = {f"{c.place.name} {c.variant} / {b.place.name} {b.variant}" for b, c in sampler.comparisons(records)}
    assert pairs == {
        "current jax_eager / current numpy",
        "current jax_jit / current numpy",
        "other jax_eager / other numpy",
        "other jax_jit / other numpy",
        "other numpy / current numpy",
        "other jax_eager / current jax_eager",
        "other jax_jit / current jax_jit",
    }


def test_what_was_not_measured_is_not_compared():
    """No ratio from a hole."""
    records = {Seat(HERE, "numpy"): sampler.Record(), Seat(HERE, "jax_jit"): sampler.Record(status="failed")}
    assert list(sampler.comparisons(records)) == []


def test_the_first_failure_is_the_one_that_is_told():
    """What follows from it is not news."""
    record = sampler.Record()
    record.fail("disagrees", "relative error 1")
    record.fail("failed", "later")
    assert (record.status, record.reason) == ("disagrees", "relative error 1")


def test_an_environment_that_cannot_start_is_a_hole_not_a_crash():
    """`false` is no interpreter: every seat of it fails with a reason, and the run goes on."""
    plan = Plan("r", "s", [CASE], [Place("broken", "/bin/false")], 1, Sampling(processes=1, timeout_seconds=10))
    reported = []
    sampler.measure(plan, [CASE], reported.extend)
    assert [line.status for line in reported] == ["failed", "failed"]
    assert "exit code 1" in reported[0].reason
