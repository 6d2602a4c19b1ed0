"""Is the candidate faster than the baseline? A ratio with its interval becomes a verdict."""

from __future__ import annotations

from typing import Literal

Verdict = Literal["faster", "slower", "same", "unsure"]

#: Two programs within this share of each other are the same to whoever chooses between them.
SAME_WITHIN = 0.02


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
