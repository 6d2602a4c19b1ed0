"""A team's Postgres, over TCP and with passwords: what each role may do it can, and the server refuses the rest."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from storage import (
    address,
    capability,
    copying,
    database,
    derived,
    holdings,
    nights,
    queries,
    record,
    roles,
    values,
)
from storage.rights import READER, WORKER
from tests import builders
from tests.postgres import PASSWORD, query
from tests.storage.test_derived import MEASURED, NOW, SCORE
from workloads import bundle

OTTER, SEAL = "crossover_worker_otter", "crossover_worker_seal"
MINE, OTHERS = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
RUN_COLUMNS = "uuid, machine_id, suite, night, started_at, planned, measured, unsupported, failed, plan, written_by"


@pytest.fixture(scope="module")
def shared(team, tmp_path_factory):
    """A database with two workers, who have stored a run each, and a reader: (server, address of each login)."""
    folder = tmp_path_factory.mktemp("bundles")
    with team.database() as url:
        with roles.changing(url) as connection:
            roles.establish(connection)
            for login in (OTTER, SEAL, roles.READING_LOGIN):
                roles.add_login(connection, login, PASSWORD + login)
        urls = {login: team.url(login, PASSWORD + login) for login in (OTTER, SEAL, roles.READING_LOGIN)}
        for login, run, machine in ((OTTER, MINE, "otter"), (SEAL, OTHERS, "seal")):
            stored(urls[login], builders.a_full_run(folder, run, machine))
        yield team, {**urls, "owner": url}
        logins = ", ".join(f'"{name}"' for name in (OTTER, SEAL, roles.READING_LOGIN))
        team.do(f"drop role {logins}")


def stored(url, path):
    engine = database.open_database(url)
    try:
        return record.store(engine, path)
    finally:
        engine.dispose()


def test_a_worker_stores_its_run_and_reads_it_as_its_night(shared):
    """Counts, derived columns, nights and reports are what they are for the owner; of others' runs there is nothing."""
    _, urls = shared
    with database.reading(urls[OTTER]) as connection:
        (run,) = queries.runs(connection)
        assert (run.uuid, run.machine, run.planned, run.measured, run.failed) == (MINE, "otter", 4, 4, 0)
        assert run.finished_at is not None
        assert [row.uuid for row in nights.of_machine(connection, machine="otter")] == [MINE]
        assert [row.measured for row in nights.workloads_of(connection, [run.id])] == [4]
        assert len(nights.last_two(connection, [run.id])) == 2
        assert queries.machines(connection) == ["otter"]
        assert queries.plan_of(connection, run.id)["request"] == nights.REQUEST
        assert len(queries.measurements(connection, run.id)) == len(values.results(connection, run.id)) == 2
        assert len(capability.noise_floors(connection, run.id)) == len(capability.peaks(connection, run.id)) == 1
        assert queries.run_by_uuid(connection, OTHERS) is None


def test_a_worker_replaces_what_is_derived_from_its_own_runs(shared):
    """As often as it stores; of other runs it can neither add nor remove anything."""
    _, urls = shared
    engine = database.open_database(urls[OTTER])
    score = {**SCORE, "ratio": 0.5}
    with engine.connect() as connection:
        own = queries.run_by_uuid(connection, MINE).id
    for _ in range(2):
        with engine.begin() as connection:
            derived.replace(connection, own, "scores", 1, [score], NOW, MEASURED)
    (others,) = query(urls["owner"], f"select id from run where uuid = '{OTHERS}'")[0]
    with pytest.raises(DBAPIError, match="row-level security"), engine.begin() as connection:
        connection.execute(insert(derived.Score).values(run_id=others, **score))
    engine.dispose()
    assert query(urls["owner"], "select run_id from score") == [(own,)]


def test_storing_again_changes_nothing_and_goes_on_with_ones_own(shared, tmp_path):
    """As for the owner: twice is once."""
    _, urls = shared
    assert stored(urls[OTTER], builders.a_full_run(tmp_path, MINE)).new == 0


