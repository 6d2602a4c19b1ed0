"""Which series have another level with a release than with the one before it: the steps of a backfill, as changes.

Trends in (`analysis.steps.trends`), changes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.steps import Trend, release_of

#: Raised whenever the same rows would give other changes: stored ones are then worked out anew.
VERSION = 1


@dataclass(frozen=True)
class Change:
    """Seconds in `place` over seconds in `before_place` of the same run, with the 95 % interval; above 1 is slower."""

    series_id: int
    place: int
    before_place: int
    ratio: float
    low: float
    high: float


def changes(trends: Iterable[Trend]) -> list[Change]:
    """Every sure step of these trends."""
    found = []
    for trend in trends:
        rows = {release_of(row): row for row in trend.rows}
        for step in trend.steps:
            after, before = rows[step.after], rows[step.before]
            found.append(Change(after.series_id, after.place, before.place, step.ratio, step.low, step.high))
    return found
