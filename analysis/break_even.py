"""After how many calls has a candidate repaid what its first call costs more?

k calls take first + (k − 1) · steady seconds. Where a candidate's first call costs `extra` seconds more than the
baseline's, and each later one saves `gain` seconds, its total is less from k = ⌊extra / gain⌋ + 2 on.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.compare import Figure
from workloads import estimate

Kind = Literal["at once", "after", "never", "unsure"]


@dataclass(frozen=True)
class BreakEven:
    """From how many calls on the candidate's total is less than the baseline's, and stays so.

    calls: for the figures as they are; None where there is no such number. low, high: its interval; high is None where
    none can be given. `at once` and `after` say that there is such a number, `never` that there is none: all of that
    for sure. `unsure` knows `low` alone: before so many calls the candidate is not ahead.
    """

    kind: Kind
    calls: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Pair:
    """Baseline and candidate of one case: figures in seconds with their intervals, and the ratio of their steady times.

    ratio: candidate / baseline, paired, so that what both sides met does not widen it. once, each: seconds that the
    candidate takes besides, as they are: with its first call, and with every call. A transfer is such a thing.
    """

    first: Figure  # the baseline's first call
    steady: Figure  # the baseline's later calls
    candidate_first: Figure
    ratio: Figure
    once: float = 0.0
    each: float = 0.0


def break_even(pair: Pair) -> BreakEven:
    """The number of calls that repays the candidate's first call, with its interval.

    The interval is that of all figures at their worst and at their best together: rather too wide than too narrow.
    Where a figure has no interval, nothing is sure, but that a candidate which is surely slower never repays it.
    """
    (extra, extra_low, extra_high), (gain, gain_low, gain_high) = _extra(pair), _gain(pair)
    calls = _calls(extra, gain)
    is_known = not any(None in figure for figure in (pair.first, pair.steady, pair.candidate_first, pair.ratio))
    low, high = _calls(extra_low, gain_high), _calls(extra_high, gain_low)
    if None not in pair.ratio and (gain_high < 0 or (is_known and low is None)):
        return BreakEven("never", None, None, None)
    if not is_known:
        return BreakEven("unsure", calls, 1, None)
    if high is None:
        return BreakEven("unsure", calls, low, None)
    return BreakEven("at once" if high == 1 else "after", calls, low, high)


def first_call(processes: Sequence[float]) -> Figure:
    """Seconds of a measurement's first calls, one per process: the middle one, with Student's interval on logs."""
    found = estimate.seconds([[seconds] for seconds in processes])
    return statistics.median(processes), found.low, found.high


def total(first: Figure, steady: Figure, calls: int) -> Figure:
    """Seconds of so many calls (1 or more); its ends are those of both figures together, if both have any."""
    later = calls - 1
    low, high = (
        None if one is None or (other is None and later) else one + later * (other or 0.0)
        for one, other in zip(first[1:], steady[1:], strict=True)
    )
    return first[0] + later * steady[0], low, high


def ends(figure: Figure) -> tuple[float, float]:
    """The ends of an interval, the figure itself within them; without one, the figure twice."""
    middle, low, high = figure
    return (middle, middle) if low is None or high is None else (min(low, middle), max(high, middle))


def _extra(pair: Pair) -> Figure:
    """What the candidate's first call costs more, and the least and the most that may be."""
    besides = pair.once + pair.each
    low, high = ends(pair.first)
    candidate_low, candidate_high = ends(pair.candidate_first)
    middle = pair.candidate_first[0] - pair.first[0] + besides
    return middle, candidate_low - high + besides, candidate_high - low + besides


def _gain(pair: Pair) -> tuple[float, float, float]:
    """What each later call saves, and the least and the most that may be; below 0 it costs."""
    corners = [steady * (1 - ratio) - pair.each for steady in ends(pair.steady) for ratio in ends(pair.ratio)]
    return pair.steady[0] * (1 - pair.ratio[0]) - pair.each, min(corners), max(corners)


def _calls(extra: float, gain: float) -> int | None:
    """The smallest k with extra < (k − 1) · gain; None where there is none, or where it is lost later."""
    if gain < 0 or (gain == 0 and extra >= 0):
        return None
    if extra < 0:
        return 1
    between = extra // gain  # exact, where a quotient might round up
    return int(between) + 2 if math.isfinite(between) else None
