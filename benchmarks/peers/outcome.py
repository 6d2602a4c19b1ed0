"""What a tool said of one pair: the ratio it reports, an interval from its own samples, its verdict, its cost."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Pair = tuple[str, float]
"""A kernel's name and the candidate's work; the baseline's is always 1.0."""

Verdict = Literal["slower", "faster", "same"]
Z = statistics.NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Outcome:
    ratio: float
    """Candidate / baseline of the figure that the tool compares by."""
    low: float | None
    high: float | None
    """95 % interval of `ratio`; samples count as independent, as they do in the tool's own test."""
    verdicts: Mapping[str, Verdict]
    """What the tool itself says, by criterion, its default first; empty where it has no test."""
    wall_seconds: float
    others: Mapping[str, float] = field(default_factory=dict)
    """The ratio by other figures of the same samples."""

    @property
    def detected(self) -> bool | None:
        """Does the tool, with its default settings, say that the two differ?"""
        return next((verdict != "same" for verdict in self.verdicts.values()), None)


def of_medians(base: Sequence[float], candidate: Sequence[float]) -> tuple[float, float | None, float | None]:
    """Ratio of medians with its interval (Price and Bonett, 2002, on the log scale)."""
    return _interval(
        math.log(statistics.median(candidate)) - math.log(statistics.median(base)),
        _median_error(candidate),
        _median_error(base),
    )


def of_means(base: Sequence[float], candidate: Sequence[float]) -> tuple[float, float | None, float | None]:
    """Ratio of means with its interval (delta method on the log scale)."""
    return _interval(
        math.log(statistics.fmean(candidate)) - math.log(statistics.fmean(base)),
        _mean_error(candidate),
        _mean_error(base),
    )


def _interval(log_ratio: float, *errors: float | None) -> tuple[float, float | None, float | None]:
    if None in errors:
        return math.exp(log_ratio), None, None
    half = Z * math.hypot(*(error for error in errors if error is not None))
    return math.exp(log_ratio), math.exp(log_ratio - half), math.exp(log_ratio + half)


def _mean_error(samples: Sequence[float]) -> float | None:
    if len(samples) < 2:
        return None
    return statistics.stdev(samples) / math.sqrt(len(samples)) / statistics.fmean(samples)


def _median_error(samples: Sequence[float]) -> float | None:
    """Standard error of the log of the median, from two order statistics around it."""
    count = len(samples)
    if count < 4:
        return None
    ordered = sorted(samples)
    rank = max(1, round((count + 1) / 2 - math.sqrt(count)))
    tail = _binomial_below(count, rank)
    z = statistics.NormalDist().inv_cdf(1 - tail)
    return (math.log(ordered[count - rank]) - math.log(ordered[rank - 1])) / (2 * z)


def _binomial_below(count: int, rank: int) -> float:
    """P(X < rank) for X ~ Binomial(count, 1/2)."""
    if count > 1000:
        return statistics.NormalDist(count / 2, math.sqrt(count) / 2).cdf(rank - 0.5)
    return sum(math.comb(count, successes) for successes in range(rank)) / 2**count
