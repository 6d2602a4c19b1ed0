"""How many calls a timing covers, and how many timings a sample: from the clock's resolution and a sample's length.

Timings are short on purpose. On a machine that others use, a timing of a fraction of a millisecond mostly runs through
undisturbed, and the middle one of several is what the computation takes; one long timing always holds some of what
the others did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

#: Timings in a sample, where a call is short enough: odd, so that one of them is the middle one.
TIMINGS = 9

#: A timing is at least this many steps of the clock long, so that reading it is off by 0.1 % at most.
STEPS = 1000

#: A call longer than this many samples is timed once a sample: what lies in the caches no longer matters to it.
LONG = 10

#: A timing below this is repeated before it is believed: one interruption would else make a short call look long.
BELIEVED_SECONDS = 0.05
TRIES = 3


@dataclass(frozen=True)
class Calibration:
    calls: int  # of one timing
    timings: int  # of one sample
    seconds: float  # of one call, roughly


def calibrate(timed: Callable[[int], float], sample_seconds: float, resolution_seconds: float) -> Calibration:
    """Doubles the calls until a timing is long enough, which also warms up.

    timed: seconds that so many calls take. sample_seconds: length of a sample.
    """
    shortest = max(sample_seconds / TIMINGS, STEPS * resolution_seconds)
    calls = 1
    while True:
        seconds = timed(calls)
        for _ in range(TRIES):
            if shortest <= seconds < BELIEVED_SECONDS:
                seconds = min(seconds, timed(calls))
        if seconds >= shortest:
            break
        calls *= 2
    call_seconds = seconds / calls
    calls = max(1, round(shortest / call_seconds))
    if call_seconds >= LONG * sample_seconds:
        return Calibration(1, 1, call_seconds)
    fitting = int(sample_seconds / (calls * call_seconds))
    return Calibration(calls, min(TIMINGS, max(3, fitting | 1)), call_seconds)


def resolution(clock: Callable[[], float], steps: int = 100) -> float:
    """The smallest step, in seconds, that this clock was seen to make."""
    smallest = float("inf")
    for _ in range(steps):
        start = now = clock()
        while now == start:
            now = clock()
        smallest = min(smallest, now - start)
    return smallest
