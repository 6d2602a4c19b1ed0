"""Samples that are older than they are kept for, removed: by `crossover prune`, and by the watchdog twice an hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from storage import database, holdings, retention
from storage.address import StorageError, shown
from workloads import figures

Say = Callable[[str], None]
KIB, MIB = 2**10, 2**20


def prune(url: str, nights: int, today: date, say: Say, *, dry_run: bool = False) -> str:
    """Remove the samples of runs more than so many nights ago, a line for each; what that came to, in a sentence.

    StorageError where the role of the database is not shown every run.
    """
    before = today - timedelta(days=nights)
    engine = database.open_for_reading(url) if dry_run else database.open_database(url)
    removed = []
    try:
        with database.explained(engine, url), database.only_reading(engine) as connection:
            if not holdings.sees_all(connection):
                raise StorageError(f"the role of {shown(url)} sees its own runs only: pruning is the owner's")
        for one in retention.prune(engine, before, dry_run=dry_run):
            say(f"{one.night} {one.machine} {figures.run_text(one.run)}: {one.measurements} measurements")
            removed.append(one)
    finally:
        engine.dispose()
    count, size = sum(one.measurements for one in removed), sum(one.bytes for one in removed)
    verb = "would lose" if dry_run else "have lost"
    return (
        f"{count} measurements of {len(removed)} runs {verb} their samples, {size_text(size)}; "
        f"the first night that keeps them is {before}"
    )


def size_text(size: int) -> str:
    """Bytes as people read them: `12.3 KiB`, `4.5 MiB`."""
    return f"{size / KIB:,.1f} KiB" if size < MIB else f"{size / MIB:,.1f} MiB"
