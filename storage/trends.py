"""Reads along time: a series from night to night, what changed, two environments beside each other, how things stand.

As everywhere: rows of each environment once, and no query walks all history.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, select
from sqlalchemy.orm import aliased

from storage.derived import Change, Score
from storage.models import Environment, Machine, Measurement, Ratio, Run, RunEnvironment, Series
from storage.queries import BESIDE_NUMPY, BY_CASE, OF_SERIES, ONCE, TO_NUMPY, at_place, newest_first

Rows = Sequence[Row[Any]]

#: Leaves out what was measured a second time, and the releases of backfills.
_OF_NIGHTS = and_(ONCE, RunEnvironment.measures.is_(None))


def series(connection: Connection, *, machine: str, workload: str) -> Rows:
    """What of a workload this machine has measured at some time: id, case, variant, device, threads.

    Of every computer that had the nickname, told apart by `fingerprint`, the newest one's last.
    """
    query = select(Series.id, Machine.fingerprint, *OF_SERIES).join(Machine, Machine.id == Series.machine_id)
    query = query.where(Machine.name == machine, Series.workload == workload)
    ordered = (Machine.id, Series.workload_version, Series.size, Series.case_key, Series.id)
    return connection.execute(query.order_by(*ordered)).all()


def tracks(connection: Connection, series_ids: Sequence[int], *, since: date) -> list[str]:
    """The tracks that some series were measured in since a night, in alphabetical order; '' is what was in none."""
    query = select(RunEnvironment.track).distinct().select_from(Measurement).join(Run, Run.id == Measurement.run_id)
    query = query.join(RunEnvironment, at_place(Measurement)).where(Measurement.series_id.in_(series_ids), _OF_NIGHTS)
    return sorted(name or "" for name in connection.execute(query.where(Run.night >= since)).scalars())


def trend(
    connection: Connection,
    series_ids: Sequence[int],
    *,
    since: date | None = None,
    track: str | None = None,
    further: Sequence[str] = (),
    to_numpy: bool = False,
) -> Rows:
    """Some series, each from its first night to its last: seconds with their interval, status, versions, run.

    since: from this night on; a year is what a chart can show, and what this is quick for. track: only what was
    measured in it; '' for what was measured in none. Without releases of a backfill, which are measured in environments
    of their own. further: more columns of a measurement, and to_numpy: its ratio to NumPy beside it. The index does
    not have these: each row is then looked up.
    """
    query = (
        select(
            Measurement.series_id,
            Measurement.run_id,
            Measurement.place,
            Run.uuid,
            Run.request,
            Run.night,
            Run.started_at,
            RunEnvironment.track,
            Measurement.environment_id,
            Environment.python,
            Environment.numpy,
            Environment.jax,
            Measurement.seconds,
            Measurement.low_seconds,
            Measurement.high_seconds,
            Measurement.status,
            *(getattr(Measurement, name) for name in further),
        )
        .join(Run, Run.id == Measurement.run_id)
        .join(RunEnvironment, at_place(Measurement))
        .join(Environment, Environment.id == Measurement.environment_id)
        .where(Measurement.series_id.in_(series_ids), _OF_NIGHTS)
    )
    if to_numpy:
        columns = (Ratio.ratio, Ratio.low.label("ratio_low"), Ratio.high.label("ratio_high"))
        query = query.outerjoin(Ratio, TO_NUMPY).add_columns(*columns)
    if since is not None:
        query = query.where(Run.night >= since)
    if track is not None:
        query = query.where(RunEnvironment.track == track if track else RunEnvironment.track.is_(None))
    ordered = (Measurement.series_id, Run.night, Run.started_at, Run.id, RunEnvironment.place)
    return connection.execute(query.order_by(*ordered)).all()


def ratios(connection: Connection, run_id: int, *, track: str | None = None) -> Rows:
    """Each variant of a run beside NumPy, in the same environment: the table of what is faster, and by how much."""
    query = (
        select(RunEnvironment.track, RunEnvironment.name.label("environment"), *OF_SERIES)
        .add_columns(Ratio.ratio, Ratio.low.label("ratio_low"), Ratio.high.label("ratio_high"))
        .select_from(Ratio)
        .join(Series, Series.id == Ratio.series_id)
        .join(RunEnvironment, at_place(Ratio))
        .where(Ratio.run_id == run_id, BESIDE_NUMPY, ONCE)
    )
    if track is not None:
        query = query.where(RunEnvironment.track == track)
    return connection.execute(query.order_by(*BY_CASE, Ratio.place)).all()


def alike(connection: Connection, here: Row[Any], there: Row[Any]) -> Rows:
    """All that one place holds, each beside what the other has of the same workload, version, case and variant.

    Whatever device and threads: two machines have no series in common, nor have a number and the lack of one.
    there_status: null where the other place does not have it at all.
    """
    counterpart, other = aliased(Series), aliased(Measurement)
    beside = select(
        counterpart.workload,
        counterpart.workload_version,
        counterpart.case_key,
        counterpart.variant,
        counterpart.device,
        counterpart.threads,
        *(getattr(other, name) for name in ("series_id", "status", "reason", "seconds", "low_seconds", "high_seconds")),
    ).join(counterpart, counterpart.id == other.series_id)
    held = beside.where(other.run_id == there.run_id, other.place == there.place).subquery()
    same = [held.c[name] == getattr(Series, name) for name in ("workload", "workload_version", "case_key", "variant")]
    query = select(*OF_SERIES)
    for name, side in (("here", Measurement), ("there", held.c)):
        given = ("series_id", "status", "reason", "seconds", "low_seconds", "high_seconds")
        query = query.add_columns(*(getattr(side, column).label(f"{name}_{column}") for column in given))
    query = (
        query.add_columns(held.c.device.label("there_device"), held.c.threads.label("there_threads"))
        .select_from(Measurement)
        .join(Series, Series.id == Measurement.series_id)
        .outerjoin(held, and_(*same))
        .where(Measurement.run_id == here.run_id, Measurement.place == here.place)
    )
    return connection.execute(query.order_by(*BY_CASE, Series.id)).all()


def changes(
    connection: Connection, *, since: date, machine: str | None = None, series_ids: Sequence[int] | None = None
) -> Rows:
    """What changed in runs since a night, on all machines or on one, the newest first: series, ratio, environments.

    measures: the library whose releases were gone through, null where it was found otherwise. series_ids: of these
    series alone.
    """
    before, after = aliased(RunEnvironment), aliased(RunEnvironment)
    query = (
        select(Run.uuid, Machine.name.label("machine"), Run.night, Run.started_at, *OF_SERIES)
        .add_columns(before.name.label("before"), after.name.label("after"))
        .add_columns(after.measures, Change.series_id, Change.ratio, Change.low, Change.high)
        .join_from(Change, Run, Run.id == Change.run_id)
        .join(Machine, Machine.id == Run.machine_id)
        .join(Series, Series.id == Change.series_id)
        .join(before, and_(before.run_id == Change.run_id, before.place == Change.before_place))
        .join(after, and_(after.run_id == Change.run_id, after.place == Change.place))
        .where(Run.night >= since)
    )
    if machine is not None:
        query = query.where(Machine.name == machine)
    if series_ids is not None:
        query = query.where(Change.series_id.in_(series_ids))
    ordered = (*BY_CASE, Series.id, Change.place)
    return connection.execute(newest_first(query).order_by(*ordered)).all()


def overview(connection: Connection, *, workload: str = "", request: str | None = None) -> Rows:
    """How the variants stand on every machine: scores of its newest whole run that has any. '' is over all workloads.

    suite, request: what that run was; one of a single workload stands for no more than that. Without backfills.
    request: if given, only of runs that were asked for as this, such as `nights.REQUEST`.
    """
    of, computer, place = aliased(Run), aliased(Machine), aliased(RunEnvironment)
    scored = select(Score.run_id).where(Score.run_id == of.id, Score.workload == workload)
    scored = scored.join(place, and_(place.run_id == Score.run_id, place.place == Score.place))
    newest = (  # of the nickname: another computer may have taken it over
        select(of.id)
        .join(computer, computer.id == of.machine_id)
        .where(computer.name == Machine.name, of.finished_at.is_not(None))
        .where(scored.where(place.measures.is_(None)).exists())
        .order_by(of.night.desc(), of.started_at.desc(), of.id.desc())
        .limit(1)
        .correlate(Machine)
    )
    if request is not None:
        newest = newest.where(of.request == request)
    # first which runs, by an index: as a condition of the scores it would be asked for each of them, in all of history
    runs = connection.scalars(select(newest.scalar_subquery()).select_from(Machine).distinct()).all()
    return connection.execute(_scores().where(Run.id.in_(runs), Score.workload == workload)).all()


def scores(connection: Connection, run_ids: Sequence[int]) -> Rows:
    """All scores of some runs as `overview` gives them: of every workload, and '' over all."""
    return connection.execute(_scores().where(Run.id.in_(run_ids)).order_by(Score.workload)).all()


def _scores() -> Select[Any]:
    return (
        select(
            Machine.name.label("machine"),
            Run.id.label("run_id"),
            Run.uuid,
            Run.night,
            Run.suite,
            Run.request,
            RunEnvironment.place,
            RunEnvironment.track,
            RunEnvironment.name.label("environment"),
            Environment.numpy,
            Environment.jax,
            Score.workload,
            Score.variant,
            Score.ratio,
            Score.cases,
            Score.faster,
            Score.slower,
            Score.same,
        )
        .join_from(Machine, Run, Run.machine_id == Machine.id)
        .join(Score, Score.run_id == Run.id)
        .join(RunEnvironment, and_(RunEnvironment.run_id == Run.id, RunEnvironment.place == Score.place))
        .join(Environment, Environment.id == RunEnvironment.environment_id)
        .where(ONCE)
        .order_by(Machine.name, Machine.id, Score.place, Score.variant)
    )
