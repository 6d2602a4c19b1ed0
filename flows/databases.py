"""`crossover db`: what a database holds, the roles of a team's, copies of it, backups."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from flows import retaining
from flows.cli import HOLES, OK, WrongOptions, app, say
from flows.home import Home, open_home
from storage import address, backup, copying, holdings, roles

#: Holds the password of a role that is made.
ROLE_PASSWORD = "CROSSOVER_ROLE_PASSWORD"
#: So many lines tell what is or was not as it must be.
TOLD_RIGHTS = 20
AS_IT_MUST_BE = "all is as it must be"

db = App(
    name="db",
    help="The database: what it holds, a team's roles, a copy to another one, backups.",
    default_parameter=Parameter(negative="", negative_iterable=""),
)
app.command(db)


@db.default
@db.command
def status(*, as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False) -> int:
    """Print where the database is, its schema, its size, how many rows, from which night to which. Changes nothing.

    Parameters
    ----------
    as_json
        Print it as JSON.
    """
    found = holdings.look(open_home().database_url)
    if as_json:
        print(json.dumps(asdict(found), indent=2, default=str))
        return OK
    upgrade = (
        ""
        if found.schema == found.newest_schema
        else f"; the next command that writes brings it to {found.newest_schema}"
    )
    print(f"{found.address}\n{found.backend} {found.version}, schema {found.schema or 'none yet'}{upgrade}")
    print(retaining.size_text(found.size_bytes))
    for name, count in found.rows.items():
        about = "about " if name in found.estimated else ""
        print(f"  {name:<16}{about}{count:,}")
    if found.with_samples is not None:
        print(f"measurements that have their samples: {found.with_samples:,}")
    if not found.is_all:
        print("of runs, what this role has written itself")
    if found.first_night:
        print(f"nights from {found.first_night} to {found.last_night}")
    return OK


@db.command(name="roles")
def make_roles(
    *,
    reader: Annotated[bool, Parameter(show_default=False)] = False,
    worker: str | None = None,
    password_file: Path | None = None,
    check: Annotated[bool, Parameter(show_default=False)] = False,
) -> int:
    """Make the roles of a team's Postgres, as its owner; again after an upgrade of Crossover. Twice changes nothing.

    What somebody has altered is made as it was; rights of a login that its group has not, and row-level policies of
    others that these roles fall under, are removed. Exit code 1: something is left that only a superuser may change.

    Workers add runs, and see only their own; the reader, for the dashboard, reads everything and writes nothing. The
    password of a new role comes from --password-file or $CROSSOVER_ROLE_PASSWORD, else one is made and put into a file.

    Parameters
    ----------
    reader
        Make the dashboard's login.
    worker
        Make the login of this machine's worker. The runs of that machine that no worker has written become its own.
    password_file
        The password of the login, in the first line of a file. Of one that is there already, it becomes the password.
    check
        Change nothing: print what is missing, altered or too much. Exit code 1: something is.
    """
    is_login = reader or worker is not None
    if reader and worker is not None:
        raise WrongOptions("one login at a time: --reader, or --worker NAME")
    if check and (is_login or password_file):
        raise WrongOptions("--check changes nothing: leave out the other options")
    if password_file and not is_login:
        raise WrongOptions("--password-file is for --reader or --worker NAME")
    home = open_home()
    url = home.database_url
    if check:
        wrong = roles.check(url)
        for line in first(wrong):
            print(line)
        say(f"{len(wrong)} not as it must be: the owner runs `crossover db roles`" if wrong else AS_IT_MUST_BE)
        return HOLES if wrong else OK
    login = roles.login_of(worker)
    with roles.changing(url) as connection:
        done = roles.establish(connection)
        if len(done) > TOLD_RIGHTS:
            named = [line for line in done if line.startswith(("made: the role ", "removed: "))]
            done = [*first(named), f"made: {len(done) - len(named)} rights and policies"]
        if is_login:
            given = given_password(password_file)
            made = None if given or roles.is_there(connection, login) else made_password(home, login)
            done += roles.add_login(
                connection, login, given or (made and address.read_password(made, "--password-file"))
            )
        if worker:
            known = roles.machines(connection)
            if worker not in known:
                say(f"no run of {worker} is stored; machines: {', '.join(known) or 'none'}")
            if count := roles.hand_over(connection, worker):
                done.append(f"made: {count} runs of {worker} are its own")
        left = roles.left(connection)
    for line in [*done, *first(left)] or [AS_IT_MUST_BE]:
        say(line)
    if is_login:
        print(f"CROSSOVER_DATABASE_URL={address.without_password(url, login)}")
        if made:
            print(f"{address.PASSWORD_FILE}={made}")
    return HOLES if left else OK


def first(lines: list[str]) -> list[str]:
    """Of many lines, the first, and how many more."""
    more = len(lines) - TOLD_RIGHTS
    return [*lines[:TOLD_RIGHTS], f"and {more} more"] if more > 0 else lines


def given_password(file: Path | None) -> str | None:
    """The password of a role, where somebody gives one."""
    if file:
        return address.read_password(file, "--password-file")
    return os.environ.get(ROLE_PASSWORD) or None


def made_password(home: Home, login: str) -> Path:
    """A file with a password for a login, readable by its owner alone; the same as long as it is there."""
    path = home.path / f"{login}.password"
    with contextlib.suppress(FileExistsError):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24) + "\n")
    return path


@db.command
def copy(target: str, /, *, password_file: Path | None = None) -> int:
    """Copy the database to another, empty one: SQLite to Postgres, and back. Killed half-way, it stays empty.

    All rows with their ids, as they are when it begins, whoever writes meanwhile; compared at the end. A Postgres
    database is made first: `createdb NAME --owner OWNER`.

    Example:

      crossover db copy postgresql://team@db/crossover

    Parameters
    ----------
    target
        Its address, postgresql://USER@HOST/NAME or sqlite:///FILE, without a password.
    password_file
        A file with the password of that address, in its first line. Default: the file that
        $CROSSOVER_DATABASE_PASSWORD_FILE names, which is also that of the database that is copied.
    """
    found = address.secrets_in(address.parsed(target))
    if found:
        instead = (
            f"name a file with it (--password-file, or {address.PASSWORD_FILE})"
            if found == ["password"]
            else "put it into a section of ~/.pg_service.conf, and `?service=SECTION` into the address"
        )
        raise WrongOptions(
            f"every user of this machine can see the {' and '.join(found)} in a command: leave it out, and {instead}"
        )
    if password_file and address.is_sqlite(target):
        raise WrongOptions("--password-file is for a Postgres: a SQLite file has no password")
    target = address.absolute(target)
    opened = target
    if password_file:
        opened = address.with_password(target, address.read_password(password_file, "--password-file"))
    copied = copying.copy(open_home().database_url, opened, say)
    say(f"copied and compared: {sum(copied.rows.values()):,} rows; runs: {copied.rows['run']:,}")
    if not address.is_sqlite(target):
        say("what workers and the dashboard may do there: the owner runs `crossover db roles`")
    say("what is stored in the old one from now on is not in it. To use it from here:")
    print(f"CROSSOVER_DATABASE_URL={target}")
    if password_file:
        print(f"{address.PASSWORD_FILE}={password_file.absolute()}")
    return OK


@db.command(name="backup")
def back_up(file: Path, /) -> int:
    """Write all of the database to one file, while others write to it. A file that is there is never replaced.

    A Postgres is backed up by `pg_dump`, which must be installed, and be no older than the server. Its SHA-256 is
    written to FILE.sha256, for `sha256sum --check` and for `crossover db restore`.

    Parameters
    ----------
    file
        The file to write.
    """
    size = backup.backup(open_home().database_url, file)
    say(f"{file}: {retaining.size_text(size)}, checked; its SHA-256 lies beside it")
    return OK


@db.command
def restore(file: Path, /) -> int:
    """Bring a backup into the database, which must be empty, and to the newest schema.

    A SQLite file need not be there yet; a Postgres database is made first: `createdb NAME --owner OWNER`.

    If that fails, the database stays what it was. The file is compared with FILE.sha256, where that is there. A backup
    of SQLite can go into a Postgres too. That of a Postgres takes `pg_restore` and `psql`, which must be installed.
    Roles and rights are no part of a backup: `crossover db roles` makes them.

    Example:

      crossover db restore crossover-2026-11-23.backup

    Parameters
    ----------
    file
        What `crossover db backup` has written.
    """
    home = open_home()
    backup.restore(home.database_url, file, say)
    runs = holdings.look(home.database_url).rows["run"]
    say(f"{address.shown(home.database_url)} holds {runs:,} runs")
    if not address.is_sqlite(home.database_url) and roles.check(home.database_url):
        say("what workers and the dashboard may do is not in a backup: the owner runs `crossover db roles`")
    return OK
