"""Bundles that have not reached the database yet: found on the disk, and brought there in the order they were begun."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flows.home import Home
from storage import database, record
from workloads import bundle, figures

Say = Callable[[str], None]


def note(path: Path, size: int) -> None:
    """Remember that so many bytes of a bundle, which may still grow, are in the database."""
    marker(path).write_text(str(size))


def marker(path: Path) -> Path:
    return path.with_suffix(".stored")


def waiting(home: Home) -> list[Path]:
    """The bundles of this home that are not in the database, or not all of it; the oldest first."""
    return [path for path in sorted(home.bundles.glob("*.jsonl")) if bundle.is_begun(path) and not is_stored(path)]


def is_stored(path: Path) -> bool:
    return marker(path).is_file() and marker(path).read_text() == str(path.stat().st_size)


def deliver(home: Home, say: Say) -> int:
    """Bring all that waits into the database; how many bundles were brought. Twice changes nothing.

    One that is damaged is said, and waits for somebody to look at it. StorageError where the database is away.
    """
    paths, brought = waiting(home), 0
    if not paths:
        return 0
    engine = database.open_database(home.database_url)
    try:
        for path in paths:
            size = path.stat().st_size
            try:
                stored = record.store(engine, path)
            except bundle.BundleError as error:
                say(f"{path} cannot be stored: {error}")
                continue
            note(path, size)
            brought += 1
            if stored.new:
                say(f"{path.name} had not been stored: run {figures.run_text(stored.run)}, {stored.new} measurements")
    finally:
        engine.dispose()
    return brought
