"""Rounds, warm-up and stopping, with scripted answers in the place of probes: every second is the script's."""

import random
from itertools import chain, count, pairwise, repeat

import pytest

from tests.workloads.scripted import forever, side
from workloads import limits, lock_step, machine
from workloads.limits import Deadline
from workloads.lock_step import MOST_WINDOWS, WINDOW, enough, gets_faster, is_steady
from workloads.plan import Sampling

PLAIN = Sampling()
NEVER = Deadline(None)


def step(*sides, seconds=100.0, settings=PLAIN, seed=0, deadline=NEVER, **said):
    return lock_step.lock_step(sides, settings, random.Random(seed), seconds, deadline, **said)


def noise(low=0.9, high=1.1, seed=1):
    rng = random.Random(seed)
    while True:
        yield rng.uniform(low, high)


@pytest.fixture
def cores(monkeypatch):
    """A machine of two cores, of these numbers."""
    monkeypatch.setattr(machine, "affinity", lambda: [3, 5])
    return [3, 5]


def test_each_round_goes_there_and_back():
    """All sides in some order, then in the reverse order: a drift falls on all alike, and no order is the usual one."""
    events = []
    step(*(side(name, noise(), events) for name in "ABC"), seconds=300)
    asked = [name for name, what, _ in events if what == "sample"]
    rounds = ["".join(asked[i : i + 6]) for i in range(0, len(asked), 6)]
    assert all(there_and_back == there_and_back[::-1] for there_and_back in rounds)
    assert {there_and_back[:3] for there_and_back in rounds} == {"ABC", "ACB", "BAC", "BCA", "CAB", "CBA"}


def test_in_turn_one_side_is_heard_before_the_next_is_asked():
    """Else two would compute at the same time."""
    events = []
    step(*(side(name, noise(), events) for name in "AB"), seconds=5)
    done = [(name, what) for name, what, _ in events if what in ("sample", "heard")]
    assert all((a[0], b) == (b[0], (a[0], "heard")) for a, b in zip(done[::2], done[1::2]))


def test_in_turn_nobody_is_moved(cores):
    """Where a side is sampled is decided once for all of a process."""
    events = []
    step(side("A", noise(), events, cores=[3]), side("B", noise(), events), seconds=5)
    assert {what for _, what, _ in events} == {"sample", "heard"}


def test_at_once_all_are_told_before_any_is_heard(cores):
    """In both passes of a round, with the cores exchanged in between, so that each side has been on each."""
    events = []
    sides = [side(name, noise(), events, cores=[3]) for name in "AB"]
    step(*sides, seconds=0.5, settings=Sampling(threads=1), at_once=True)
    passes = [events[:6], events[6:]]
    for one in passes:
        assert [what for _, what, _ in one] == ["keep_on"] * 2 + ["sample"] * 2 + ["heard"] * 2
    kept = [{name: where for name, what, where in one if what == "keep_on"} for one in passes]
    assert kept == [{"A": [3], "B": [5]}, {"A": [5], "B": [3]}]
    assert [len(each.samples) for each in sides] == [2, 2]


def test_at_once_the_order_of_telling_is_drawn(cores):
    """Whoever is told first starts first."""
    events = []
    sides = [side(name, noise(), events, cores=[3]) for name in "AB"]
    step(*sides, seconds=40, settings=Sampling(threads=1), at_once=True)
    told = [name for name, what, _ in events if what == "sample"]
    assert {"".join(pair) for pair in zip(told[::2], told[1::2])} == {"AB", "BA"}


def test_at_once_costs_the_longest_and_in_turn_the_sum(cores):
    """The budget is time that passes."""
    both = [side("A", forever(1.0)), side("B", forever(3.0))]
    assert step(*both, seconds=1) == 8
    assert step(*both, seconds=1, settings=Sampling(threads=1), at_once=True) == 6


def test_sampling_stops_when_all_is_known_well_enough():
    """Equal samples are as precise as can be: the windows that warm-up is judged by, and hardly more, are enough."""
    sides = [side(name, forever(0.01)) for name in "AB"]
    step(*sides)
    for each in sides:
        assert 2 * WINDOW <= len(each.samples) <= 3 * WINDOW
        assert (each.settled, each.steady, each.warm_up) == (True, True, [])


def test_sampling_goes_on_while_the_ratio_is_not_known():
    """One side is as steady as can be, the other is not: until the time is spent, and that is said."""
    sides = [side("A", forever(1.0)), side("B", noise(0.5, 1.5))]
    spent = step(*sides, seconds=300, settings=Sampling(precision=0.001))
    assert 300 <= spent < 306
    assert [each.settled for each in sides] == [False, False]
    assert len(sides[0].samples) == len(sides[1].samples) == pytest.approx(150, abs=5)


