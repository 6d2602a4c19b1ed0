"""Copy a database to another one, SQLite or Postgres: all of it, as of one moment, in one transaction, and compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, insert, inspect, select, text

from storage.address import StorageError, shown
from storage.database import explained, open_database, snapshot, writer
from storage.derived import Base  # with every table
from storage.holdings import kept, sees_all

#: Rows that are in memory at a time: a run's carries its plan, which may be large.
BATCH = 100
TOLD_ROWS = 10_000

Say = Callable[[str], None]


class NotEmpty(StorageError):
    """A database that was to be filled holds something."""


@dataclass(frozen=True)
class Copied:
    """How many rows of each table were copied, in the order of their foreign keys."""

    rows: dict[str, int]


def copy(source: str, target: str, say: Say) -> Copied:
    """Copy all rows, with their ids, into an empty database, which is brought to the newest schema first.

    StorageError: the target is as empty as it was. What somebody writes to the source meanwhile is not copied.
    """
    with snapshot(source) as reading:
        if not sees_all(reading):
            raise StorageError(
                f"the role of {shown(source)} sees its own runs only: copy as the owner, or as the reader"
            )
        engine = open_empty(target)
        try:
            with explained(engine, target), engine.begin() as writing:
                take(writing)
                check_empty(writing, target)
                rows = {table.name: _copy_table(reading, writing, table, say) for table in Base.metadata.sorted_tables}
                return Copied(rows)
        finally:
            engine.dispose()


def open_empty(url: str) -> Engine:
    """An engine for an empty database, on the newest schema. StorageError, and nothing is changed, where it is not."""
    engine = writer(url)
    try:
        with explained(engine, url), engine.connect() as connection:
            check_empty(connection, url)
    finally:
        engine.dispose()
    return open_database(url)


def check_empty(connection: Connection, url: str) -> None:
    """NotEmpty, which says what it holds, unless a database is empty."""
    found = kept(connection)
    if found:
        raise NotEmpty(f"{shown(url)} is not empty, it holds {', '.join(found)}: nothing was changed. Give another one")


def take(connection: Connection) -> None:
    """Keep everybody else from writing until the transaction ends; on SQLite it has begun with that."""
    if connection.dialect.name == "postgresql":
        found = sorted({*Base.metadata.tables} & {*inspect(connection).get_table_names()})
        for name in found:
            connection.exec_driver_sql(f'lock table "{name}" in exclusive mode')


def _copy_table(reading: Connection, writing: Connection, table: Table, say: Say) -> int:
    """Copy one table; how many rows it has. StorageError where they are not the same afterwards."""
    total = reading.scalar(select(func.count()).select_from(table)) or 0
    copied, sent = 0, _Digest()
    everything = select(table).execution_options(yield_per=BATCH)
    for batch in reading.execute(everything).mappings().partitions():
        rows = [dict(row) for row in batch]
        writing.execute(insert(table), rows)
        sent.add(row.values() for row in rows)
        copied += len(rows)
        if copied < total and copied % TOLD_ROWS == 0:
            say(f"{table.name}: {copied:,} of {total:,} rows")
    _count_on(writing, table)
    arrived, found = _Digest(), 0
    for batch in writing.execute(everything).partitions():
        arrived.add(batch)
        found += len(batch)
    if (found, arrived.value) != (total, sent.value):
        raise StorageError(
            f"{table.name}: {total:,} rows were sent and {found:,} arrived, not all as they were: nothing was copied"
        )
    say(f"{table.name}: {total:,} rows")
    return total


def _count_on(writing: Connection, table: Table) -> None:
    """Rows that are added later are numbered after these."""
    if writing.dialect.name != "postgresql" or "id" not in table.primary_key.columns:
        return
    sequence = f"pg_get_serial_sequence('\"{table.name}\"', 'id')"
    writing.execute(text(f'select setval({sequence}, max(id)) from "{table.name}" having max(id) is not null'))


class _Digest:
    """A number that is the same for the same rows, in whatever order, on whatever database."""

    def __init__(self) -> None:
        self.value = 0

    def add(self, rows: Iterable[Iterable[Any]]) -> None:
        for row in rows:
            told = json.dumps([_plain(value) for value in row], sort_keys=True).encode()
            self.value = (self.value + int.from_bytes(hashlib.sha256(told).digest())) % 2**256


def _plain(value: Any) -> Any:
    """A value as JSON has it. Numbers as floats: jsonb tells 1e16 and 10000000000000000 not apart."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else str(value)
