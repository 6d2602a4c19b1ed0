"""Open the database: SQLite or Postgres, brought to the newest schema, with settings that lose nothing."""

from __future__ import annotations

import contextlib
import re
import shlex
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event, func, select, text
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from storage.address import (
    PASSWORD_FILE,
    Refused,
    StorageError,
    connecting,
    is_sqlite,
    masked,
    parsed,
    shown,
)

if TYPE_CHECKING:  # Alembic takes a while to import, and most commands ask it nothing
    from alembic.config import Config
    from alembic.script import ScriptDirectory

#: Says of a connection that it takes no write lock.
ONLY_READS = "only_reads"

CACHE = "PRAGMA cache_size=-65536"  # KiB: what trends of years go through
BUSY_SECONDS = 10
SQLITE_SETTINGS = (
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    CACHE,
)


#: What Postgres answers where a role may not do what it tries to, and where it may only read.
FORBIDDEN, READS_ONLY = "42501", "25006"
#: The lock, in Postgres, of whoever upgrades the schema: two that start at once would both.
UPGRADING = 20_261_123


def open_database(url: str) -> Engine:
    """An engine for writing, on the newest schema; creates the schema, and a SQLite file, where there is none."""
    engine = writer(url)
    with explained(engine):
        bring_up_to_date(engine)
    return engine


def open_for_reading(url: str) -> Engine:
    """An engine that cannot write. StorageError where there is no database yet, or one of a newer schema."""
    engine = open_as_it_is(url)
    with explained(engine, url):
        is_older = revision(engine) != newest_revision()
    if is_older:
        open_database(url).dispose()  # an older schema is upgraded, as a writer would
    return engine


def open_as_it_is(url: str) -> Engine:
    """As `open_for_reading`, and an older schema stays what it is."""
    if is_sqlite(url) and not Path(parsed(url).database or "").is_file():
        raise StorageError(f"there is no database yet at {shown(url)}: measure something first (`crossover run`)")
    engine = connecting(_read_only(url))
    if is_sqlite(url):
        event.listen(engine, "connect", lambda connection, _: connection.execute(CACHE))
    else:
        engine.update_execution_options(postgresql_readonly=True)
    with explained(engine, url):
        check_known(revision(engine), f"the database {shown(url)}")
    return engine


@contextlib.contextmanager
def only_reading(engine: Engine) -> Iterator[Connection]:
    """A connection of a `writer` that holds up nobody who writes."""
    with engine.connect().execution_options(**{ONLY_READS: True}) as connection:
        yield connection


@contextlib.contextmanager
def reading(url: str) -> Iterator[Connection]:
    """A connection to read with, closed afterwards. StorageError also where the database goes away meanwhile."""
    engine = open_for_reading(url)
    try:
        with explained(engine, url), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextlib.contextmanager
def snapshot(url: str) -> Iterator[Connection]:
    """As `reading`, all of it from one moment, whoever writes meanwhile, and for as long as it takes."""
    with reading(url) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")  # the driver would begin with the first write
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
            connection.exec_driver_sql("set local statement_timeout = 0")  # a role may have one
        yield connection


@contextlib.contextmanager
def explained(engine: Engine, url: str | None = None) -> Iterator[None]:
    """An engine that turns out to be of no use is closed, and what the driver says becomes a StorageError."""
    url = url or engine.url.render_as_string(hide_password=False)
    address = shown(url)
    try:
        yield
    except StorageError:
        engine.dispose()
        raise
    except OperationalError as error:
        engine.dispose()
        said = masked(str(error.orig), url)
        raise StorageError(f"cannot open the database {address}: {said}{_what_to_do(said, url)}") from None
    except DatabaseError as error:
        engine.dispose()
        said = masked(str(error.orig), url)
        if sqlstate(error) in (FORBIDDEN, READS_ONLY):
            raise Refused(f"the role of {address} may not do that: {said}") from None
        raise StorageError(f"{address} is not a database that can be used: {said}") from None


