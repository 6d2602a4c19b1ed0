"""Reads of what a backfill found: the same case in release after release, each beside the anchor of its group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Subquery, and_, false, select, true
from sqlalchemy.orm import aliased

from storage.models import Environment, Machine, Measurement, Ratio, Run, RunEnvironment, Series
from storage.queries import BY_CASE, ONCE, at_place

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
    """The measurements of a backfill, each with its ratio to the anchor of its group, and to the release before it.

    `measures` is the library whose releases these are; the anchor's own ratio is null. Without what is there again.
    `step_from` is the environment, of the same group, that the second ratio is to.
    """
    to_anchor, to_last = _ratios(run_id, anchor=True), _ratios(run_id, anchor=False)
    query = (
        select(
            Measurement.series_id,
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
            to_anchor.c.ratio,
            to_anchor.c.low.label("ratio_low"),
            to_anchor.c.high.label("ratio_high"),
            to_last.c.baseline.label("step_from"),
            to_last.c.ratio.label("step_ratio"),
            to_last.c.low.label("step_low"),
            to_last.c.high.label("step_high"),
        )
        .join(Series, Series.id == Measurement.series_id)
        .join(Environment, Environment.id == Measurement.environment_id)
        .join(RunEnvironment, at_place(Measurement))
        .outerjoin(to_anchor, _same(to_anchor))
        .outerjoin(to_last, _same(to_last))
        .where(Measurement.run_id == run_id, RunEnvironment.measures.is_not(None), ONCE)
        .order_by(*BY_CASE, Series.variant, RunEnvironment.place)
    )
    return connection.execute(query if workload is None else query.where(Series.workload == workload)).all()


def _ratios(run_id: int, *, anchor: bool) -> Subquery:
    """Ratios of a run between environments: those to anchors, or the others, with the name of the baseline's."""
    baseline = aliased(RunEnvironment)
    return (
        select(Ratio.place, Ratio.series_id, Ratio.ratio, Ratio.low, Ratio.high, baseline.name.label("baseline"))
        .join(baseline, and_(baseline.run_id == Ratio.run_id, baseline.place == Ratio.baseline_place))
        .where(
            Ratio.run_id == run_id,
            Ratio.baseline_series_id == Ratio.series_id,
            Ratio.baseline_place != Ratio.place,
            baseline.anchor == (true() if anchor else false()),
        )
        .subquery()
    )


def _same(ratios: Subquery) -> ColumnElement[bool]:
    return and_(ratios.c.place == Measurement.place, ratios.c.series_id == Measurement.series_id)


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
            Environment.python,
            Environment.numpy,
            Environment.jax,
            Environment.description,
        )
        .join(Environment, Environment.id == RunEnvironment.environment_id)
        .where(RunEnvironment.run_id == run_id, RunEnvironment.measures.is_not(None), ONCE)
        .order_by(RunEnvironment.place)
    ).all()
