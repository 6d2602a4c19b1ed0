"""Median, ratio and their intervals from samples that are nested in processes.

The one set of estimators: the sampler stops on them, the bundle carries them, every page and table shows them.

One process is one draw: memory layout, hash seed and warm-up differ between processes of the same program, so the
interval is taken over processes, each summarised by its median. On the log scale it is the t interval of Kalibera and
Jones, *Rigorous benchmarking in reasonable time* (2013), for the highest level of a nested design; the noise of the
samples inside a process is part of what that level shows.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

#: 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom.
T_975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """A positive figure with its 95 % interval; `low` and `high` are None where one process gave only one draw."""

    value: float
    low: float | None
    high: float | None


def seconds(processes: Sequence[Sequence[float]]) -> Estimate:
    """Seconds per call of one measurement: one sequence of samples per process."""
    return _over_processes([_log(statistics.median(samples)) for samples in processes])


def ratio(candidate: Sequence[Sequence[float]], baseline: Sequence[Sequence[float]]) -> Estimate:
    """Candidate / baseline from samples taken in lock step: sample k of process p on one side pairs with k of p."""
    return _over_processes([statistics.median(log_ratios(c, b)) for c, b in zip(candidate, baseline)])


def log_ratios(candidate: Sequence[float], baseline: Sequence[float]) -> list[float]:
    """Log of candidate / baseline, pair by pair."""
    return [_log(c) - _log(b) for c, b in zip(candidate, baseline)]


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Distribution-free 95 % interval of the median of independent values, between order statistics.

    With fewer than six values no pair of order statistics covers 95 %: the answer is then the whole range.
    """
    ordered = sorted(values)
    n = len(ordered)
    reach = 0  # largest k with P(Binomial(n, 1/2) < k) <= 2.5 %
    below = 0.0
    while reach < (n - 1) // 2:
        below += math.comb(n, reach) / 2**n
        if below > 0.025:
            break
        reach += 1
    lowest = max(reach - 1, 0)
    return ordered[lowest], ordered[n - 1 - lowest]


def student_t_975(degrees: int) -> float:
    """97.5 % quantile of Student's t; beyond the table by Fisher's expansion around the normal."""
    if degrees <= len(T_975):
        return T_975[degrees - 1]
    z = 1.959964
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)


def noise_floor(low: float | None, high: float | None) -> float | None:
    """The relative change, 0.05 for 5 %, that the interval of a ratio of equals reaches; None without an interval."""
    if low is None or high is None:
        return None
    floor = max(high, 1 / low) - 1
    return floor if math.isfinite(floor) else None


def half_width(found: Estimate) -> float:
    """Half the width of an estimate's interval, as a share of its middle; infinite where it has none."""
    return math.inf if found.low is None or found.high is None else math.log(found.high / found.low) / 2


def _over_processes(logs: Sequence[float]) -> Estimate:
    centre = statistics.fmean(logs)
    if len(logs) < 2:
        return Estimate(math.exp(centre), None, None)
    half_width = student_t_975(len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
    return Estimate(math.exp(centre), math.exp(centre - half_width), math.exp(centre + half_width))


def _log(value: float) -> float:
    return math.log(max(value, 1e-12))  # a clock that did not move between two readings is not a speed of infinity
