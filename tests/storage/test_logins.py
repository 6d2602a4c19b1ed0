"""What a login of a team's Postgres has besides its group's rights, or lacks, is found, and mended or said."""

from __future__ import annotations

import pytest

from storage import roles
from tests.postgres import PASSWORD, query

OTTER, DASHBOARD = "crossover_worker_otter", "crossover_dashboard"
#: What the owner does and takes back: the statement, what is found.
MENDED = [
    (f"grant delete on run to {OTTER}", f"too much: {OTTER}: delete on table run, its own"),
    (f"grant update (size) on series to {OTTER}", f"too much: {OTTER}: update (size) on table series, its own"),
    (f"grant insert on machine to {DASHBOARD}", f"too much: {DASHBOARD}: insert on table machine, its own"),
    (f"grant create on schema public to {OTTER}", f"too much: {OTTER}: create on schema public, its own"),
    (f"grant temporary on database team to {OTTER}", f"too much: {OTTER}: temporary on database team, its own"),
    (f"grant update on sequence run_id_seq to {OTTER}", f"too much: {OTTER}: update on sequence run_id_seq, its own"),
    (f"grant crossover_reader to {OTTER}", f"too much: {OTTER} in crossover_reader"),
    (
        f"alter role {DASHBOARD} in database team reset default_transaction_read_only",
        f"missing: default_transaction_read_only of {DASHBOARD}",
    ),
]
#: What a superuser does, what is found, and what he has to run.
SUPERUSERS = [
    *(
        (f"alter role {OTTER} {one}", f"too much: {OTTER}: {one}", f"alter role {OTTER} no{one}")
        for one in ("superuser", "createdb", "createrole", "replication", "bypassrls")
    ),
    (
        f"grant pg_read_all_data to {OTTER}",
        f"too much: {OTTER} in pg_read_all_data",
        f"revoke pg_read_all_data from {OTTER} granted by postgres cascade",
    ),
    (
        f"grant crossover_worker to {OTTER} with admin option",
        f"too much: {OTTER}: admin option for crossover_worker",
        f"revoke admin option for crossover_worker from {OTTER} granted by postgres cascade",
    ),
    ("alter table peak owner to postgres", "missing: team as the owner of peak", "alter table peak owner to team"),
    (
        "alter role crossover_worker bypassrls",
        "too much: crossover_worker: bypassrls",
        "alter role crossover_worker nobypassrls",
    ),
]
#: What shuts a login out.
SHUT_OUT = [
    (f"alter role {OTTER} nologin", OTTER, f"missing: {OTTER}: the right to log in"),
    (
        f"alter role {DASHBOARD} valid until '2020-01-01'",
        DASHBOARD,
        f"missing: {DASHBOARD}: a password that has not expired",
    ),
    (f"revoke crossover_worker from {OTTER}", OTTER, f"missing: {OTTER} in crossover_worker"),
]


def established(url):
    with roles.changing(url) as connection:
        return roles.establish(connection), roles.left(connection)


def test_what_the_owner_may_take_back_it_does(granted):
    """Rights of a login's own, groups, settings; whoever asks is told, and twice is once."""
    for statement, _ in MENDED:
        query(granted["owner"], statement)
    told = {line for _, line in MENDED}
    assert set(roles.check(granted["owner"])) == set(roles.check(granted["otter"])) == told
    done, left = established(granted["owner"])
    assert {one.replace("made: ", "missing: ").replace("removed: ", "too much: ") for one in done} == told
    assert left == roles.check(granted["reader"]) == []
    assert established(granted["owner"]) == ([], [])


