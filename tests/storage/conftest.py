"""Every storage test runs on both databases, and both are real."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from storage import address, database, record, roles
from tests import builders
from tests.postgres import PASSWORD


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


@pytest.fixture
def granted(team, tmp_path):
    """A team's Postgres with its roles: addresses of the owner, two workers with a run each, and the reader."""
    logins = {"otter": "crossover_worker_otter", "seal": "crossover_worker_seal", "reader": roles.READING_LOGIN}
    with team.database() as owner:
        with roles.changing(owner) as connection:
            roles.establish(connection)
            for login in logins.values():
                roles.add_login(connection, login, PASSWORD)
        urls = {name: team.url(login) for name, login in logins.items()}
        for number, machine in enumerate(("otter", "seal")):
            engine = database.open_database(urls[machine])
            record.store(engine, builders.a_full_run(tmp_path, f"00000000-0000-4000-8000-{number:012}", machine))
            engine.dispose()
        yield {**urls, "owner": owner}
    team.do(*(f"drop role {login}" for login in logins.values()))


@pytest.fixture
def programs(team, monkeypatch):
    """Postgres's own programs, of the server's version, on the PATH."""
    monkeypatch.setenv("PATH", str(team.commands), prepend=":")
    return team


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """A database with a run, and a way to get an empty one at the same address: (address, wipe)."""
    path = tmp_path / "yours.db"
    url, server = f"sqlite:///{path}", None
    if request.param == "postgresql":
        server = request.getfixturevalue("programs")
        server.do("create database team owner team")
        url = server.url()

    def wipe():
        if server is None:
            for one in path.parent.glob("yours.db*"):
                one.unlink()
        else:
            server.do("drop database team with (force)", "create database team owner team")

    opened = database.open_database(url)
    record.store(opened, builders.a_full_run(tmp_path, "00000000-0000-4000-8000-000000000001"))
    opened.dispose()
    yield url, wipe
    if server is not None:
        server.do("drop database team with (force)")
