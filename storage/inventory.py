"""Reads of what was measured on, and with what: machines, and environments with the nights that they were used in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from storage.models import Environment, Machine, Peak, Run, RunEnvironment
from storage.queries import ONCE, Rows, newest_first


def machines(connection: Connection) -> Rows:
    """Every computer that has a run, the one that ran last first: name, fingerprint, description, its nights.

    Several under one nickname are several rows.
    """
    of_machine = select(Run.night).where(Run.machine_id == Machine.id).correlate(Machine).limit(1)
    first = of_machine.order_by(Run.night).scalar_subquery()
    last = of_machine.order_by(Run.night.desc()).scalar_subquery()
    started = select(Run.started_at).where(Run.machine_id == Machine.id).correlate(Machine)
    started = newest_first(started).limit(1).scalar_subquery()
    return connection.execute(
        select(
            Machine.id,
            Machine.name,
            Machine.fingerprint,
            Machine.description,
            first.label("first_night"),
            last.label("last_night"),
        )
        .where(last.is_not(None))
        .order_by(last.desc(), started.desc(), Machine.id.desc())
    ).all()


def environments(connection: Connection, *, machine: str | None = None, limit: int = 200) -> Rows:
    """Environments of a machine or of all: digest, versions, a track, first and last night, runs.

    The one that was used last comes first; of those that were used in one run, the one that was new last. Those that
    only stood for a release in backfills come after all others, and have 0 in `compares`.
    """
    used = (
        select(
            RunEnvironment.environment_id,
            func.min(Run.night).label("first_night"),
            func.max(Run.night).label("last_night"),
            func.max(Run.started_at).label("last_started_at"),
            func.count(Run.id.distinct()).label("runs"),
            func.min(Run.started_at).label("first_started_at"),
            func.max(RunEnvironment.track).label("track"),
            func.max(case((RunEnvironment.measures.is_(None), 1), else_=0)).label("compares"),
        )
        .join(Run, Run.id == RunEnvironment.run_id)
        .group_by(RunEnvironment.environment_id)
    )
    if machine is not None:
        used = used.join(Machine, Machine.id == Run.machine_id).where(Machine.name == machine)
    found = used.subquery()
    return connection.execute(
        select(
            Environment.digest,
            Environment.python,
            Environment.numpy,
            Environment.jax,
            Environment.jaxlib,
            found.c.track,
            found.c.compares,
            found.c.first_night,
            found.c.last_night,
            found.c.runs,
        )
        .join(found, found.c.environment_id == Environment.id)
        .order_by(
            found.c.compares.desc(), found.c.last_started_at.desc(), found.c.first_started_at.desc(), Environment.id
        )
        .limit(limit)
    ).all()


def environment(connection: Connection, digest: str, *, look_back: int = 20) -> Rows:
    """The newest places of an environment, the newest run first: what was found there, and what it was built from."""
    query = (
        select(
            Environment.digest,
            Environment.description,
            RunEnvironment.name,
            RunEnvironment.spec,
            RunEnvironment.track,
            RunEnvironment.builder,
            RunEnvironment.resolution,
            Run.night,
        )
        .join(RunEnvironment, RunEnvironment.environment_id == Environment.id)
        .join(Run, Run.id == RunEnvironment.run_id)
        .where(Environment.digest == digest, ONCE)
    )
    return connection.execute(newest_first(query).order_by(RunEnvironment.place).limit(look_back)).all()


def run_with_peaks(connection: Connection, *, machine_id: int) -> Row[Any] | None:
    """The newest run of a computer that measured what it can do at most: id, uuid, night; None where there is none."""
    has_peaks = select(Peak.run_id).where(Peak.run_id == Run.id).exists()
    query = select(Run.id, Run.uuid, Run.night).where(Run.machine_id == machine_id, has_peaks)
    return connection.execute(newest_first(query).limit(1)).first()
