"""Opening: the schema is there, is the models', and a database that cannot be used is named."""

import contextlib
import sqlite3
import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import database, derived, models  # noqa: F401 # their tables
from storage.tables import Base


def test_the_migrations_make_what_the_models_say(engine):
    """No column, index or constraint differs."""
    options = {"compare_type": True, "compare_server_default": True, "target_metadata": Base.metadata}
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []


def test_sqlite_tables_are_strict_and_keyed_as_the_models_say(engine):
    """What the comparison above cannot see."""
    if engine.dialect.name != "sqlite":
        pytest.skip("SQLite's own flags")
    with engine.connect() as connection:
        found = {
            row.name: (bool(row.strict), bool(row.wr))
            for row in connection.execute(text("select name, strict, wr from pragma_table_list where type = 'table'"))
        }
    for table in Base.metadata.sorted_tables:
        options = table.dialect_options["sqlite"]
        assert found[table.name] == (options["strict"], not options["with_rowid"]), table.name


def test_the_schema_goes_down_and_up_again(engine):
    """Every migration can be undone and done again."""
    with engine.connect() as connection, connection.begin():
        config = database.migrations()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    database.bring_up_to_date(engine)
    assert "measurement" in inspect(engine).get_table_names()


def test_opening_twice_changes_nothing(url):
    """The second time finds the newest schema."""
    database.open_database(url).dispose()
    engine = database.open_database(url)
    assert database.revision(engine) == database.newest_revision()
    engine.dispose()


@pytest.mark.parametrize("open_it", [database.open_database, database.open_for_reading])
def test_a_database_of_a_newer_schema_is_refused(url, open_it):
    """It says what to do, and touches nothing."""
    engine = database.open_database(url)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(database.StorageError, match=r"newer Crossover \(9999\): upgrade"):
        open_it(url)


@pytest.mark.parametrize("open_it", [database.open_for_reading, database.open_as_it_is])
def test_a_reader_cannot_write(url, open_it):
    """Whatever its role may do; not in a second transaction either."""
    database.open_database(url).dispose()
    reader = open_it(url)
    for _ in range(2):
        with pytest.raises(DBAPIError, match=r"readonly|read-only"), reader.begin() as connection:
            connection.execute(text("insert into machine values (1, 'a', 'b', '{}')"))
    with reader.connect() as connection:
        assert connection.scalar(text("select count(*) from machine")) == 0
    reader.dispose()


def test_a_snapshot_cannot_write(url):
    """Nor a transaction after it."""
    database.open_database(url).dispose()
    with database.snapshot(url) as connection:
        for _ in range(2):
            with pytest.raises(DBAPIError, match=r"readonly|read-only"):
                connection.execute(text("insert into machine values (1, 'a', 'b', '{}')"))
            connection.rollback()


def test_references_are_held(engine):
    """A measurement of no run is refused by both databases."""
    row = "(run_id, place, name, environment_id, asked, import_seconds) values (7, 0, 'current', 7, '{}', '{}')"
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(f"insert into run_environment {row}"))


def test_there_is_no_database_yet(tmp_path):
    """The message says how to get one."""
    with pytest.raises(database.StorageError, match="measure something first"):
        database.open_for_reading(f"sqlite:///{tmp_path / 'none.db'}")


@pytest.mark.parametrize("open_it", [database.open_database, database.open_for_reading])
def test_a_file_that_is_no_database_is_refused(tmp_path, open_it):
    """And left as it was."""
    path = tmp_path / "letter.db"
    path.write_text("Dear database, " * 100)
    with pytest.raises(database.StorageError, match="not a database"):
        open_it(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear")


@pytest.mark.parametrize("open_it", [database.open_database, database.open_for_reading])
def test_a_server_that_does_not_answer_is_named_without_its_password(open_it):
    """Nobody listens on port 1."""
    with pytest.raises(database.StorageError, match="crossover:") as raised:
        open_it("postgresql://crossover:secret@127.0.0.1:1/nowhere")
    assert "secret" not in str(raised.value)


def test_a_database_that_fails_while_it_is_read_is_said_like_one_that_is_away(url):
    """Whoever reads has one error to expect, whenever it comes; and nothing stays open."""
    database.open_database(url).dispose()
    with database.reading(url) as connection:
        assert connection.execute(text("select count(*) from run")).scalar_one() == 0
    with pytest.raises(database.StorageError), database.reading(url) as connection:
        connection.execute(text("select * from what_is_not_there"))
    assert connection.closed


def test_a_file_that_somebody_writes_is_opened_once_they_are_done(tmp_path):
    """A new one: SQLite does not wait by itself before it writes ahead."""
    path = tmp_path / "new.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("begin immediate")
        done = threading.Timer(0.3, other.execute, ["rollback"])
        done.start()
        database.open_database(f"sqlite:///{path}").dispose()
        done.join()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
