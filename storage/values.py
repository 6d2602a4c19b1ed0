"""Reads of what processes gave: their results in short, to be compared between environments, and how many they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.models import RunEnvironment, Samples, Series
from storage.queries import BY_CASE, ONCE, at_place


def results(connection: Connection, run_id: int) -> Sequence[Row[Any]]:
    """Workload, case, variant, place, result and processes of what a run measured; none that is there again."""
    return connection.execute(
        select(
            Series.workload,
            Series.case_key,
            Series.size_name,
            Series.variant,
            Samples.place,
            Samples.result,
            Samples.processes,
        )
        .join(Series, Series.id == Samples.series_id)
        .join(RunEnvironment, at_place(Samples))
        .where(Samples.run_id == run_id, ONCE)
        .order_by(*BY_CASE, Series.variant, Samples.place)
    ).all()
