"""Bundles that have not reached the database yet: found on the disk, and brought there in the order they were begun."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from flows import deriving
from flows.home import Home
from storage import address, database
from workloads import bundle, figures

Say = Callable[[str], None]


def note(path: Path, size: int, home: Home) -> None:
    """Remember that so many bytes of a bundle, which may still grow, are in the database of this home."""
    marker(path).write_text(mark(size, home))


def mark(size: int, home: Home) -> str:
    """What stands beside a bundle whose first bytes are in a database: after a move to another one, they are not."""
    where = address.place(home.database_url).replace(str(home.path), "")  # it may be moved, or opened by another role
    return f"{size} {hashlib.sha256(where.encode()).hexdigest()[:16]}"


def marker(path: Path) -> Path:
    return path.with_suffix(".stored")


def waiting(home: Home) -> list[Path]:
    """The bundles of this home that are not in the database, or not all of it; the oldest first."""
    begun = filter(bundle.is_begun, sorted(home.bundles.glob("*.jsonl")))
    return [path for path in begun if not is_stored(path, home)]


def is_stored(path: Path, home: Home) -> bool:
    return marker(path).is_file() and marker(path).read_text() == mark(path.stat().st_size, home)


def deliver(home: Home, say: Say) -> list[str]:
    """Bring all that waits into the database; the runs that were brought. Twice changes nothing.

    One that is damaged is said, and waits for somebody to look at it. StorageError where the database is away.
    """
    paths, brought = waiting(home), []
    if not paths:
        return brought
    engine = database.open_database(home.database_url)
    try:
        for path in paths:
            size = path.stat().st_size
            try:
                stored = deriving.store(engine, path)
            except bundle.BundleError as error:
                say(f"{path} cannot be stored: {error}")
                continue
            note(path, size, home)
            brought.append(stored.run)
            if stored.new:
                say(f"{path.name} had not been stored: run {figures.run_text(stored.run)}, {stored.new} measurements")
    finally:
        engine.dispose()
    return brought
