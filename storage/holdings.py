"""What a database holds, without changing anything: its schema, its size, how many rows, from which night to which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, false, func, inspect, select, text

from storage.address import is_sqlite, shown
from storage.database import explained, newest_revision, open_as_it_is, revision
from storage.derived import Base  # with every table
from storage.models import Run

#: From so many rows on, Postgres's own estimate will do: counting them takes as long as reading them.
COUNTED = 100_000


@dataclass(frozen=True)
class Holdings:
    """What was found. `rows` by table; those of the tables in `estimated` are estimates of the server.

    is_all: not only what a worker may see. with_samples: the measurements of runs that were not pruned; None: unknown.
    """

    address: str
    backend: str
    version: str
    schema: str | None
    newest_schema: str
    size_bytes: int
    rows: dict[str, int]
    estimated: list[str]
    is_all: bool
    first_night: date | None
    last_night: date | None
    with_samples: int | None


def look(url: str) -> Holdings:
    """What the database at this address holds. StorageError where there is none."""
    engine = open_as_it_is(url)
    try:
        with explained(engine, url):
            schema = revision(engine)
            with engine.connect() as connection:
                rows, estimated = _rows(connection)
                nights = (
                    connection.execute(select(func.min(Run.night), func.max(Run.night))).one() if rows else (None,) * 2
                )
                return Holdings(
                    address=shown(url),
                    backend="SQLite" if is_sqlite(url) else "Postgres",
                    version=".".join(map(str, connection.dialect.server_version_info or ())),
                    schema=schema,
                    newest_schema=newest_revision(),
                    size_bytes=_size(connection),
                    rows=rows,
                    estimated=estimated,
                    is_all=sees_all(connection),
                    first_night=nights[0],
                    last_night=nights[1],
                    with_samples=_with_samples(connection) if rows else None,
                )
    finally:
        engine.dispose()


def kept(connection: Connection) -> list[str]:
    """What keeps a database from being empty, in words: `3 run`, `the table invoices`."""
    found = set(inspect(connection).get_table_names()) - {"alembic_version"}
    ours = [table for table in Base.metadata.sorted_tables if table.name in found]
    counts = {table.name: connection.scalar(select(func.count()).select_from(table)) for table in ours}
    strange = [f"the table {name}" for name in sorted(found - set(counts))]
    return [f"{count:,} {name}" for name, count in counts.items() if count] + strange


def sees_all(connection: Connection) -> bool:
    """Whether the role of this connection is shown every run: the owner's and the reader's are, a worker's is not."""
    if connection.dialect.name != "postgresql":
        return True
    everything = (
        "select from pg_policies, unnest(roles) role where tablename = 'run' and cmd = 'SELECT' and qual = 'true' "
        "and case role when 'public' then true else pg_has_role(role, 'usage') end"
    )
    question = f"to_regclass('run') is null or not row_security_active('run') or exists ({everything})"
    return bool(connection.scalar(text(f"select {question}")))


def _rows(connection: Connection) -> tuple[dict[str, int], list[str]]:
    found = set(inspect(connection).get_table_names())
    rows, estimated = {}, []
    for table in Base.metadata.sorted_tables:
        if table.name not in found:
            continue
        estimate = -1
        if connection.dialect.name == "postgresql":
            query = text("select reltuples::bigint from pg_class where oid = to_regclass(:name)")
            estimate = connection.scalar(query, {"name": table.name})
        if estimate > COUNTED:
            estimated.append(table.name)
            rows[table.name] = estimate
        else:
            rows[table.name] = connection.scalar(select(func.count()).select_from(table)) or 0
    return rows, estimated


def _with_samples(connection: Connection) -> int | None:
    """By what runs say of themselves: to look at every sample would take as long as reading all of them."""
    if "pruned" not in {column["name"] for column in inspect(connection).get_columns("run")}:  # an older schema
        return None
    return int(connection.scalar(select(func.sum(Run.measured)).where(Run.pruned == false())) or 0)


def _size(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        return connection.scalar(text("select pg_database_size(current_database())")) or 0
    query = "select page_count * page_size from pragma_page_count(), pragma_page_size()"
    return connection.scalar(text(query)) or 0
