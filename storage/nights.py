"""Reads of one night after another: which workloads each measured, how long that took, and what moved since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, false, func, select
from sqlalchemy.orm import aliased

from storage.models import Machine, Measurement, Run, RunEnvironment, Series

Rows = Sequence[Row[Any]]


def workloads_of(connection: Connection, run_ids: Sequence[int]) -> Rows:
    """Each workload of some runs: run, workload, when the last of it was measured, how many cases."""
    return connection.execute(
        select(
            Measurement.run_id,
            Series.workload,
            func.max(Measurement.measured_at).label("ended_at"),
            func.count(func.distinct(Series.case_key)).label("cases"),
        )
        .join(Series, Series.id == Measurement.series_id)
        .where(Measurement.run_id.in_(run_ids))
        .group_by(Measurement.run_id, Series.workload)
    ).all()


def last_two(connection: Connection, *, machine: str, suite: str) -> Rows:
    """Of each series of a machine, what the two newest runs of a suite measured, by environment or track.

    Rows: workload, series, slot (the track, else the environment's name), night, seconds with their interval.
    """
    other, other_run = aliased(Measurement), aliased(Run)
    newest = (
        select(other.run_id)
        .join(other_run, other_run.id == other.run_id)
        .where(other.series_id == Series.id, other.status == "measured", other_run.suite == suite)
        .order_by(other.run_id.desc())
        .distinct()
        .limit(2)
        .correlate(Series)
    )
    slot = func.coalesce(RunEnvironment.track, RunEnvironment.name).label("slot")
    return connection.execute(
        select(
            Series.workload,
            Series.case_key,
            Series.variant,
            Series.id.label("series_id"),
            slot,
            Run.night,
            Measurement.run_id,
            Measurement.seconds,
            Measurement.low_seconds,
            Measurement.high_seconds,
        )
        .join(Machine, Machine.id == Series.machine_id)
        .join(Measurement, Measurement.series_id == Series.id)
        .join(Run, Run.id == Measurement.run_id)
        .join(
            RunEnvironment,
            and_(RunEnvironment.run_id == Measurement.run_id, RunEnvironment.place == Measurement.place),
        )
        .where(
            Machine.name == machine,
            Measurement.run_id.in_(newest),
            Measurement.status == "measured",
            RunEnvironment.again == false(),
        )
        .order_by(Series.workload, Series.id, slot, Measurement.run_id)
    ).all()


def tracks(connection: Connection, *, machine: str) -> Rows:
    """Each track of a machine with the newest night that measured in it."""
    return connection.execute(
        select(RunEnvironment.track, func.max(Run.night).label("night"))
        .join(Run, Run.id == RunEnvironment.run_id)
        .join(Machine, Machine.id == Run.machine_id)
        .where(Machine.name == machine, RunEnvironment.track.is_not(None))
        .group_by(RunEnvironment.track)
        .order_by(RunEnvironment.track)
    ).all()
