"""A backup of the database in one file, made while others write, and the way back into an empty database.

SQLite's is a database file; Postgres's is what `pg_dump` writes, and needs `pg_restore` and `psql` to come back. Roles
and rights are not in it: `crossover db roles` makes them again. Its SHA-256 lies beside it: what neither SQLite nor
Postgres can see of a damaged file, that can.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import inspect, text

from storage import checksum
from storage.address import StorageError, is_sqlite, parsed, shown
from storage.copying import NotEmpty, Say, check_empty, copy
from storage.database import (
    bring_up_to_date,
    check_known,
    explained,
    newest_revision,
    open_as_it_is,
    revision,
    writer,
)
from storage.derived import Base  # with every table
from storage.programs import check_installed, execute, restore_dump
from storage.rights import VERSION
from storage.whole_file import CannotWrite, written_whole

SQLITE_MARK, POSTGRES_MARK = b"SQLite format 3\0", b"PGDMP"
IS_NONE = "is no backup that `crossover db backup` has written"
#: How a dump is restored without Crossover, into a database without tables.
BY_HAND = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
#: Of what a dump lists: who may see which rows is made anew with the roles, which another server may not have.
ROLES_OWN = (" POLICY ", " ROW SECURITY ", " DEFAULT ACL ", " TRIGGER ", " FUNCTION ")


def backup(url: str, file: Path) -> int:
    """Write a backup that is known to be readable; its size in bytes.

    StorageError where the database cannot be backed up, CannotWrite where the file cannot be written, or one is there:
    then nothing is left of it. Its SHA-256 is written down last.
    """
    for one in (file, checksum.beside(file)):
        if one.exists():
            raise CannotWrite(f"{one} is there already: give another name, or move it away")
    if not file.absolute().parent.is_dir():  # nothing is mounted there, say
        raise CannotWrite(f"there is no folder {file.absolute().parent}")
    _check_owner(url)
    with written_whole(file) as unfinished:
        if is_sqlite(url):
            _vacuum(url, unfinished)
        else:
            tables = [f"--table={name}" for name in (*Base.metadata.tables, VERSION)]
            check_installed(("pg_dump",), url, "pg_dump", "--format=custom", f"--file={file}", *tables)
            execute("pg_dump", "--format=custom", f"--file={unfinished}", *tables, url=url)
            _contents(unfinished)
    checksum.note(file)
    return file.stat().st_size


def restore(url: str, file: Path, say: Say) -> None:
    """Bring a backup into a database that is empty, or not there yet, on the newest schema.

    StorageError: the database is what it was, or on the newest schema and as empty.
    """
    mark = _beginning(file)
    if mark.startswith(POSTGRES_MARK) and is_sqlite(url):
        raise StorageError(
            f"{file} is of a Postgres database: restore it into one, `crossover db copy` takes it into a SQLite file"
        )
    if not mark.startswith((SQLITE_MARK, POSTGRES_MARK)):
        raise StorageError(f"{file} {IS_NONE}")
    with _nothing_changed(url, file):
        _check_sum(file, say)
        if mark.startswith(POSTGRES_MARK):
            _from_postgres(url, file)
        elif is_sqlite(url) and not (target := Path(parsed(url).database or "")).exists():
            with written_whole(target) as unfinished:
                _from_sqlite(f"sqlite:///{unfinished}", file, say)
        else:
            _from_sqlite(url, file, say)


@contextlib.contextmanager
def _nothing_changed(url: str, file: Path) -> Iterator[None]:
    """Say of a restore that fails which file it was of, and what the database is."""
    try:
        yield
    except NotEmpty as error:
        raise NotEmpty(f"{error} (CROSSOVER_HOME or CROSSOVER_DATABASE_URL)") from None
    except StorageError as error:
        said = str(error) if str(error).startswith(str(file)) else f"{file} was not restored ({error})"
        raise StorageError(f"{said}: {shown(url)} is as empty as before") from None
    except ValueError as error:  # a document or a date that is none
        raise StorageError(f"{file} is damaged ({error}): {shown(url)} is as empty as before") from None


def _check_owner(url: str) -> None:
    """StorageError unless there is a database, and its role may back it up."""
    engine = open_as_it_is(url)
    try:
        if not is_sqlite(url):
            owned = "select pg_has_role(relowner, 'usage') from pg_class where oid = to_regclass('run')"
            with explained(engine, url), engine.connect() as connection:
                if connection.scalar(text(owned)) is False:
                    raise StorageError(
                        f"the role of {shown(url)} does not own it: a backup is made by the owner; "
                        "`crossover db copy sqlite:///FILE` can be done by the reader"
                    )
    finally:
        engine.dispose()


def _check_sum(file: Path, say: Say) -> None:
    """StorageError unless a file is what it was when it was written, as far as that is known."""
    noted = checksum.beside(file)
    if not checksum.is_noted(file):
        say(f"there is no {noted.name}: whether a figure in {file.name} was altered cannot be known")
    elif not checksum.is_as_noted(file):
        raise StorageError(f"{file} is damaged (its SHA-256 is not the one in {noted.name})")


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
        reason = found[0] if found != ["ok"] else "a row is missing that others name"
        raise StorageError(f"{file} is damaged ({reason})")


def _from_sqlite(url: str, file: Path, say: Say) -> None:
    """As a copy. One of an older schema is brought to the newest beside it: the backup stays what it is."""
    _check_sqlite(file)
    source = f"sqlite:///{file.absolute()}"
    engine = open_as_it_is(source)
    found = revision(engine)
    engine.dispose()
    if found is None:
        raise StorageError(f"{file} {IS_NONE}")
    if found == newest_revision():
        copy(source, url, say)
        return
    with tempfile.TemporaryDirectory() as folder:
        newer = Path(folder) / "newer.db"
        _vacuum(source, newer)  # with what stands beside the file of a database that is in use
        copy(f"sqlite:///{newer}", url, say)  # which opens it, and so brings it to the newest schema


def _from_postgres(url: str, file: Path) -> None:
    check_installed(("pg_restore", "psql"), url, "pg_restore", *BY_HAND, str(file))
    lines = _contents(file).splitlines()
    _check_revision(file)
    engine = writer(url)
    try:
        with explained(engine, url):
            check_known(revision(engine), f"the database {shown(url)}")
            with engine.connect() as connection:
                check_empty(connection, url)
                found = {*Base.metadata.tables, VERSION} & {*inspect(connection).get_table_names()}
            with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
                chosen.writelines(f"{line}\n" for line in lines if not any(name in line for name in ROLES_OWN))
                chosen.flush()
                listed = f"--use-list={chosen.name}"
                restore_dump(url, file, _dropping(sorted(found)), "--no-owner", "--no-privileges", listed)
            bring_up_to_date(engine)
    finally:
        engine.dispose()


def _dropping(tables: list[str]) -> str:
    """SQL that drops empty tables, whose place those of a dump take. It fails where one is not empty any more."""
    if not tables:
        return ""
    named = ", ".join(f'"{name}"' for name in tables)
    filled = " or ".join(f'exists (select from "{name}")' for name in tables if name != VERSION)
    check = f"if {filled or False} then raise exception 'somebody has written to it meanwhile'; end if;"
    return f"lock table {named} in access exclusive mode; do $$ begin {check} end $$; drop table {named};"


def _check_revision(file: Path) -> None:
    """StorageError unless a dump is of a schema that this code knows."""
    rows = execute("pg_restore", "--data-only", f"--table={VERSION}", "--file=-", str(file))
    found = rows.partition(" FROM stdin;\n")[2].partition("\\.")[0].split()
    if not found:
        raise StorageError(f"{file} {IS_NONE}")
    check_known(found[0], f"the backup {file}")


def _contents(file: Path) -> str:
    """What a dump holds, a line each; StorageError where that cannot be read."""
    try:
        return execute("pg_restore", "--list", str(file))
    except StorageError as error:
        raise StorageError(f"{file} is damaged ({error})") from None


def _beginning(file: Path) -> bytes:
    try:
        with open(file, "rb") as stream:
            return stream.read(len(SQLITE_MARK))
    except OSError as error:
        raise StorageError(f"cannot read {file} ({error.strerror})") from None
