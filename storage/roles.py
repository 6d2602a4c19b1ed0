"""Roles of a team's Postgres: made by the database's owner, checked by anybody.

`rights.py` says what they may do, `policies.py` with which rows, `own_runs.py` how a run may change; `logins.py` what
those who are in the roles may not have besides.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.exc import DBAPIError

from storage import logins, own_runs, policies
from storage.address import StorageError, is_sqlite, shown
from storage.database import FORBIDDEN, UPGRADING, explained, open_database, reading, sqlstate
from storage.logins import NAME, READING_LOGIN
from storage.models import Machine, Run
from storage.rights import READER, WORKER, Rule, of_database

#: So many rules are named by an error.
TOLD = 5
_ROLE = "the role "

#: Statements go to the server as they stand: % is no placeholder.
AS_IT_STANDS = {"no_parameters": True}


@contextlib.contextmanager
def changing(url: str) -> Iterator[Connection]:
    """A transaction of the owner's, on the newest schema; StorageError where there can be none."""
    _check_backend(url)
    engine = open_database(url)
    try:
        with explained(engine, url), engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(UPGRADING)))
            yield connection
    finally:
        engine.dispose()


def check(url: str) -> list[str]:
    """What is missing, altered or too much, in words. Without the roles, only those: all else is asked about them."""
    _check_backend(url)
    with reading(url) as connection:
        groups = [rule for rule in _rules(connection) if rule.text.startswith(_ROLE)]
        lacking = _lacking(connection, groups) or [
            *_lacking(connection, logins.found(connection)),
            *_lacking(connection, _rules(connection)),
        ]
        return [rule.wrong for rule in lacking]


def establish(connection: Connection) -> list[str]:
    """Make all of it so that the owner may; what was not so before, in words. `left` says what is not even then.

    StorageError where something of the tables or the groups is not, and then nothing was changed.
    """
    done = [rule.done for rule in logins.found(connection) if _is_tried(connection, rule)]
    try:
        return done + _made(connection, _rules(connection))
    except StorageError as error:
        others = [rule.otherwise for rule in _lacking(connection, logins.found(connection))]
        raise StorageError("; ".join([f"{error}", *others[:TOLD]])) from None


def left(connection: Connection) -> list[str]:
    """What the owner may not make so, or does not of itself, each with who has to do what."""
    return [f"{rule.wrong}: {rule.otherwise}" for rule in _lacking(connection, logins.found(connection))]


def machines(connection: Connection) -> list[str]:
    """Those that a run is stored of."""
    return list(connection.scalars(select(Machine.name).where(Machine.id.in_(select(Run.machine_id))).distinct()))


def login_of(machine: str | None) -> str:
    """The name of a worker's login, or of the dashboard's. StorageError for a name that none could have."""
    if machine is None:
        return READING_LOGIN
    if not NAME.fullmatch(machine):
        raise StorageError(
            f"no role can be named after {machine!r}: write the machine as `crossover status` does, in small letters, "
            "digits and dashes"
        )
    return f"{WORKER}_{machine}"


def is_there(connection: Connection, login: str) -> bool:
    """Whether somebody can log in by this name already."""
    return bool(connection.scalar(text("select count(*) from pg_roles where rolname = :name"), {"name": login}))


def add_login(connection: Connection, login: str, password: str | None) -> list[str]:
    """A role to log in with, in its group; what was not so before. Without a password, the role keeps the one it has.

    The server is told what it keeps of the password, SCRAM-SHA-256, and never the password itself.
    """
    group = READER if login == READING_LOGIN else WORKER
    done = []
    if not is_there(connection, login):
        _execute(connection, f'create role "{login}" login')
        done.append(f"the role {login}")
    if password is not None:
        driver = connection.connection.driver_connection
        kept = driver.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()  # type: ignore[union-attr]
        _execute(connection, f"alter role \"{login}\" password '{kept}'")
        done.append(f"the password of {login}")
    done = [f"made: {one}" for one in done]
    done += _made(connection, [*logins.access(connection, login, group), *logins.settings(connection, login, group)])
    return done + _made(connection, policies.of_others(connection))  # it may have been there, with some of its own


def hand_over(connection: Connection, machine: str) -> int:
    """Give a machine's worker the runs of that machine that no worker has written, so that it knows them: how many."""
    owner = connection.scalar(select(func.current_user()))
    of_machine = select(Machine.id).where(Machine.name == machine)
    unowned = Run.machine_id.in_(of_machine) & Run.written_by.in_(["", owner])
    return connection.execute(update(Run).where(unowned).values(written_by=login_of(machine))).rowcount


def _check_backend(url: str) -> None:
    if is_sqlite(url):
        raise StorageError(
            f"{shown(url)} is a SQLite file, whose only rights are those of the file: roles are Postgres's"
        )


def _rules(connection: Connection) -> list[Rule]:
    names = connection.execute(select(func.current_database(), func.current_schema())).one()
    rights = of_database(*map(connection.dialect.identifier_preparer.quote_identifier, names))
    return [*rights, *own_runs.of_run(), *policies.of_tables(), *policies.of_others(connection)]


def _made(connection: Connection, rules: Iterable[Rule]) -> list[str]:
    """Make them so, in their order, and ask all of them again; what was not so before, in words."""
    rules, done = list(rules), []
    for rule in rules:
        if not _is_so(connection, rule):
            _execute(connection, rule.statement)
            done.append(rule.done)
    still = [rule.wrong for rule in _lacking(connection, rules)]
    if still:
        more = f" and {len(still) - TOLD} more" if len(still) > TOLD else ""
        raise StorageError(
            f"this is not as it must be even now, and nothing was changed: {'; '.join(still[:TOLD])}{more}. An owner "
            "takes back only what it has granted: what another role has, or what comes with a group, has to be taken "
            "back there (psql shows both with \\dp and \\du)"
        )
    return done


def _is_tried(connection: Connection, rule: Rule) -> bool:
    """Whether it is made so here, by a role that may not be allowed to."""
    if not rule.statement or _is_so(connection, rule):
        return False
    with contextlib.suppress(StorageError), connection.begin_nested():
        _execute(connection, rule.statement)
    return _is_so(connection, rule)


def _lacking(connection: Connection, rules: Iterable[Rule]) -> list[Rule]:
    return [rule for rule in rules if not _is_so(connection, rule)]


def _is_so(connection: Connection, rule: Rule) -> bool:
    return bool(connection.exec_driver_sql(f"select {rule.question}", execution_options=AS_IT_STANDS).scalar())


def _execute(connection: Connection, statement: str) -> None:
    try:
        connection.exec_driver_sql(statement, execution_options=AS_IT_STANDS)
    except DBAPIError as error:
        if sqlstate(error) != FORBIDDEN:
            raise
        raise StorageError(
            f"the role of this address may not do that ({str(error.orig).splitlines()[0]}): give the address of the "
            "database's owner, and let a superuser `alter role OWNER createrole`"
        ) from None