def test_what_a_superuser_has_to_take_back_is_said_with_the_statement(granted, team):
    """All else is mended; the statements that are said, run as they are, are enough."""
    query(granted["owner"], f"grant delete on run to {OTTER}")
    for statement, _, _ in SUPERUSERS:
        team.do(statement, database="team")
    try:
        told = {line for _, line, _ in SUPERUSERS}
        assert set(roles.check(granted["reader"])) == {*told, f"too much: {OTTER}: delete on table run, its own"}
        done, left = established(granted["owner"])
        assert done == [f"removed: {OTTER}: delete on table run, its own"]
        assert set(left) == {f"{line}: a superuser has to run `{statement}`" for _, line, statement in SUPERUSERS}
        assert set(roles.check(granted["reader"])) == told
    finally:
        team.do(*(statement for _, _, statement in SUPERUSERS), database="team")
    assert roles.check(granted["reader"]) == []


def test_a_right_that_another_role_has_granted_is_said_with_that_role(granted, team):
    """Which a superuser becomes, to take it back."""
    team.do("create role boss")
    team.do("grant usage on schema public to boss", database="team")
    query(granted["owner"], "grant delete on run to boss with grant option")
    try:
        team.do("set role boss", f"grant delete on run to {OTTER}", database="team")
        (line,) = established(granted["owner"])[1]
        own = f"too much: {OTTER}: delete on table run, its own"
        assert line.startswith(f"{own}: a superuser has to run `set role boss;")
        team.do(line.split("`")[1], database="team")
        assert roles.check(granted["owner"]) == []
    finally:
        team.do("drop owned by boss cascade", "drop role boss", database="team")


@pytest.mark.parametrize(("statement", "login", "line"), SHUT_OUT, ids=lambda value: value[:50])
def test_who_was_shut_out_comes_in_again_only_when_that_is_asked_for(granted, statement, login, line):
    """Somebody may have meant it: it is said, with the command that lets the login in."""
    query(granted["owner"], statement)
    assert roles.check(granted["owner"]) == [line]
    command = "crossover db roles --reader" if login == DASHBOARD else "crossover db roles --worker otter"
    assert established(granted["owner"]) == ([], [f"{line}: `{command}` lets it in"])
    with roles.changing(granted["owner"]) as connection:
        assert roles.add_login(connection, login, None) == [line.replace("missing: ", "made: ")]
    assert roles.check(granted["owner"]) == []


def test_a_stranger_in_a_group_is_told_and_left_alone(granted, team):
    """Whoever else reads is welcome to; what they have besides is not ours to take. Who made a group is no stranger."""
    team.do('create role "it\'s me" login', 'grant crossover_reader to "it\'s me"')
    try:
        assert roles.check(granted["owner"]) == []
        query(granted["owner"], 'grant delete on run to "it\'s me"')
        team.do('alter role "it\'s me" createdb')
        stranger = ["too much: it's me: createdb", "too much: it's me: delete on table run, its own"]
        assert roles.check(granted["owner"]) == stranger
        removing = 'no login that Crossover has made: `revoke crossover_reader from "it\'s me"`'
        assert established(granted["owner"]) == ([], [f"{line}: {removing}" for line in stranger])
        team.do('revoke crossover_reader from "it\'s me"')
        assert roles.check(granted["owner"]) == []
    finally:
        team.do('drop owned by "it\'s me"', 'drop role "it\'s me"', database="team")


def test_a_name_that_sql_would_be_broken_by_is_no_login_of_ours(granted, team):
    """Whoever may make roles may call them so."""
    name = "crossover_worker_x'; drop table run; --"
    team.do(f'create role "{name}" superuser')
    try:
        assert roles.check(granted["owner"]) == []
        team.do(f'grant crossover_worker to "{name}"')
        assert roles.check(granted["owner"]) == [f"too much: {name}: superuser"]
        assert established(granted["owner"])[0] == []
    finally:
        team.do(f'drop role "{name}"')


def test_a_login_made_anew_is_as_it_must_be(granted, team):
    """Nothing is found at what `add_login` makes."""
    with roles.changing(granted["owner"]) as connection:
        roles.add_login(connection, "crossover_worker_newt", PASSWORD)
    assert roles.check(team.url("crossover_worker_newt")) == []
    team.do("drop role crossover_worker_newt")
