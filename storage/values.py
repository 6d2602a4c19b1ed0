"""Reads of what processes gave: their results in short, to be compared between environments, and how many they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, false, select

from storage.models import RunEnvironment, Samples, Series


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
        .join(RunEnvironment, and_(RunEnvironment.run_id == Samples.run_id, RunEnvironment.place == Samples.place))
        .where(Samples.run_id == run_id, RunEnvironment.again == false())
        .order_by(Series.workload, Series.size, Series.case_key, Series.variant, Samples.place)
    ).all()
