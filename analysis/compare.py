"""Is the candidate faster than the baseline? A ratio with its interval becomes a verdict."""

from __future__ import annotations

import math
from typing import Literal

Verdict = Literal["faster", "slower", "same", "unsure"]

#: Two programs within this share of each other are the same to whoever chooses between them.
SAME_WITHIN = 0.02
LARGEST_LOG = 700.0

#: A figure with its 95 % interval, if it has one.
Figure = tuple[float, float | None, float | None]


def verdict(ratio: float, low: float | None, high: float | None, *, same_within: float = SAME_WITHIN) -> Verdict:
    """The verdict on candidate / baseline seconds with its 95 % interval; below 1 the candidate is faster.

    `same` needs the whole interval to lie within `same_within` of 1. An interval that holds 1 but is wider says
    nothing: `unsure`. So does a ratio without an interval, however large: one process is one draw.
    """
    if low is None or high is None or not 0 < low <= ratio <= high:
        return "unsure"
    if 1 / (1 + same_within) <= low and high <= 1 + same_within:
        return "same"
    if high < 1:
        return "faster"
    if low > 1:
        return "slower"
    return "unsure"


def quotient(candidate: Figure, baseline: Figure) -> Figure:
    """Candidate / baseline of two figures above 0, their intervals taken as independent, on the log scale.

    It knows what the intervals know: nothing of what changed between the two. No interval where either has none.
    """
    (above, *above_ends), (below, *below_ends) = candidate, baseline
    middle = math.log(above) - math.log(below)
    ends = [math.log(end) for end in (*above_ends, *below_ends) if end]
    if len(ends) < 4:
        return from_log(middle), None, None
    above_low, above_high, below_low, below_high = ends
    up = math.hypot(above_high - math.log(above), math.log(below) - below_low)
    down = math.hypot(math.log(above) - above_low, below_high - math.log(below))
    return from_log(middle), from_log(middle - down), from_log(middle + up)


def from_log(figure: float) -> float:
    """Its exponential, within what a number can be: an interval of two processes may be as wide as that."""
    return math.exp(max(-LARGEST_LOG, min(LARGEST_LOG, figure)))
