"""Is it safe to upgrade? Ratios of a new environment to an old one become verdicts within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.compare import Verdict

#: In the place of infinity.
LARGEST = 1.7976931348623157e308

Interval = tuple[float, float | None, float | None]

#: Half the width of a 95 % interval in standard errors. Intervals of few processes are wider: that is the safe side.
NORMAL = 1.96


def judge(ratio: float, low: float | None, high: float | None, tolerance: float) -> Verdict:
    """The verdict on new / old seconds with their 95 % interval; `tolerance` of 0.05 is 5 %.

    slower, faster: surely by more than the tolerance. same: surely by no more. unsure: the interval holds both.
    """
    if low is None or high is None or not 0 < low <= ratio <= high:
        return "unsure"
    if 1 / (1 + tolerance) <= low and high <= 1 + tolerance:
        return "same"
    if low > 1 + tolerance:
        return "slower"
    if high < 1 / (1 + tolerance):
        return "faster"
    return "unsure"


def pooled(found: Sequence[Interval]) -> Interval:
    """Several measurements of one ratio as one: the mean of their logarithms, each weighted by how sure it is.

    Those without an interval weigh nothing; where none has one, the last is what is known.
    """
    sure = [(math.log(ratio), low, high) for ratio, low, high in found if low is not None and high is not None]
    if not sure:
        return found[-1]
    errors = [max(math.log(high / low) / 2 / NORMAL, 1e-9) for _, low, high in sure]
    weights = np.square(np.reciprocal(errors))
    middle = float(np.average([log for log, _, _ in sure], weights=weights))
    error = NORMAL / math.sqrt(float(weights.sum()))
    return math.exp(middle), math.exp(middle - error), math.exp(middle + error)


def settled(found: Sequence[Interval], tolerance: float) -> tuple[Interval, Verdict]:
    """What several looks at one ratio come to, the first one first: the figure and the verdict.

    Of many comparisons some stand out by chance at the first look. So what was looked at again because it stood out is
    judged by the later looks alone; and it is slower or faster only if no look says the opposite.
    """
    figure = pooled(found[1:] or found)
    verdict = judge(*figure, tolerance)
    if verdict in ("slower", "faster") and (len(found) < 2 or any((look[0] > 1) != (figure[0] > 1) for look in found)):
        return figure, "unsure"
    return figure, verdict


def difference(old: Sequence[Any], new: Sequence[Any]) -> float:
    """The largest relative difference of the numbers that were kept of two results.

    The largest number there is, which JSON can carry, where one of them is not finite, or there are others.
    Relative to a number and the mean of all, as results are compared with the reference.
    """
    if len(old) != len(new):
        return LARGEST
    if any(isinstance(one, str) or isinstance(other, str) for one, other in zip(old, new, strict=True)):
        return 0.0 if list(old) == list(new) else LARGEST
    before, after = np.asarray(old, float), np.asarray(new, float)
    size = np.abs(before) + np.abs(before).mean() if before.size else before
    apart = np.abs(after - before)
    return float(np.max(np.divide(apart, size, out=np.where(apart > 0, LARGEST, 0.0), where=size > 0), initial=0.0))
