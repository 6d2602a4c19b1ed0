"""How long samples are kept. Summaries, ratios and floors stay for ever, and so does what is known of processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, false, func, select, update

from storage.database import explained, only_reading
from storage.models import Machine, Run, Samples

_KEPT = func.length(Samples.seconds) > 0


@dataclass(frozen=True)
class Pruned:
    """Of one run: how many measurements have lost their samples, and the bytes that those took."""

    run: str
    machine: str
    night: date
    measurements: int
    bytes: int


def prune(engine: Engine, before: date, *, dry_run: bool = False) -> Iterator[Pruned]:
    """Remove the samples of all runs before a night, the oldest first, a transaction for each.

    dry_run: nothing is removed. Cut short, it has removed those of the runs that it gave.
    """
    with explained(engine):
        with only_reading(engine) as connection:
            runs = _with_samples(connection, before)
        for run in runs:
            with engine.connect() if dry_run else engine.begin() as connection:
                if not dry_run:  # first: who adds to the run meanwhile waits here, and takes it back
                    connection.execute(update(Run).where(Run.id == run).values(pruned=True))
                found = _sizes(connection, run)
                if not dry_run:
                    connection.execute(update(Samples).where(Samples.run_id == run, _KEPT).values(seconds=b""))
            if found.measurements:
                yield found


def _with_samples(connection: Connection, before: date) -> list[int]:
    query = select(Run.id).where(Run.night < before, Run.pruned == false()).order_by(Run.night, Run.id)
    return list(connection.execute(query).scalars())


def _sizes(connection: Connection, run: int) -> Pruned:
    counts = select(func.count(), func.sum(func.length(Samples.seconds))).where(Samples.run_id == run, _KEPT)
    count, size = connection.execute(counts).one()
    named = select(Run.uuid, Machine.name, Run.night).join(Machine, Machine.id == Run.machine_id).where(Run.id == run)
    return Pruned(*connection.execute(named).one(), count, int(size or 0))
