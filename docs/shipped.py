"""The run of a bundle that ships, for what the documents say of it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from storage import database, queries, record


def read(bundle: Path) -> tuple[Any, Any, list[Any]]:
    """A bundle's run with its environment and measurements, by way of a database that is thrown away."""
    with TemporaryDirectory() as folder:
        engine = database.open_database(f"sqlite:///{folder}/shipped.db")
        stored = record.store(engine, bundle)
        with engine.connect() as connection:
            run = queries.run_by_uuid(connection, stored.run)
            environment = queries.environments_of_runs(connection, [run.id])[0]
            rows = list(queries.measurements(connection, run.id))
        engine.dispose()
    return run, environment, rows
