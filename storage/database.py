"""Open the database: SQLite or Postgres, brought to the newest schema, with settings that lose nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError, OperationalError

if TYPE_CHECKING:  # Alembic takes a while to import, and most commands ask it nothing
    from alembic.config import Config
    from alembic.script import ScriptDirectory

SQLITE_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA busy_timeout=10000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
)


class StorageError(Exception):
    """The database cannot be used; the text says why and what to do."""


def open_database(url: str) -> Engine:
    """An engine for writing, on the newest schema; creates the schema, and a SQLite file, where there is none."""
    engine = writer(url)
    with explained(engine):
        bring_up_to_date(engine)
    return engine


def open_for_reading(url: str) -> Engine:
    """An engine that cannot write. StorageError where there is no database yet, or one of another schema."""
    if _is_sqlite(url) and not Path(make_url(url).database or "").is_file():
        raise StorageError(f"there is no database yet at {shown(url)}: measure something first (`crossover run`)")
    engine = create_engine(_read_only(url))
    with explained(engine, url):
        found = revision(engine)
        check_known(found, url)
    if found != newest_revision():
        open_database(url).dispose()  # an older schema is upgraded, as a writer would
    return engine


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
def explained(engine: Engine, url: str | None = None) -> Iterator[None]:
    """An engine that turns out to be of no use is closed, and what the driver says becomes a StorageError."""
    address = shown(url or engine.url.render_as_string(hide_password=False))
    try:
        yield
    except StorageError:
        engine.dispose()
        raise
    except OperationalError as error:
        engine.dispose()
        raise StorageError(f"cannot open the database {address}: {error.orig}") from None
    except DatabaseError as error:
        engine.dispose()
        raise StorageError(f"{address} is not a database that can be used: {error.orig}") from None


def with_driver(url: str) -> str:
    """A Postgres address as people write it, with the driver that is installed here."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme in ("postgres", "postgresql") else url


def writer(url: str) -> Engine:
    """An engine whose every SQLite transaction takes the write lock first, so that none fails half-way."""
    engine = create_engine(with_driver(url))
    if not _is_sqlite(url):
        return engine

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN, below
        for setting in SQLITE_SETTINGS:
            connection.execute(setting)

    @event.listens_for(engine, "begin")
    def take_the_lock(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def bring_up_to_date(engine: Engine) -> None:
    """Run the migrations that this database lacks. StorageError if it comes from a newer Crossover."""
    found = revision(engine)
    if found == newest_revision():
        return
    check_known(found, str(engine.url))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":  # a table that is rebuilt may be pointed at: checked afterwards instead
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            config = migrations()
            config.attributes["connection"] = connection
            from alembic import command

            command.upgrade(config, "head")
            if engine.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
                raise StorageError(
                    f"the upgrade of {shown(str(engine.url))} would break references: nothing was changed"
                )
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


def revision(engine: Engine) -> str | None:
    """The schema's revision in this database; None where there is no schema."""
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The schema's revision that this code is written for."""
    return scripts().get_current_head() or ""


def check_known(found: str | None, url: str) -> None:
    """StorageError unless this code knows the revision."""
    known = {script.revision for script in scripts().walk_revisions()}
    if found is not None and found not in known:
        raise StorageError(
            f"the database {shown(url)} has the schema of a newer Crossover ({found}): upgrade Crossover to use it"
        )


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


def shown(url: str) -> str:
    """A database's address as it may be shown: a file's path, or an address without its password."""
    parsed = make_url(url)
    return str(parsed.database) if _is_sqlite(url) else parsed.render_as_string(hide_password=True)


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _read_only(url: str) -> str:
    return f"sqlite:///file:{make_url(url).database}?mode=ro&uri=true" if _is_sqlite(url) else with_driver(url)
