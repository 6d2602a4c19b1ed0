"""Is it safe to upgrade? Ratios of a new environment to an old one become verdicts within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.compare import Verdict
from workloads.estimate import student_t_975

#: In the place of infinity.
LARGEST = 1.7976931348623157e308

#: How likely it may be that a check of equals finds anything slower or faster: over all its comparisons and looks.
CHANCE = 0.05


@dataclass(frozen=True)
class Look:
    """One measurement of a ratio, new / old seconds: with its 95 % interval over so many processes, if it has one."""

    ratio: float
    low: float | None
    high: float | None
    processes: int

    @property
    def error(self) -> float | None:
        """The standard error of the ratio's logarithm; None where there is no interval."""
        if self.low is None or self.high is None or self.processes < 2:
            return None
        return math.log(self.high / self.low) / 2 / student_t_975(self.processes - 1)


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


def pooled(looks: Sequence[Look]) -> Look:
    """Several measurements of one ratio as the one that all their processes together would have given.

    How far the looks lie apart counts as much as how far the processes of each do. Those without an interval are passed
    over; where none has one, the last is what is known.
    """
    sure = [(look.processes, math.log(look.ratio), look.error) for look in looks if look.error is not None]
    if not sure:
        return looks[-1]
    count = sum(processes for processes, _, _ in sure)
    middle = sum(processes * log for processes, log, _ in sure) / count
    squares = sum(n * (n - 1) * error**2 + n * (log - middle) ** 2 for n, log, error in sure)
    width = student_t_975(count - 1) * math.sqrt(squares / (count - 1) / count)
    return Look(math.exp(middle), math.exp(middle - width), math.exp(middle + width), count)


def surer(look: Look, chance: float) -> Look:
    """The same with the interval that is wrong with this chance only, instead of 5 %."""
    if look.error is None:
        return look
    from scipy import special  # takes a while, and only checks of upgrades need it

    width = look.error * float(special.stdtrit(look.processes - 1, 1 - chance / 2))
    return replace(look, low=look.ratio * math.exp(-width), high=look.ratio * math.exp(width))


def settled(looks: Sequence[Look], tolerance: float, chance: float = CHANCE) -> tuple[Look, Verdict]:
    """What several looks at one ratio come to, the first one first: the figure and the verdict.

    Of many comparisons some stand out by chance at the first look. So what was looked at again because it stood out is
    judged by the later looks alone. It is slower or faster only if no look says the opposite, and if even the interval
    that is wrong with `chance` says so: CHANCE over the number of comparisons and of later looks (Bonferroni).
    """
    figure = pooled(looks[1:] or looks)
    verdict = judge(figure.ratio, figure.low, figure.high, tolerance)
    if verdict in ("slower", "faster"):
        wider = surer(figure, chance)
        agree = all((look.ratio > 1) == (figure.ratio > 1) for look in looks)
        if len(looks) < 2 or not agree or judge(wider.ratio, wider.low, wider.high, tolerance) != verdict:
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
