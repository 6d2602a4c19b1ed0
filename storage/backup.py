"""A backup of the database in one file, made while others write, and the way back into an empty database.

SQLite's is a database file; Postgres's is what `pg_dump` writes, and needs `pg_restore` to come back. Roles are not in
it: `crossover db roles` makes them again.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

from storage.address import StorageError, is_sqlite, masked, parsed, password, shown, without_password
from storage.copying import Say, check_empty, copy, take
from storage.database import bring_up_to_date, explained, newest_revision, open_as_it_is, revision, writer
from storage.derived import Base  # with every table
from storage.rights import VERSION
from storage.whole_file import CannotWrite, written_whole

SQLITE_MARK, POSTGRES_MARK = b"SQLite format 3\0", b"PGDMP"
RESTORING = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
#: Of what a dump lists: who may see which rows is made anew with the roles, which another server may not have.
ROLES_OWN = (" POLICY ", " ROW SECURITY ", " DEFAULT ACL ")


def backup(url: str, file: Path) -> int:
    """Write a backup that is known to be readable; its size in bytes.

    StorageError where the database cannot be backed up, CannotWrite where the file cannot be written, or one is there:
    then nothing is left of it.
    """
    if file.exists():
        raise CannotWrite(f"{file} is there already: give another name, or move it away")
    if not file.absolute().parent.is_dir():  # nothing is mounted there, say
        raise CannotWrite(f"there is no folder {file.absolute().parent}")
    open_as_it_is(url).dispose()
    with written_whole(file) as unfinished:
        if is_sqlite(url):
            _vacuum(url, unfinished)
        else:
            tables = [f"--table={name}" for name in (*Base.metadata.tables, VERSION)]
            _check_installed("pg_dump", url, "--format=custom", f"--file={file}", *tables)
            _execute("pg_dump", "--format=custom", f"--file={unfinished}", *tables, url=url)
            _contents(unfinished)
    return file.stat().st_size


def restore(url: str, file: Path, say: Say) -> None:
    """Bring a backup into a database that is empty, or not there yet, on the newest schema. StorageError: not so."""
    mark = _beginning(file)
    if mark.startswith(SQLITE_MARK):
        _from_sqlite(url, file, say)
    elif mark.startswith(POSTGRES_MARK) and not is_sqlite(url):
        _from_postgres(url, file)
    elif mark.startswith(POSTGRES_MARK):
        raise StorageError(
            f"{file} is of a Postgres database: restore it into one, `crossover db copy` takes it into a SQLite file"
        )
    else:
        raise StorageError(f"{file} is no backup that `crossover db backup` has written")


def _vacuum(url: str, unfinished: Path) -> None:
    """The newest state, as of one moment, written anew."""
    try:
        with contextlib.closing(_read_only(Path(parsed(url).database or ""))) as connection:
            connection.execute("PRAGMA busy_timeout=10000")
            connection.execute("VACUUM INTO ?", [str(unfinished)])
        _check_sqlite(unfinished)
    except sqlite3.Error as error:
        raise StorageError(f"{shown(url)} could not be backed up: {error}") from None


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file.absolute().as_uri() + "?mode=ro", uri=True)


def _check_sqlite(file: Path) -> None:
    """StorageError unless a SQLite file is whole and all its references lead somewhere."""
    try:
        with contextlib.closing(_read_only(file)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        found, broken = [str(error)], None
    if found != ["ok"] or broken:
        raise StorageError(f"{file} is damaged: {found[0] if found != ['ok'] else 'a row is missing that others name'}")


def _from_sqlite(url: str, file: Path, say: Say) -> None:
    """As a copy. One of an older schema is brought to the newest beside it: the backup stays what it is."""
    _check_sqlite(file)
    source = f"sqlite:///{file.absolute()}"
    engine = open_as_it_is(source)
    is_newest = revision(engine) == newest_revision()
    engine.dispose()
    if is_newest:
        copy(source, url, say)
        return
    with tempfile.TemporaryDirectory() as folder:
        newer = Path(folder) / "newer.db"
        _vacuum(source, newer)  # with what stands beside the file of a database that is in use
        copy(f"sqlite:///{newer}", url, say)  # which opens it, and so brings it to the newest schema


def _from_postgres(url: str, file: Path) -> None:
    _check_installed("pg_restore", url, *RESTORING, str(file))
    lines = _contents(file).splitlines()
    engine = writer(url)
    try:
        with explained(engine, url), engine.begin() as connection:
            take(connection)
            check_empty(connection, url)
            Base.metadata.drop_all(connection)
            connection.exec_driver_sql(f"drop table if exists {VERSION}")
        with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
            chosen.writelines(f"{line}\n" for line in lines if not any(name in line for name in ROLES_OWN))
            chosen.flush()
            _execute("pg_restore", *RESTORING, f"--use-list={chosen.name}", str(file), url=url)
        bring_up_to_date(engine)
    finally:
        engine.dispose()


def _contents(file: Path) -> str:
    """What a dump holds, a line each; StorageError where that cannot be read."""
    return _execute("pg_restore", "--list", str(file))


def _execute(command: str, *arguments: str, url: str | None = None) -> str:
    """What one of Postgres's own programs prints. The password is in its environment, and so nobody else's."""
    to = [f"--dbname={without_password(url)}"] if url else []
    secret = password(url) if url else None
    environment = {**os.environ, **({"PGPASSWORD": secret} if secret else {})}
    ran = subprocess.run([command, *to, *arguments], env=environment, capture_output=True, text=True)
    if ran.returncode:
        said = masked(ran.stderr, url) if url else ran.stderr
        raise StorageError(f"{command} failed: {' '.join(said.split())[-1000:]}")
    return ran.stdout


def _check_installed(command: str, url: str, *arguments: str) -> None:
    """StorageError, with what to run where it is installed, unless one of Postgres's own programs is here."""
    if shutil.which(command) is None:
        line = shlex.join([command, f"--dbname={without_password(url)}", *arguments])
        raise StorageError(f"{command} is not installed here. Where it is, no older than the server, run: {line}")


def _beginning(file: Path) -> bytes:
    try:
        with open(file, "rb") as stream:
            return stream.read(len(SQLITE_MARK))
    except OSError as error:
        raise StorageError(f"cannot read {file} ({error.strerror})") from None
