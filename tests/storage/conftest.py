"""Every storage test runs on both databases, and both are real."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from storage import address, database


@contextlib.contextmanager
def empty_postgres(server: str) -> Iterator[str]:
    """The address of a database that is made for one test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(address.with_driver(server), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    with empty_postgres(request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
def engine(url):
    """A database on the newest schema, open for writing."""
    opened = database.open_database(url)
    yield opened
    opened.dispose()


@pytest.fixture
def elsewhere(engine, request, tmp_path):
    """An empty database of the other kind than `engine`."""
    with contextlib.ExitStack() as stack:
        if engine.dialect.name == "sqlite":
            there = stack.enter_context(empty_postgres(request.getfixturevalue("postgres")))
        else:
            there = f"sqlite:///{tmp_path / 'elsewhere.db'}"
        opened = database.open_database(there)
        yield opened
        opened.dispose()
