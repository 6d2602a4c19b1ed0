"""Reads of what a backfill found: the same case in release after release, each beside the anchor of its group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, false, select

from storage.models import Environment, Machine, Measurement, Ratio, Run, RunEnvironment, Series

Rows = Sequence[Row[Any]]


def backfills(connection: Connection, *, limit: int = 50) -> Rows:
    """The newest runs that went through releases: id, uuid, machine, start, planned and measured counts."""
    holds = select(RunEnvironment.run_id).where(RunEnvironment.run_id == Run.id, RunEnvironment.measures.is_not(None))
    query = (
        select(Run.id, Run.uuid, Machine.name.label("machine"), Run.started_at, Run.planned, Run.measured)
        .join(Machine, Machine.id == Run.machine_id)
        .where(holds.exists())
        .order_by(Run.night.desc(), Run.started_at.desc(), Run.id.desc())
    )
    return connection.execute(query.limit(limit)).all()


def of_run(connection: Connection, run_id: int, *, workload: str | None = None) -> Rows:
    """The measurements of a backfill in the order of its releases, each with its ratio to the anchor of its group.

    `measures` is the library whose releases these are; the anchor's own ratio is null. Without what is there again.
    """
    query = (
        select(
            Series.workload,
            Series.case_key,
            Series.size_name,
            Series.size,
            Series.variant,
            RunEnvironment.place,
            RunEnvironment.name.label("environment"),
            RunEnvironment.measures,
            RunEnvironment.anchor,
            Environment.python,
            Environment.numpy,
            Environment.jax,
            Measurement.status,
            Measurement.reason,
            Measurement.seconds,
            Measurement.low_seconds,
            Measurement.high_seconds,
            Measurement.first_call_seconds,
            Measurement.compile_seconds,
            Measurement.import_seconds,
            Measurement.peak_bytes,
            Measurement.disturbed,
            Ratio.ratio,
            Ratio.low.label("ratio_low"),
            Ratio.high.label("ratio_high"),
        )
        .join(Series, Series.id == Measurement.series_id)
        .join(Environment, Environment.id == Measurement.environment_id)
        .join(
            RunEnvironment,
            and_(RunEnvironment.run_id == Measurement.run_id, RunEnvironment.place == Measurement.place),
        )
        .outerjoin(
            Ratio,
            and_(
                Ratio.run_id == Measurement.run_id,
                Ratio.place == Measurement.place,
                Ratio.series_id == Measurement.series_id,
                Ratio.baseline_series_id == Measurement.series_id,
                Ratio.baseline_place != Measurement.place,
            ),
        )
        .where(Measurement.run_id == run_id, RunEnvironment.measures.is_not(None), RunEnvironment.again == false())
        .order_by(Series.workload, Series.size, Series.case_key, Series.variant, RunEnvironment.place)
    )
    return connection.execute(query if workload is None else query.where(Series.workload == workload)).all()


def environments(connection: Connection, run_id: int) -> Rows:
    """The environments of a backfill in the order of its releases: name, versions, sizes and dates of packages."""
    return connection.execute(
        select(
            RunEnvironment.place,
            RunEnvironment.name.label("environment"),
            RunEnvironment.measures,
            RunEnvironment.anchor,
            RunEnvironment.spec,
            RunEnvironment.import_seconds,
            RunEnvironment.resolution,
            Environment.description,
        )
        .join(Environment, Environment.id == RunEnvironment.environment_id)
        .where(RunEnvironment.run_id == run_id, RunEnvironment.measures.is_not(None), RunEnvironment.again == false())
        .order_by(RunEnvironment.place)
    ).all()
