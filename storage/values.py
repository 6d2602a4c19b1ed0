"""Reads of what was computed: the results of a run in short, to be compared between environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, false, select

from storage.models import RunEnvironment, Samples, Series


def results(connection: Connection, run_id: int) -> Sequence[Row[Any]]:
    """Workload, case, variant, place and result of each measurement of a run that has one; none that is there again."""
    return connection.execute(
        select(Series.workload, Series.case_key, Series.size_name, Series.variant, Samples.place, Samples.result)
        .join(Series, Series.id == Samples.series_id)
        .join(RunEnvironment, and_(RunEnvironment.run_id == Samples.run_id, RunEnvironment.place == Samples.place))
        .where(Samples.run_id == run_id, Samples.result.is_not(None), RunEnvironment.again == false())
        .order_by(Series.workload, Series.size, Series.case_key, Series.variant, Samples.place)
    ).all()