def _what_to_do(said: str, url: str) -> str:
    """What helps against what Postgres says of an address; nothing where that is not known."""
    if "does not exist" in said and (missing := re.search('database "(.*?)" does not exist', said)):
        owner = parsed(url).username or "OWNER"
        return f". Make it first: {shlex.join(['createdb', missing[1], '--owner', owner])}"
    if "no password supplied" in said:
        return f". Name a file with the password in {PASSWORD_FILE}"
    return ""


def see_storable(url: str) -> None:
    """Open the database for writing, as `open_database`; StorageError unless its role may add runs.

    It asks Postgres, and changes nothing but the schema.
    """
    engine = open_database(url)
    try:
        if engine.dialect.name == "postgresql":
            may = "has_table_privilege('run', 'insert') and not current_setting('transaction_read_only')::bool"
            with explained(engine, url), engine.connect() as connection:
                if not connection.scalar(text(f"select {may}")):
                    raise Refused(
                        f"the role of {shown(url)} may only read, so nothing was measured: log in as this machine's "
                        "worker, whom the owner makes (`crossover db roles --worker NAME`)"
                    )
    finally:
        engine.dispose()


def writer(url: str) -> Engine:
    """An engine whose every SQLite transaction takes the write lock first, so that none fails half-way.

    Not those of a connection with the execution option `ONLY_READS`.
    """
    engine = connecting(url)
    if not is_sqlite(url):
        return engine

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN, below
        for setting in SQLITE_SETTINGS:
            connection.execute(setting)
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def take_the_lock(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(ONLY_READS) else "BEGIN IMMEDIATE")

    return engine


def _write_ahead(connection: Any) -> None:
    """Have SQLite write ahead. While others open or write, it may refuse that at once, whatever `busy_timeout` says."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
        time.sleep(0.02)


def bring_up_to_date(engine: Engine) -> None:
    """Run the migrations that this database lacks. StorageError if it comes from a newer Crossover."""
    found = revision(engine)
    if found == newest_revision():
        return
    check_known(found, f"the database {shown(str(engine.url))}")
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":  # a table that is rebuilt may be pointed at: checked afterwards instead
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            config = migrations()
            config.attributes["connection"] = connection
            _upgrade(connection, config, found)
            if engine.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
                raise StorageError(
                    f"the upgrade of {shown(str(engine.url))} would break references: nothing was changed"
                )
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


def _upgrade(connection: Connection, config: Config, found: str | None) -> None:
    from alembic import command

    try:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(UPGRADING)))
        command.upgrade(config, "head")
    except DBAPIError as error:
        if sqlstate(error) != FORBIDDEN:
            raise
        address = shown(connection.engine.url.render_as_string(hide_password=False))
        older = f"has the schema of an older Crossover ({found})" if found else "has no tables yet"
        raise StorageError(
            f"{address} {older}, and this role may not change that: the database's owner runs `crossover db roles`"
        ) from None


def sqlstate(error: DBAPIError) -> str | None:
    """The code of what went wrong, on Postgres."""
    return getattr(error.orig, "sqlstate", None)


def revision(engine: Engine) -> str | None:
    """The schema's revision in this database; None where there is no schema."""
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The schema's revision that this code is written for."""
    return scripts().get_current_head() or ""


def check_known(found: str | None, what: str) -> None:
    """StorageError unless this code knows the revision; what: whose it is, in words."""
    known = {script.revision for script in scripts().walk_revisions()}
    if found is not None and found not in known:
        raise StorageError(f"{what} has the schema of a newer Crossover ({found}): upgrade Crossover to use it")


def scripts() -> ScriptDirectory:
    """The migrations that there are."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(migrations())


def migrations() -> Config:
    """Alembic's configuration: one tree for both databases."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _read_only(url: str) -> str:
    return f"sqlite:///file:{parsed(url).database}?mode=ro&uri=true" if is_sqlite(url) else url
