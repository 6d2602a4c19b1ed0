"""Reads of one night after another: which workloads each measured, how long that took, and what moved since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from storage.models import Machine, Measurement, Run, RunEnvironment, Series
from storage.queries import ONCE, newest_first, run_rows

Rows = Sequence[Row[Any]]

#: What a night is asked for as: the same suite, measured by hand, is none.
REQUEST = "nightly"

_MEASURED = and_(
    Measurement.run_id == RunEnvironment.run_id,
    Measurement.place == RunEnvironment.place,
    Measurement.status == "measured",
)


def of_machine(connection: Connection, *, machine: str, until: datetime | None = None, limit: int = 50) -> Rows:
    """The newest nights of a machine, as `queries.runs` gives them. until: only those that began by then."""
    query = run_rows().where(Machine.name == machine, Run.request == REQUEST)
    if until is not None:
        query = query.where(Run.started_at <= until)
    return connection.execute(newest_first(query).limit(limit)).all()


def workloads_of(connection: Connection, run_ids: Sequence[int]) -> Rows:
    """Each workload of some runs: run, workload, when the last of it was tried, and how much of it was `measured`."""
    return connection.execute(
        select(
            Measurement.run_id,
            Series.workload,
            func.max(Measurement.measured_at).label("ended_at"),
            func.count(Measurement.seconds).label("measured"),
        )
        .join(Series, Series.id == Measurement.series_id)
        .where(Measurement.run_id.in_(run_ids))
        .group_by(Measurement.run_id, Series.workload)
    ).all()


def last_two(connection: Connection, run_ids: Sequence[int]) -> Rows:
    """Of each series, what the two newest of some runs measured, by environment or track; the earlier one first.

    Rows: workload, series, slot (the track, else the environment's name), night, seconds with their interval.
    """
    slot = func.coalesce(RunEnvironment.track, RunEnvironment.name).label("slot")
    newest_first = (Run.night.desc(), Run.started_at.desc(), Run.id.desc())
    age = func.row_number().over(partition_by=(Measurement.series_id, slot), order_by=newest_first).label("age")
    measured = (
        select(
            Series.workload,
            Series.case_key,
            Series.variant,
            Measurement.series_id,
            slot,
            Run.night,
            Measurement.run_id,
            Measurement.seconds,
            Measurement.low_seconds,
            Measurement.high_seconds,
            age,
        )
        .join(Series, Series.id == Measurement.series_id)
        .join(Run, Run.id == Measurement.run_id)
        .join(RunEnvironment, _MEASURED)
        .where(Measurement.run_id.in_(run_ids), Measurement.status == "measured", ONCE)
        .subquery()
    )
    ordered = (measured.c.workload, measured.c.series_id, measured.c.slot, measured.c.age.desc())
    return connection.execute(select(measured).where(measured.c.age <= 2).order_by(*ordered)).all()


def last_of_tracks(connection: Connection, *, machine: str, tracks: Iterable[str]) -> dict[str, date]:
    """The newest night of a machine that measured anything in each of some tracks; without those that none did."""
    found = {}
    for track in tracks:  # each alone: it is found among the newest nights, and the others are not read
        night = connection.scalar(
            select(Run.night)
            .join(Machine, Machine.id == Run.machine_id)
            .join(RunEnvironment, RunEnvironment.run_id == Run.id)
            .where(Machine.name == machine, Run.request == REQUEST, RunEnvironment.track == track)
            .where(select(Measurement.run_id).where(_MEASURED).exists())
            .order_by(Run.night.desc())
            .limit(1)
        )
        if night is not None:
            found[track] = night
    return found