def test_a_coarser_precision_is_reached_sooner():
    """`--precision` decides, not a number of samples."""
    fine, coarse = side("A", noise()), side("A", noise())
    step(fine, seconds=10_000, settings=Sampling(precision=0.01))
    step(coarse, seconds=10_000, settings=Sampling(precision=0.05))
    assert fine.settled
    assert coarse.settled
    assert len(coarse.samples) < len(fine.samples)
    assert enough([fine.samples], 0.01)


def test_a_ratio_can_be_unknown_where_both_sides_are_known():
    """Each side's median is within 0.8 %, but they move against each other: the ratio is not within 1 %."""
    a, b = [1.008, 0.992] * 10, [0.992, 1.008] * 10
    assert enough([a], 0.01)
    assert enough([b], 0.01)
    assert not enough([a, b], 0.01)


def test_a_common_drift_leaves_the_ratio_known_and_the_medians_unknown():
    """What drifts is not known well enough, however well the ratio is."""
    drift = [1 + 0.01 * number for number in range(20)]
    assert not enough([drift, [2 * seconds for seconds in drift]], 0.01)


def test_a_slow_case_is_sampled_there_and_back():
    """Longer than its whole time: one round, and no more."""
    slow = side("A", forever(60.0))
    assert step(slow, seconds=1.0) == 120
    assert slow.samples == [60.0, 60.0]
    assert slow.steady is None  # too few to tell


@pytest.fixture
def time(monkeypatch):
    """The deadline's clock: a list whose last number is the time."""
    now = [0.0]
    monkeypatch.setattr(limits, "clock", lambda: now[-1])
    return now


def passing(time, seconds):
    """Samples of 1 s that take the case these seconds."""
    while True:
        time.append(time[-1] + seconds)
        yield 1.0


def test_sampling_ends_with_the_case(time):
    """After a round at least, however much sampling time there is left."""
    for seconds, samples in ((10.0, 6), (1000.0, 2)):
        only = side("A", passing(time, seconds))
        step(only, deadline=Deadline(55.0))
        assert (len(only.samples), only.settled) == (samples, False)


@pytest.mark.parametrize("at_once", [False, True])
def test_no_answer_is_waited_for_longer_than_the_case_has_time(time, cores, at_once):
    """Nor longer than the longest wait for one answer."""
    events = []
    settings = Sampling(threads=1, timeout_seconds=40)
    step(side("A", passing(time, 15), events), settings=settings, deadline=Deadline(100), at_once=at_once)
    waits = [wait for _, what, wait in events if what == "heard"]
    assert waits == [40, 40, 40, 40, 40, 40, 10, 10]


def test_the_early_rounds_of_a_side_that_gets_faster_are_dropped_from_all():
    """They are kept as warm-up, as many of every side, and sample k of one side still pairs with k of the other."""
    disturbance = [1 + random.Random(7).uniform(0, 0.002) for _ in range(1000)]
    slow_start = chain(repeat(1.5, WINDOW), repeat(1.0))
    steady = side("A", disturbance)
    warming = side("B", (2 * common * slow for common, slow in zip(disturbance, slow_start)))
    step(steady, warming)
    assert len(steady.warm_up) == len(warming.warm_up) == WINDOW
    assert len(steady.samples) == len(warming.samples) >= WINDOW
    assert [b / a for a, b in zip(steady.samples, warming.samples)] == pytest.approx([2] * len(steady.samples))
    assert [b / a for a, b in zip(steady.warm_up, warming.warm_up)] == pytest.approx([3] * WINDOW)
    assert (steady.steady, warming.steady, warming.settled) == (True, True, True)


def test_a_side_that_never_gets_steady_is_marked():
    """It gets faster all the time: warm-up has an end, sampling goes on, and the side says so."""
    steady = side("A", forever(1.0))
    faster = side("B", (0.99**number for number in count()))
    step(steady, faster, seconds=1000)
    assert (steady.steady, faster.steady) == (True, False)
    assert len(steady.warm_up) == len(faster.warm_up) == MOST_WINDOWS * WINDOW
    assert len(steady.samples) == len(faster.samples) > 2 * WINDOW


def test_a_side_that_gets_slower_is_marked_and_loses_nothing():
    """A throttled processor is no warm-up: its early samples are as true as its late ones."""
    steady, slower = side("A", forever(1.0)), side("B", (1.01**number for number in count()))
    step(steady, slower, seconds=100)
    assert (steady.steady, slower.steady) == (True, False)
    assert steady.warm_up == slower.warm_up == []


