"""What was worked out from measurements: kept apart, each with the version of the analysis that made it.

Nothing here is a source: all of it may be dropped, and is worked out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.models import Run
from storage.queries import STORED_COUNTS, newest_first
from storage.tables import STRICT_BY_KEY, Base


class Derivation(Base):
    """That one kind of thing was worked out for a run: by which version, from how many measurements, and when."""

    __tablename__ = "derivation"
    __table_args__ = (PrimaryKeyConstraint("run_id", "kind"), STRICT_BY_KEY)

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    kind: Mapped[str]
    version: Mapped[int]
    measurements: Mapped[int]
    made_at: Mapped[datetime]


class Score(Base):
    """How a variant stands beside NumPy in one place of a run (`analysis.scores.Score`); workload '' is over all."""

    __tablename__ = "score"
    __table_args__ = (PrimaryKeyConstraint("run_id", "place", "workload", "variant"), STRICT_BY_KEY)

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    place: Mapped[int]
    workload: Mapped[str]
    variant: Mapped[str]
    ratio: Mapped[float]
    cases: Mapped[int]
    faster: Mapped[int]
    slower: Mapped[int]
    same: Mapped[int]


class Change(Base):
    """A series that has another level in one place of a run than in the place before it: seconds over seconds."""

    __tablename__ = "change"
    __table_args__ = (PrimaryKeyConstraint("run_id", "series_id", "place"), STRICT_BY_KEY)

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    place: Mapped[int]
    before_place: Mapped[int]
    ratio: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]


#: The lock, in Postgres, of whoever works something out for a run.
DERIVING = 20_261_124
#: Kind -> its table.
TABLES: Mapping[str, type[Base]] = {"scores": Score, "changes": Change}
#: Names of all tables whose rows may be dropped, and are worked out again.
DERIVED = {table.__tablename__ for table in (Derivation, *TABLES.values())}

_MEASUREMENTS = STORED_COUNTS[0] + STORED_COUNTS[1] + STORED_COUNTS[2] + STORED_COUNTS[3]


def replace(
    connection: Connection,
    run_id: int,
    kind: str,
    version: int,
    rows: Iterable[Mapping[str, Any]],
    made_at: datetime,
    measurements: int,
) -> None:
    """Put what was worked out for a run in the place of what was there; `rows` without their run.

    measurements: how many there were before it was worked out.
    """
    table: Table = TABLES[kind].__table__  # type: ignore[assignment]
    of_run = (Derivation.run_id == run_id) & (Derivation.kind == kind)
    connection.execute(delete(Derivation).where(of_run))
    connection.execute(delete(table).where(table.c.run_id == run_id))
    new = [{"run_id": run_id, **row} for row in rows]
    if new:
        connection.execute(insert(table), new)
    derivation = {"version": version, "measurements": measurements, "made_at": made_at}
    connection.execute(insert(Derivation).values(run_id=run_id, kind=kind, **derivation))


def claim(connection: Connection, run_id: int) -> None:
    """Let nobody else replace anything of this run until the transaction ends."""
    if connection.dialect.name == "postgresql":  # on SQLite one writes at a time
        connection.execute(select(func.pg_advisory_xact_lock(DERIVING, cast(run_id % 2**31, Integer))))


def measurements(connection: Connection, run_id: int) -> int:
    """How many measurements a run has now, of whatever status."""
    return connection.execute(select(_MEASUREMENTS).where(Run.id == run_id)).scalar_one()


def stale(connection: Connection, versions: Mapping[str, int], *, run_id: int | None = None) -> Sequence[Row[Any]]:
    """The runs, the newest first, that lack what these versions give: other versions, or measurements came since.

    run_id: only this one, if it does.
    """
    missing = []
    for kind, version in versions.items():
        made = select(Derivation.run_id).where(
            Derivation.run_id == Run.id,
            Derivation.kind == kind,
            Derivation.version == version,
            Derivation.measurements == _MEASUREMENTS,
        )
        missing.append(~made.exists())
    query = select(Run.id, Run.uuid).where(or_(*missing))
    return connection.execute(newest_first(query if run_id is None else query.where(Run.id == run_id))).all()


def data_version(connection: Connection) -> tuple[Any, ...]:
    """A value that differs whenever something was stored, pruned, or worked out: what a cache is keyed by."""
    # over all runs: an older one may be resumed, or delivered late, after a newer one was stored
    sums = (cast(Run.pruned, Integer), *STORED_COUNTS)
    counts = (func.count(), func.max(Run.id), func.count(Run.finished_at), *map(func.sum, sums))
    made = (func.count(), func.max(Derivation.made_at))
    stored = connection.execute(select(*counts).select_from(Run)).one()
    return (*stored, *connection.execute(select(*made).select_from(Derivation)).one())


def drop(connection: Connection) -> None:
    """Forget all of it."""
    for table in (*TABLES.values(), Derivation):
        connection.execute(delete(table))
