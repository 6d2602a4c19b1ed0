"""Did a trend go to another level, from its first nights to its last, and where did it step most?

A night is a draw: the interval of a single night is not used, because it tells how much processes of that night differ,
and nights differ by more. What is assumed: the figures of a few neighbouring nights are independent, their logarithms
normal around one level. A machine that stays in another state for ten nights breaks that, and no figure of one machine
can show it: a step that is sure here is real on this machine, and need not be the doing of a release.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.compare import SAME_WITHIN

#: With fewer nights than this nothing is said.
LEAST_NIGHTS = 5
#: As many nights at either end, or on either side of a step, as a week has; fewer where there are fewer.
FEW = 7
#: A step has at least so many nights on either side: one night is a spike.
LEAST_BESIDE = 3
CONFIDENCE = 0.95
#: How much wider the interval of a median is than that of a mean, where the draws are normal and many; where they are
#: few, it is at most that much wider.
OF_MEDIAN = math.sqrt(math.pi / 2)


@dataclass(frozen=True)
class Shift:
    """The median of some later nights over that of some earlier ones, with its interval; above 1 is more.

    nights: how many there are on the earlier side and on the later one.
    """

    ratio: float
    low: float
    high: float
    nights: tuple[int, int]


@dataclass(frozen=True)
class Step:
    """The largest shift from one night to the next: `at` is the first night of the new level, counted from 0."""

    at: int
    shift: Shift


def first_to_last(figures: Sequence[float]) -> Shift | None:
    """From the first few nights to the last few: figures (above 0, a night each, in order) in, None for too few."""
    if len(figures) < LEAST_NIGHTS:
        return None
    few = min(FEW, len(figures) // 2)
    return shift(figures[:few], figures[-few:])


def largest_step(figures: Sequence[float]) -> Step | None:
    """Where a trend steps most; None where no step is sure.

    Every night is tried, so each interval is as wide as it takes for all of them together to be right with 95 %
    (Bonferroni). A step of less than 2 % is none. Where it is, is told by means: they differ most at the very night.
    """
    places = range(LEAST_BESIDE, len(figures) - LEAST_BESIDE + 1)
    logs = np.log(np.asarray(figures, dtype=float))
    found: list[tuple[float, Step]] = []
    for at in places:
        before, after = slice(max(0, at - FEW), at), slice(at, at + FEW)
        apart = abs(logs[after].mean() - logs[before].mean())
        if apart < math.log(1 + SAME_WITHIN) or (found and apart <= found[0][0]):
            continue
        here = shift(figures[before], figures[after], confidence=1 - (1 - CONFIDENCE) / len(places))
        if (here.low > 1 or here.high < 1) and abs(math.log(here.ratio)) > math.log(1 + SAME_WITHIN):
            found = [(apart, Step(at, here))]
    return found[0][1] if found else None


def shift(before: Sequence[float], after: Sequence[float], confidence: float = CONFIDENCE) -> Shift:
    """Later over earlier figures (two or more of each): the ratio of their medians, with Welch's interval on logs.

    That is an interval of means, widened by what a median is less certain than a mean.
    """
    logs = [np.log(np.asarray(side, dtype=float)) for side in (before, after)]
    shares = [float(side.var(ddof=1)) / len(side) for side in logs]
    middle = float(np.median(logs[1]) - np.median(logs[0]))
    half = 0.0
    if sum(shares) > 0:
        degrees = sum(shares) ** 2 / sum(share**2 / (len(side) - 1) for share, side in zip(shares, logs, strict=True))
        half = OF_MEDIAN * float(stats.t.ppf((1 + confidence) / 2, degrees)) * math.sqrt(sum(shares))
    low, ratio, high = (math.exp(min(middle + end, 700.0)) for end in (-half, 0.0, half))
    return Shift(ratio, low, high, (len(before), len(after)))
