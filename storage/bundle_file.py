"""A run as the file of a bundle, from the database alone, proven to be one that can be taken in again."""

from __future__ import annotations

import gzip
import tempfile
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from storage import export
from storage.schema import valid_lines
from workloads import bundle

#: Lines that are written, and waited for, together.
BATCH = 500


def write(connection: Connection, run_id: int, path: Path) -> dict[str, int]:
    """Write a run to a new file; how many `measurements` it has, and how many of them are `without_samples`.

    All of it is of one moment. ExportError where it could not be taken in: then it was stored by a release that
    checked less.
    """
    counts = {"measurements": 0, "without_samples": 0}
    export.freeze(connection)
    lines = export.lines(connection, run_id)
    with open(path, "w", encoding="utf-8") as stream:
        while batch := list(islice(lines, BATCH)):
            bundle.write(stream, batch)
    try:
        for line in valid_lines(path):
            if isinstance(line, bundle.Measurement):
                counts["measurements"] += 1
                counts["without_samples"] += any(process.samples_pruned for process in line.processes)
    except bundle.BundleError as error:
        raise export.ExportError(f"as a bundle it would be refused: {error}") from None
    return counts


def packed(connection: Connection, run_id: int) -> bytes:
    """The same in memory, through gzip: for who takes it away over a network. ExportError as above."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        write(connection, run_id, path)
        return gzip.compress(path.read_bytes(), mtime=0)
