"""Where a trend over releases steps: each release against the one before it, through the anchor that both have."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: A step is told of where it is surely larger than this, as a share.
LEAST = 0.1


@dataclass(frozen=True)
class Point:
    """A release and its seconds over those of the anchor, with the 95 % interval; the anchor itself has 1, 1, 1."""

    release: str
    ratio: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Step:
    """Seconds of `after` over seconds of `before`, the release next to it; above 1 is slower."""

    before: str
    after: str
    ratio: float
    low: float
    high: float


def between(before: Point, after: Point) -> Step | None:
    """The step from one point to the next; None where one of them has no interval.

    The two intervals are taken as independent. Releases of one group were sampled side by side, which makes theirs
    wider than it need be, never narrower.
    """
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return None
    ratio = after.ratio / before.ratio
    up = math.hypot(math.log(after.high / after.ratio), math.log(before.ratio / before.low))
    down = math.hypot(math.log(after.ratio / after.low), math.log(before.high / before.ratio))
    return Step(before.release, after.release, ratio, ratio * math.exp(-down), ratio * math.exp(up))


def steps(points: Sequence[Point], least: float = LEAST) -> Iterator[Step]:
    """The steps of a trend, in its order, whose whole interval lies beyond `least`."""
    for before, after in pairwise(points):
        step = between(before, after)
        if step and (step.low > 1 + least or step.high < 1 / (1 + least)):
            yield step
