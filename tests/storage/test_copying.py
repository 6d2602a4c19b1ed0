"""A copy of a database is all of it, as of one moment, and the next row has the next number."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time

import pytest
from sqlalchemy import func, select

from storage import copying, database, derived, holdings, models, record, roles
from tests import builders
from tests.postgres import PASSWORD, query
from tests.storage.test_derived import MEASURED, NOW, SCORE


def contents(url):
    """Every row of every table."""
    with database.reading(url) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in derived.Base.metadata.sorted_tables
        }


def store(url, *paths):
    engine = database.open_database(url)
    for path in paths:
        record.store(engine, path)
    engine.dispose()


def derive(url):
    """Something in every table of what is derived."""
    engine = database.open_database(url)
    with engine.begin() as connection:
        run, series = (connection.execute(select(table.id)).scalars().first() for table in (models.Run, models.Series))
        change = {"series_id": series, "place": 1, "before_place": 0, "ratio": 2.0, "low": 1.9, "high": 2.1}
        derived.replace(connection, run, "changes", 1, [change], NOW, MEASURED)
        derived.replace(connection, run, "scores", 1, [{**SCORE, "ratio": 0.5}], NOW, MEASURED)
    engine.dispose()


@pytest.fixture
def target(request, tmp_path):
    """An empty database of the other kind than `url`."""
    if request.node.callspec.params["url"] == "postgresql":
        yield f"sqlite:///{tmp_path / 'target.db'}"
        return
    with request.getfixturevalue("team").database() as made:
        yield made


def test_a_copy_has_every_row_and_counts_on(url, target, tmp_path):
    """From SQLite to Postgres and back, ids and odd values included; what is stored next finds a number."""
    values = {"load": 1e16, "tiny": 5e-324, "big": 2**62, "text": "ä\"\\' 雪", "deep": [{"x": None}, True]}
    odd = builders.a_measurement(meanwhile=values, flops=1e300)
    whole = builders.a_full_run(tmp_path, "00000000-0000-4000-8000-000000000001")
    store(url, whole, builders.a_bundle(tmp_path / "odd.jsonl", [odd]))
    derive(url)
    said: list[str] = []
    copied = copying.copy(url, target, said.append)
    before = contents(url)
    assert contents(target) == before
    assert copied.rows == {name: len(rows) for name, rows in before.items()}
    assert all(copied.rows.values())
    assert said[0].startswith("environment: ")
    sides = [builders.an_environment(numpy="9")]
    store(target, builders.a_bundle(tmp_path / "next.jsonl", [odd], machine="newt", environments=sides))
    numbered = (models.Machine, models.Environment, models.Run, models.Series)
    with database.reading(target) as connection:
        for model in numbered:
            assert connection.scalar(select(func.max(model.id))) == len(before[model.__tablename__]) + 1


def test_a_database_that_is_not_empty_is_left_as_it_is(url, target, tmp_path):
    """The error says what it holds: rows of ours, or somebody else's tables."""
    store(url, builders.a_bundle(tmp_path / "a.jsonl", [builders.a_measurement()]))
    query(target, "create table invoices (id int)")
    with pytest.raises(database.StorageError, match="not empty, it holds the table invoices: nothing was changed"):
        copying.copy(url, target, print)
    assert holdings.look(target).rows == {}
    query(target, "drop table invoices")
    store(target, builders.a_bundle(tmp_path / "b.jsonl", [builders.a_measurement()]))
    before = contents(target)
    with pytest.raises(database.StorageError, match=r"it holds .*1 run, 1 series, .*1 measurement"):
        copying.copy(url, target, print)
    assert contents(target) == before


def test_what_is_written_meanwhile_is_not_in_the_copy(url, target, tmp_path):
    """Not half of it either: the copy is of the moment when it began."""
    store(url, builders.a_bundle(tmp_path / "a.jsonl", [builders.a_measurement()]))
    before = contents(url)
    later = builders.a_bundle(tmp_path / "b.jsonl", [builders.a_measurement(), builders.a_measurement("jax_jit")])

    def say(line):
        if line.startswith("run:"):
            store(url, later)

    copying.copy(url, target, say)
    assert contents(target) == before
    assert len(contents(url)["run"]) == 2


def test_rows_that_arrive_changed_are_not_taken(url, target, tmp_path):
    """A trigger in the target stands for whatever changes them: the copy is undone as a whole."""
    store(url, builders.a_bundle(tmp_path / "a.jsonl", [builders.a_measurement()]))
    database.open_database(target).dispose()
    if target.startswith("sqlite"):
        query(target, "create trigger t after insert on samples begin update samples set seconds = x'00'; end")
    else:
        query(
            target,
            "create function f() returns trigger language plpgsql as $$ begin new.seconds := ''; return new; end $$",
        )
        query(target, "create trigger t before insert on samples for each row execute function f()")
    with pytest.raises(database.StorageError, match="samples: 1 rows were sent and 1 arrived, not all as they were"):
        copying.copy(url, target, lambda _: None)
    assert not any(contents(target).values())


def stop_here(url, target, line):
    """A copy that says, after some tables, that it has come so far, and waits to be killed."""

    def say(told):
        if told.startswith("measurement:"):
            os.close(line)
            time.sleep(60)

    copying.copy(url, target, say)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_copy_that_is_killed_leaves_an_empty_database(url, target, tmp_path):
    """And the next one is whole."""
    store(url, builders.a_full_run(tmp_path, "00000000-0000-4000-8000-000000000001"))
    heard, line = os.pipe()
    process = multiprocessing.get_context("fork").Process(target=stop_here, args=(url, target, line))
    process.start()
    os.close(line)
    assert os.read(heard, 1) == b""  # it has closed its end: it is in the middle
    os.close(heard)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not any(contents(target).values())
    copying.copy(url, target, lambda _: None)
    assert contents(target) == contents(url)


def test_a_reader_copies_for_as_long_as_it_takes(team, tmp_path):
    """A query of the reader's ends after a while; a copy of years is one, and the samples of these take 1.2 s."""
    with team.database() as url:
        store(url, builders.a_full_run(tmp_path, "00000000-0000-4000-8000-000000000001"))
        with roles.changing(url) as connection:
            roles.establish(connection)
            roles.add_login(connection, roles.READING_LOGIN, PASSWORD)
        query(url, f"alter role {roles.READING_LOGIN} in database team set statement_timeout = '1s'")
        query(url, "alter policy crossover_reader_select on samples using (pg_sleep(0.3) is not null)")
        reader, target = team.url(roles.READING_LOGIN), f"sqlite:///{tmp_path / 'target.db'}"
        with pytest.raises(Exception, match="statement timeout"):
            query(reader, "select count(*) from samples")
        copying.copy(reader, target, lambda _: None)
        assert contents(target) == contents(url)
    team.do(f"drop role {roles.READING_LOGIN}")
