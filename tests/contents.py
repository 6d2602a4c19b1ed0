"""What two databases hold, in a form that is equal where they tell the same: names in the place of their own ids."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, select

from storage.derived import DERIVED, Base
from storage.models import Environment, Machine, Run, Series

#: What each database has of its own: numbers, and who wrote a run.
OWN = ("id", "written_by")
#: What a column of this name points at, and by what that is known in any database.
POINTERS = {
    "machine_id": (Machine, ("name", "fingerprint")),
    "environment_id": (Environment, ("digest",)),
    "run_id": (Run, ("uuid",)),
    "series_id": (Series, ("workload", "workload_version", "case_key", "variant", "device", "threads")),
    "baseline_series_id": (Series, ("workload", "workload_version", "case_key", "variant", "device", "threads")),
}


def contents(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table, in the order of its text; what is derived is worked out anew, and left out."""
    with engine.connect() as connection:
        names = {column: named(connection, *pointer) for column, pointer in POINTERS.items()}
        return {
            table.name: sorted(
                repr({name: even(names[name][value] if name in names else value) for name, value in row.items()})
                for row in connection.execute(select(*(column for column in table.columns if column.name not in OWN)))
                .mappings()
                .all()
            )
            for table in Base.metadata.sorted_tables
            if table.name not in DERIVED
        }


def named(connection: Connection, model: Any, columns: tuple[str, ...]) -> dict[int, tuple[Any, ...]]:
    rows = connection.execute(select(model.id, *(getattr(model, name) for name in columns)))
    return {row.id: tuple(row)[1:] for row in rows}


def even(value: Any) -> Any:
    """A document with its names in order, and whole numbers that are none to JSON as what they are: numbers."""
    if isinstance(value, dict):
        return {name: even(inner) for name, inner in sorted(value.items())}
    if isinstance(value, list):
        return [even(inner) for inner in value]
    return float(value) if type(value) is int and abs(value) > 2**53 else value
