"""What is worked out from a stored run, kept beside it: when something new is stored, and again by `reanalyse`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from analysis import changes, scores, steps
from storage import database, derived, queries, record, releases

Say = Callable[[str], None]


def _scores(connection: Any, run_id: int) -> Iterable[Any]:
    return scores.scores(queries.measurements(connection, run_id))


def _changes(connection: Any, run_id: int) -> Iterable[Any]:
    return changes.changes(steps.trends(releases.of_run(connection, run_id)))


#: Kind -> how it is worked out, and the version of that.
ANALYSES: Mapping[str, tuple[Callable[[Any, int], Iterable[Any]], int]] = {
    "scores": (_scores, scores.VERSION),
    "changes": (_changes, changes.VERSION),
}
VERSIONS = {kind: version for kind, (_, version) in ANALYSES.items()}


def store(engine: Any, path: Path) -> record.Stored:
    """As `record.store`, and work out what follows where anything was new, or that is missing."""
    stored = record.store(engine, path)
    with database.explained(engine):
        if stored.changed or is_stale(engine, stored.run_id):  # an earlier try may have ended just before
            derive(engine, stored.run_id)
    return stored


def is_stale(engine: Any, run_id: int) -> bool:
    with database.only_reading(engine) as connection:
        return bool(derived.stale(connection, VERSIONS, run_id=run_id))


def derive(engine: Any, run_id: int) -> None:
    """Work out everything that is kept of one run, in the place of what is there: all of it or nothing.

    Nobody waits while it is worked out. Where measurements came meanwhile it is worked out again.
    """
    while True:
        with database.only_reading(engine) as connection:
            known = derived.measurements(connection, run_id)
            rows = {kind: list(map(asdict, analyse(connection, run_id))) for kind, (analyse, _) in ANALYSES.items()}
        if record.at_once(engine, partial(_put, run_id=run_id, known=known, rows=rows)):
            return


def _put(connection: Any, *, run_id: int, known: int, rows: Mapping[str, list[dict[str, Any]]]) -> bool:
    """Whether it was put there: not where the run has other measurements by now than those that are `known`."""
    derived.claim(connection, run_id)
    is_so = derived.measurements(connection, run_id) == known
    for kind, of_kind in rows.items() if is_so else ():
        derived.replace(connection, run_id, kind, VERSIONS[kind], of_kind, datetime.now(UTC), known)
    return is_so


def reanalyse(url: str, say: Say, *, everything: bool = False) -> int:
    """Work out what is missing or of another version, run by run, the newest first; how many runs that took.

    everything: drop all of it first.
    """
    engine = database.open_database(url)
    try:
        with database.explained(engine):
            with engine.begin() as connection:
                if everything:
                    derived.drop(connection)
                left = derived.stale(connection, VERSIONS)
            for count, run in enumerate(left, 1):
                derive(engine, run.id)
                if count % 50 == 0 or count == len(left):
                    say(f"{count} of {len(left)} runs")
    finally:
        engine.dispose()
    return len(left)