def test_a_run_of_another_worker_is_refused_and_stays_as_it_is(shared, tmp_path):
    """The error says whose business it is; nothing was added, not even the machine that the bundle names."""
    _, urls = shared
    counts = "select (select count(*) from measurement), (select count(*) from run), (select count(*) from machine)"
    before = query(urls["owner"], counts)
    with pytest.raises(bundle.BundleError, match="another role has written it: nothing was changed"):
        stored(urls[SEAL], builders.a_full_run(tmp_path, MINE, machine="a machine that nobody knows"))
    assert query(urls["owner"], counts) == before


def test_the_writer_is_known_and_the_owner_sees_all(shared, tmp_path):
    """By the role that wrote; the owner completes anybody's run."""
    _, urls = shared
    found = query(urls["owner"], "select uuid, written_by from run order by uuid")
    assert found == [(MINE, OTTER), (OTHERS, SEAL)]
    assert stored(urls["owner"], builders.a_full_run(tmp_path, OTHERS, machine="seal")).new == 0


ALLOWED = [
    (OTTER, "select count(*) from run", 1),
    (OTTER, "select count(*) from measurement", 4),
    (OTTER, "select count(*) from samples", 4),
    (OTTER, "select count(*) from ratio", 2),
    (OTTER, "select count(*) from noise_floor", 1),
    (OTTER, "select count(*) from peak", 1),
    (OTTER, "select count(*) from run_environment", 2),
    (OTTER, "select count(*) from machine", 2),
    (OTTER, "select count(*) from series", 4),
    (OTTER, "select count(*) from environment", 1),
    (OTTER, "with done as (update run set failed = failed returning 1) select count(*) from done", 1),
    (roles.READING_LOGIN, "select count(*) from run", 2),
    (roles.READING_LOGIN, "select count(*) from measurement", 8),
    (roles.READING_LOGIN, "select count(*) from samples", 8),
    (roles.READING_LOGIN, "select count(*) from alembic_version", 1),
    (roles.READING_LOGIN, "select count(*) from pg_settings where name = 'statement_timeout' and setting = '30000'", 1),
]


@pytest.mark.parametrize(("login", "statement", "count"), ALLOWED, ids=lambda value: str(value)[:60])
def test_what_a_role_sees(shared, login, statement, count):
    """A worker its own, and what all share; a reader everything."""
    assert query(shared[1][login], statement) == [(count,)]


NEW_RUN = f"insert into run ({RUN_COLUMNS}) values ('x', 1, 'all', '2026-03-01', now(), 0, 0, 0, 0, '1', '%s')"
OF_OTHERS = "(select max(id) from run) + 1"  # of the two runs, the other worker's came later
DENIED, ROWS, READ_ONLY = "permission denied", "row-level security", "read-only transaction"
FORBIDDEN = [
    (OTTER, NEW_RUN % SEAL, ROWS),
    (OTTER, NEW_RUN % "", ROWS),
    (OTTER, f"insert into peak values ({OF_OTHERS}, 0, 'cpu', 1, 'numpy', 'matrix', 'float32', 1)", ROWS),
    (OTTER, f"insert into samples select {OF_OTHERS}, place, series_id, seconds, null, processes from samples", ROWS),
    (OTTER, f"insert into noise_floor values ({OF_OTHERS}, 1, now(), 1, 1, 1, 1)", ROWS),
    (OTTER, "update run set written_by = current_user", DENIED),
    (OTTER, "update run set plan = '{}'", DENIED),
    (OTTER, "update measurement set seconds = 1", DENIED),
    (OTTER, "update machine set description = '{}'", DENIED),
    (OTTER, "update series set size = 1", DENIED),
    (OTTER, "update environment set python = '4'", DENIED),
    (OTTER, "delete from run", DENIED),
    (OTTER, "delete from samples", DENIED),
    (OTTER, "truncate measurement cascade", DENIED),
    (OTTER, "drop table ratio", "must be owner"),
    (OTTER, "alter table run disable row level security", "must be owner"),
    (OTTER, "create table mine (x int)", DENIED),
    (OTTER, "create temporary table mine (x int)", DENIED),
    (OTTER, "copy run to program 'cat'", DENIED),
    (OTTER, f"set role {SEAL}", DENIED),
    (OTTER, f"set role {WORKER}", DENIED),
    (roles.READING_LOGIN, "set transaction read write; insert into machine values (9, 'a', 'b', '{}')", DENIED),
    (roles.READING_LOGIN, "set transaction read write; update run set failed = 1", DENIED),
    (roles.READING_LOGIN, "set transaction read write; delete from run", DENIED),
    (roles.READING_LOGIN, "create temporary table mine (x int)", f"{DENIED}|{READ_ONLY}"),
    (roles.READING_LOGIN, f"set role {READER}", DENIED),
    (roles.READING_LOGIN, "select pg_read_file('/etc/passwd')", DENIED),
]


