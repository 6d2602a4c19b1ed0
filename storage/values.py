"""Reads of what processes gave: their results in short, to be compared between environments, and facts of each."""

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


def processes_of_workload(connection: Connection, *, run_id: int, workload: str) -> Sequence[Row[Any]]:
    """What is known of each process that measured a workload in a run, beside its place and its series' identity."""
    return connection.execute(
        select(
            Samples.place,
            Series.workload_version,
            Series.case_key,
            Series.variant,
            Series.device,
            Series.threads,
            Samples.processes,
        )
        .join(Series, Series.id == Samples.series_id)
        .where(Samples.run_id == run_id, Series.workload == workload)
        .order_by(*BY_CASE, Series.variant, Samples.place)
    ).all()