def test_warm_up_leaves_half_of_the_time():
    """A side that gets faster all the time still has samples in the end."""
    faster = side("A", (0.99**number for number in count()))
    step(faster, seconds=40)
    assert (faster.steady, faster.settled) == (False, False)
    assert sum(faster.warm_up) <= 20
    assert sum(faster.samples) >= 20


@pytest.mark.parametrize(
    ("before", "now", "warms"),
    [
        ([1.0] * 6, [0.9] * 6, True),
        ([1.0] * 6, [0.9] * 4 + [1.2] * 2, True),
        ([1.0] * 6, [0.9] * 3 + [1.2] * 3, False),
        ([1.0] * 6, [0.995] * 6, False),
        ([1.0] * 6, [1.1] * 6, False),
        ([1.0] * 5 + [0.8], [0.9] * 6, False),
    ],
)
def test_a_side_gets_faster_if_most_of_its_window_beats_all_of_the_one_before(before, now, warms):
    """Noticeably, that is by more than the precision asked for; a part of a window, or a little, is chance."""
    assert gets_faster([5.0, *before, *now], 0.01) == warms


def test_steady_is_neither_faster_nor_slower():
    """The same judgement, both ways."""
    assert is_steady([1.0] * 12, 0.01)
    assert not is_steady([1.0] * 6 + [0.9] * 6, 0.01)
    assert not is_steady([0.9] * 6 + [1.0] * 6, 0.01)


def test_chance_alone_seldom_looks_like_warm_up():
    """About 3 windows in 100, as its docstring says, for independent samples."""
    rng = random.Random(5)
    found = sum(gets_faster([rng.gauss(1, 0.1) for _ in range(12)], 0) for _ in range(4000))
    assert 0.015 < found / 4000 < 0.05


def test_a_side_that_breaks_does_not_stop_the_other():
    """A crash in the middle of a round costs the side that it strikes."""
    broken = {"status": "failed", "reason": "the probe was killed by signal 11"}
    sides = [side("A", forever(0.01)), side("B", [0.01, 0.01, 0.01, broken])]
    step(*sides)
    assert sides[0].settled
    assert len(sides[0].samples) >= 2 * WINDOW
    assert sides[1].broken == ("failed", "the probe was killed by signal 11")
    assert len(sides[1].samples) == 3


def test_a_broken_side_is_not_asked_again(cores):
    """Not even on the way back, or in the second pass, of the round in which it broke."""
    for at_once in (False, True):
        events = []
        broken = side("A", forever({"status": "failed", "reason": "x"}), events)
        step(broken, side("B", forever(1.0)), settings=Sampling(threads=1), at_once=at_once)
        assert [what for _, what, _ in events if what == "sample"] == ["sample"]


@pytest.mark.parametrize("at_once", [False, True])
def test_sides_that_all_break_end_the_sampling(at_once, cores):
    """No endless loop over nobody."""
    only = side("A", forever({"status": "timed_out", "reason": "x"}))
    assert step(only, settings=Sampling(threads=1), at_once=at_once) == 0
    assert only.broken == ("timed_out", "x")


def test_a_process_is_summed_up_over_all_its_timings():
    """Mean, switches, warm-up; a sample of 3 timings of 8 calls is asked for as such; facts have a sample's digits."""
    events, exact = [], 0.123456789012345
    facts = {"first_call": {"seconds": exact}, "transfer_in_seconds": exact, "transfer_out_seconds": None}
    said = {"calls": 8, "timings": 3, "seed": 7, "cores": [1], "facts": {**facts, "peak_bytes": 123456789012345}}
    each = side("A", chain([2.0] * WINDOW, forever(1.0)), events, **said)
    step(each, seconds=1000)
    assert {(request["calls"], request["timings"]) for _, what, request in events if what == "sample"} == {(8, 3)}
    process = each.process()
    assert (process.calls_per_sample, process.timings_per_sample, process.seed, process.cores) == (8, 3, 7, [1])
    assert process.warm_up_seconds == [2.0] * WINDOW
    assert set(process.samples_seconds) == {1.0}
    assert process.mean_seconds == pytest.approx(1.0)  # the warm-up is left out
    assert process.switches == WINDOW + len(process.samples_seconds)
    assert (process.steady, process.settled) == (True, True)
    assert (process.first_call, process.transfer_in_seconds) == ({"seconds": 0.12345679}, 0.12345679)
    assert process.peak_bytes == 123456789012345


def test_the_same_seed_visits_in_the_same_order():
    """A run can be repeated from what its bundle records."""

    def order(seed):
        events = []
        step(*(side(name, noise(), events) for name in "ABC"), seconds=30, seed=seed)
        return [name for name, what, _ in events if what == "sample"]

    assert order(1) == order(1) != order(2)
    assert any(a == b for a, b in pairwise(order(1)))  # there and back: the last is visited twice
