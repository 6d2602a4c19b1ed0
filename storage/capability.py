"""Reads of how well a machine measures: noise floors, and the most that was seen of its devices."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import aliased

from storage.models import Machine, NoiseFloor, Peak, Run, RunEnvironment, Series
from storage.queries import BY_CASE, NUMPY_FIRST, OF_SERIES, ONCE, Rows, at_place, newest_first


def noise_floors(connection: Connection, run_id: int) -> Rows:
    """What a run could have told from no change at all, by series; a `floor` of 0.05 is a change of 5 %."""
    return connection.execute(_floors().where(NoiseFloor.run_id == run_id).order_by(*BY_CASE, *NUMPY_FIRST)).all()


def floors_of_workload(connection: Connection, *, machine: str, workload: str, look_back: int = 20) -> Rows:
    """The newest floors of each series of a workload on this machine, the newest first; at most `look_back` of each.

    Floors that are unknown, for want of an interval, are passed over. Of the machine as it is now: where another
    computer took over the nickname, only of that one.
    """
    computer = select(Run.machine_id).join(Machine, Machine.id == Run.machine_id).where(Machine.name == machine)
    other = aliased(NoiseFloor)
    newest = (
        select(other.run_id)
        .where(other.series_id == Series.id, other.floor.is_not(None))
        .order_by(other.started_at.desc(), other.run_id.desc())
        .limit(look_back)
        .correlate(Series)
    )
    return connection.execute(
        _floors()
        .add_columns(NoiseFloor.series_id, NoiseFloor.run_id, NoiseFloor.started_at)
        .where(
            Series.machine_id == newest_first(computer).limit(1).scalar_subquery(),
            Series.workload == workload,
            NoiseFloor.run_id.in_(newest),
        )
        .order_by(Series.size, Series.case_key, *NUMPY_FIRST, Series.id)
        .order_by(NoiseFloor.started_at.desc(), NoiseFloor.run_id.desc())
    ).all()


def floors_of_machine(connection: Connection, *, machine: str, look_back: int = 30) -> Rows:
    """What the newest runs of a machine that measured anything against itself found, the newest run first.

    Rows: what a series is known by, ratio, low, high, floor, and the run's number, identity and night.
    """
    has = select(NoiseFloor.run_id).where(NoiseFloor.run_id == Run.id).exists()
    ours = select(Run.id).join(Machine, Machine.id == Run.machine_id).where(Machine.name == machine, has)
    newest = newest_first(ours).limit(look_back).cte("newest")
    query = _floors().add_columns(NoiseFloor.series_id, NoiseFloor.run_id, Run.uuid, Run.night)
    query = query.join(newest, newest.c.id == NoiseFloor.run_id).join(Run, Run.id == NoiseFloor.run_id)
    return connection.execute(newest_first(query).order_by(*BY_CASE)).all()


def peaks(connection: Connection, run_id: int) -> Rows:
    """The most that was seen of each device in a run, per second: bytes, or floating-point operations."""
    return connection.execute(
        select(
            RunEnvironment.name.label("environment"),
            Peak.place,
            Peak.device,
            Peak.threads,
            Peak.library,
            Peak.resource,
            Peak.dtype,
            Peak.per_second,
        )
        .join(RunEnvironment, at_place(Peak))
        .where(Peak.run_id == run_id, ONCE)
        .order_by(Peak.place, Peak.device, Peak.threads, Peak.resource, Peak.dtype, Peak.library)
    ).all()


def _floors() -> Select[Any]:
    return select(
        *OF_SERIES,
        NoiseFloor.ratio,
        NoiseFloor.low,
        NoiseFloor.high,
        NoiseFloor.floor,
    ).join_from(NoiseFloor, Series, Series.id == NoiseFloor.series_id)
