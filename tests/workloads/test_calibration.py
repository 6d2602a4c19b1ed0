"""How many calls a timing covers and how many timings a sample, on a clock that only the call moves."""

import itertools
import random

import pytest

from workloads import calibration
from workloads.calibration import BELIEVED_SECONDS, LONG, STEPS, TIMINGS, calibrate, resolution

SAMPLE_SECONDS = 0.002
FINE = 1e-9


class Call:
    """Timings of a call that takes `seconds`; timing number k takes `interruptions[k]` more."""

    def __init__(self, seconds, interruptions=None):
        self.timings = []
        self._seconds, self._interruptions = seconds, interruptions or {}

    def __call__(self, calls):
        self.timings.append(calls)
        return calls * self._seconds + self._interruptions.get(len(self.timings) - 1, 0)


def test_a_sample_is_filled_with_timings_of_equal_length():
    """1 µs a call: nine timings of 222 calls fill 2 ms."""
    found = calibrate(Call(1e-6), SAMPLE_SECONDS, FINE)
    assert (found.calls, found.timings) == (222, TIMINGS)
    assert found.seconds == pytest.approx(1e-6)
    assert found.calls * found.timings * found.seconds == pytest.approx(SAMPLE_SECONDS, rel=0.01)


@pytest.mark.parametrize("call_seconds", [3e-8, 1e-6, 1e-4, 1.1e-3, 0.019])
@pytest.mark.parametrize("step", [1e-9, 1e-7, 1e-6, 1e-4])
def test_a_timing_is_a_thousand_steps_of_the_clock(call_seconds, step):
    """Reading a coarse clock is off by 0.1 % at most, or one call is longer than that already."""
    found = calibrate(Call(call_seconds), SAMPLE_SECONDS, step)
    assert found.calls * call_seconds >= STEPS * step * 0.5
    assert found.calls == max(1, round(max(SAMPLE_SECONDS / TIMINGS, STEPS * step) / call_seconds))


def test_a_longer_sample_has_more_calls():
    """The length that the plan asks for decides."""
    short, long = (calibrate(Call(1e-6), seconds, FINE) for seconds in (0.002, 0.02))
    assert long.calls == pytest.approx(10 * short.calls, abs=5)


@pytest.mark.parametrize(
    ("call_seconds", "timings"),
    [(1e-5, 9), (1.5e-4, 9), (2.5e-4, 9), (3e-4, 7), (3.7e-4, 5), (6e-4, 3), (1e-3, 3), (0.019, 3)],
)
def test_a_sample_has_an_odd_number_of_timings(call_seconds, timings):
    """At least three, so that one of them is the middle one; as many as fit, and nine at most."""
    assert calibrate(Call(call_seconds), SAMPLE_SECONDS, FINE).timings == timings


@pytest.mark.parametrize("first", range(6))
def test_one_interruption_does_not_make_a_short_call_look_long(first):
    """Whichever timing it strikes, a call of 1 µs is found to take 1 µs."""
    found = calibrate(Call(1e-6, {first: 0.04}), SAMPLE_SECONDS, FINE)
    assert (found.calls, found.timings) == (222, TIMINGS)


def test_a_slow_start_does_not_end_calibration():
    """The first call after the compiled one may still be slow; doubling the calls warms up."""
    call = Call(1e-6, {0: 0.001})
    assert calibrate(call, SAMPLE_SECONDS, FINE).calls == 222
    assert sum(call.timings) > 222


def test_a_long_call_is_made_once():
    """To find out, and in a sample: nothing is repeated that takes ten samples alone."""
    call = Call(3.0)
    assert calibrate(call, SAMPLE_SECONDS, FINE) == calibration.Calibration(1, 1, 3.0)
    assert call.timings == [1]


def test_what_is_long_begins_at_ten_samples():
    """Just below it, a sample still has a middle timing."""
    assert calibrate(Call(LONG * SAMPLE_SECONDS), SAMPLE_SECONDS, FINE).timings == 1
    assert calibrate(Call(0.99 * LONG * SAMPLE_SECONDS), SAMPLE_SECONDS, FINE).timings == 3
    assert LONG * SAMPLE_SECONDS < BELIEVED_SECONDS  # such a call is timed again before it is believed


@pytest.mark.parametrize("steps", [[2e-6], [2e-6, 5e-6], [7e-6, 3e-6, 2e-6]])
def test_the_resolution_is_the_smallest_step_of_the_clock(steps):
    """A clock that is read many times before it moves, and that does not always move equally far."""
    for seed in range(5):
        rng = random.Random(seed)
        ticks = itertools.accumulate(rng.choice([0, 0, 0, *steps]) for _ in itertools.count())
        assert resolution(lambda: next(ticks)) == pytest.approx(2e-6)  # noqa: B023
