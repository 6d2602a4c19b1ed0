"""How the libraries stand on a machine, in one figure per workload and one for all of them: scores of a run.

Rows in (`storage.queries.measurements`: each variant's ratio to NumPy beside it), scores out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.compare import verdict

#: Raised whenever the same rows would give other scores: stored ones are then worked out anew.
VERSION = 1
ALL = ""


@dataclass(frozen=True)
class Score:
    """A variant's seconds over NumPy's: the geometric mean over cases, below 1 is faster; `ALL` is over workloads.

    Every workload weighs the same in `ALL`, however many cases it has. cases: those that have a ratio; of them, so many
    are faster, slower or the same, the rest is unsure.
    """

    place: int
    workload: str
    variant: str
    ratio: float
    cases: int
    faster: int
    slower: int
    same: int


def scores(rows: Iterable[Any]) -> list[Score]:
    """One score per place, workload and variant that was compared with NumPy, and one over all of its workloads."""
    compared: dict[tuple[int, str, str], list[Any]] = {}
    for row in rows:
        if row.ratio:
            compared.setdefault((row.place, row.variant, row.workload), []).append(row)
    found: dict[tuple[int, str], list[Score]] = {}
    for (place, variant, workload), members in sorted(compared.items()):
        found.setdefault((place, variant), []).append(_of_workload(place, workload, variant, members))
    return [score for (place, variant), of in found.items() for score in (*of, _of_all(place, variant, of))]


def _of_workload(place: int, workload: str, variant: str, rows: Sequence[Any]) -> Score:
    verdicts = Counter(verdict(row.ratio, row.ratio_low, row.ratio_high) for row in rows)
    counts = (len(rows), verdicts["faster"], verdicts["slower"], verdicts["same"])
    return Score(place, workload, variant, _mean([row.ratio for row in rows]), *counts)


def _of_all(place: int, variant: str, scores: Sequence[Score]) -> Score:
    counts = [sum(getattr(score, name) for score in scores) for name in ("cases", "faster", "slower", "same")]
    return Score(place, ALL, variant, _mean([score.ratio for score in scores]), *counts)


def _mean(ratios: Sequence[float]) -> float:
    return math.exp(math.fsum(map(math.log, ratios)) / len(ratios))