@pytest.mark.parametrize(("login", "statement", "said"), FORBIDDEN, ids=lambda value: str(value)[:60])
def test_what_a_role_may_not_do_is_refused_by_the_server(shared, login, statement, said):
    """Whatever a client sends: rows of others, changes, removals, tables of its own, other roles."""
    with pytest.raises(DBAPIError, match=said):
        query(shared[1][login], statement)


def test_the_runs_of_others_are_not_raised(shared):
    """A worker that updates every run there is updates its own."""
    _, urls = shared
    query(urls[OTTER], "update run set failed = 7")  # which asks for no column, and so for no right to read
    assert query(urls["owner"], "select written_by from run where failed = 7") == [(OTTER,)]
    query(urls["owner"], "update run set failed = 0")


def test_nobody_comes_in_without_a_password_or_goes_elsewhere(shared):
    """A wrong password, none, another database: the server answers, and no message repeats the password."""
    team, _ = shared
    for url in (team.url(OTTER, "wrong-one"), team.url(OTTER, None), team.url(OTTER, PASSWORD + OTTER, "postgres")):
        with pytest.raises(database.StorageError, match=r"password|reject|no pg_hba") as raised:
            database.open_database(url)
        assert "wrong-one" not in str(raised.value)
        assert PASSWORD not in str(raised.value)


def test_the_server_was_never_told_a_password(shared):
    """It logs every statement here, and each password only as it keeps it."""
    team, _ = shared
    told = team.log.read_text()
    assert "alter role" in told
    assert "SCRAM-SHA-256$" in told
    assert PASSWORD not in told


def test_twice_changes_nothing_and_a_check_finds_nothing(shared):
    """Not a grant more, and the passwords stay."""
    team, urls = shared
    rights = "select relname, relacl::text, relrowsecurity from pg_class where relnamespace = 'public'::regnamespace"
    before = query(urls["owner"], rights), team.do("select rolname, rolpassword from pg_authid order by 1")
    with roles.changing(urls["owner"]) as connection:
        assert roles.establish(connection) == []
        assert roles.add_login(connection, OTTER, None) == roles.add_login(connection, roles.READING_LOGIN, None) == []
    assert (query(urls["owner"], rights), team.do("select rolname, rolpassword from pg_authid order by 1")) == before
    assert roles.check(urls["owner"]) == roles.check(urls[roles.READING_LOGIN]) == []


def test_what_is_missing_is_named_and_mended(shared):
    """A policy that somebody dropped, a right too many, a right too few."""
    _, urls = shared
    query(urls["owner"], "drop policy crossover_worker_insert on peak")
    query(urls["owner"], "grant update (plan) on run to crossover_worker")
    query(urls["owner"], "grant delete on machine to public")
    query(urls["owner"], "revoke select on samples from crossover_reader")
    named = {
        "missing: the policy crossover_worker_insert of peak",
        "too much: crossover_worker: update on run.plan",
        "too much: crossover_reader: delete, truncate, trigger on machine",
        "too much: crossover_worker: delete, truncate, trigger on machine",
        "missing: crossover_reader: select on samples",
    }
    assert set(roles.check(urls["owner"])) == named
    with roles.changing(urls["owner"]) as connection:
        done = roles.establish(connection)
        assert {one.replace("made: ", "missing: ").replace("removed: ", "too much: ") for one in done} <= named
    assert roles.check(urls["owner"]) == []


def test_a_new_table_is_read_at_once_and_an_older_schema_is_said_to_a_worker(shared):
    """What a later migration adds; and only the owner can run one."""
    _, urls = shared
    query(urls["owner"], "create table later (run_id bigint)")
    assert query(urls[roles.READING_LOGIN], "select * from later") == []
    query(urls["owner"], "drop table later")
    query(urls["owner"], "update alembic_version set version_num = '0005'")
    query(urls["owner"], "alter table run rename written_by to was_written_by")
    try:
        with pytest.raises(database.StorageError, match=r"older Crossover \(0005\).*owner runs `crossover db roles`"):
            database.open_database(urls[OTTER])
    finally:
        query(urls["owner"], "alter table run rename was_written_by to written_by")
        query(urls["owner"], f"update alembic_version set version_num = '{database.newest_revision()}'")


def test_a_worker_gets_the_runs_that_its_machine_had_before(team, tmp_path):
    """Those that the owner wrote, or nobody known; not those of other workers, nor of other machines."""
    with team.database("elsewhere") as url:
        for number, machine in enumerate(("otter", "otter", "seal", "otter")):
            stored(url, builders.a_full_run(tmp_path, f"00000000-0000-4000-8000-{number:012}", machine))
        query(url, "update run set written_by = '' where id = 1")
        query(url, f"update run set written_by = '{SEAL}' where id = 4")
        with roles.changing(url) as connection:
            assert [roles.hand_over(connection, "otter") for _ in range(2)] == [2, 0]
        assert query(url, "select written_by from run order by id") == [(OTTER,), (OTTER,), ("team",), (SEAL,)]


def test_a_worker_copies_nothing_and_a_reader_all(shared, tmp_path):
    """A copy that lacks what others wrote would look whole; a reader's is, and it writes nowhere else."""
    _, urls = shared
    target = f"sqlite:///{tmp_path / 'copy.db'}"
    with pytest.raises(database.StorageError, match="sees its own runs only: copy as the owner, or as the reader"):
        copying.copy(urls[OTTER], target, print)
    copied = copying.copy(urls[roles.READING_LOGIN], target, str)
    assert (copied.rows["run"], copied.rows["samples"]) == (2, 8)
    assert [holdings.look(urls[login]).is_all for login in (OTTER, roles.READING_LOGIN, "owner")] == [False, True, True]
    assert holdings.look(urls[OTTER]).rows["measurement"] == 4
    with pytest.raises(database.StorageError, match=r"may not do that: cannot execute INSERT in a read-only"):
        stored(urls[roles.READING_LOGIN], builders.a_full_run(tmp_path, "00000000-0000-4000-8000-00000000000c"))


def test_who_may_not_make_roles_is_told_what_to_do(shared):
    """Neither a worker nor an owner who may not make roles; and SQLite has none."""
    _, urls = shared
    with pytest.raises(database.StorageError, match="superuser"), roles.changing(urls[OTTER]) as connection:
        roles.add_login(connection, "crossover_worker_newt", "x")
    with pytest.raises(database.StorageError, match="roles are Postgres's"), roles.changing("sqlite:///a.db"):
        pass
    with pytest.raises(database.StorageError, match="no role can be named after"):
        roles.login_of('otter"; drop table run; --')
    assert address.shown(urls[OTTER]).count("***") == 1
