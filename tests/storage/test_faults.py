"""What goes wrong while a bundle is stored: every line that was committed is whole, and storing again adds the rest."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text

from storage import address, database, queries, record
from tests import builders
from tests.postgres import query

#: Newer Pythons warn of it; nothing that another thread may hold is used here.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

#: Of every measurement that is there: its samples, its place in the counts.
WHOLE = "(select count(*) from measurement), (select count(*) from samples), (select sum(measured) from run)"


def some_lines(count, **said):
    return [builders.a_measurement(n=n, **said) for n in range(1, count + 1)]


def present(url):
    """How many measurements are there, each known to be whole."""
    ((measurements, samples, counted),) = query(url, f"select {WHOLE}")
    assert measurements == samples == (counted or 0)
    return measurements


def store(url, path):
    engine = database.writer(url)  # whose schema is there
    try:
        return record.store(engine, path)
    finally:
        engine.dispose()


def killed_while_storing(url, path, seconds):
    """Store in a process of its own, which is killed so long after it began."""
    process = multiprocessing.get_context("fork").Process(target=store, args=(url, path))
    process.start()
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def test_a_writer_that_is_killed_leaves_whole_lines(url, tmp_path):
    """At 15 random moments; afterwards exactly what is missing is new."""
    database.open_database(url).dispose()
    began = time.monotonic()
    assert store(url, builders.a_bundle(tmp_path / "whole.jsonl", some_lines(8))).new == 8
    seconds = time.monotonic() - began
    moments, known, caught = random.Random(7), 8, 0
    for number in range(15):
        path = builders.a_bundle(tmp_path / f"{number}.jsonl", some_lines(8))
        killed_while_storing(url, path, moments.uniform(0.2, 1.1) * seconds)
        arrived = present(url) - known
        caught += 0 < arrived < 8
        assert store(url, path).new == 8 - arrived
        known += 8
    assert present(url) == known
    assert caught  # some in the middle, else nothing was tried


def test_a_server_that_is_killed_keeps_what_was_committed(team, tmp_path):
    """SIGKILL to Postgres in the middle of storing; it is started again, and storing again completes the run."""
    path = builders.a_bundle(tmp_path / "a.jsonl", some_lines(100))
    with team.database() as url:
        database.open_database(url).dispose()
        with ThreadPoolExecutor(1) as pool:
            storing = pool.submit(store, url, path)
            while present(url) < 10:
                time.sleep(0.01)
            team.kill()
            with pytest.raises(database.StorageError, match="cannot open the database"):
                storing.result()
        with pytest.raises(database.StorageError, match="refused"):
            store(url, path)
        team.start()
        arrived = present(url)
        assert 10 <= arrived < 100
        assert store(url, path).new == 100 - arrived
        assert present(url) == 100


def test_eight_writers_at_once_lose_nothing_and_double_nothing(url, tmp_path):
    """All of the same machine, the same environments and series, which each of them would add."""
    database.open_database(url).dispose()
    paths = [builders.a_bundle(tmp_path / f"{number}.jsonl", some_lines(6)) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(lambda path: store(url, path), paths))
    assert [one.new for one in stored] == [6] * 8
    assert present(url) == 48
    with database.reading(url) as connection:
        assert [run.measured for run in queries.runs(connection)] == [6] * 8
    assert query(url, "select (select count(*) from machine), (select count(*) from series)") == [(1, 6)]


def test_the_same_bundle_from_two_writers_counts_once(url, tmp_path):
    """Each line is new for one of them."""
    database.open_database(url).dispose()
    path = builders.a_bundle(tmp_path / "a.jsonl", some_lines(20))
    with ThreadPoolExecutor(2) as pool:
        stored = list(pool.map(lambda _: store(url, path), range(2)))
    assert sum(one.new for one in stored) == 20
    assert present(url) == 20


def waiting(url):
    """Wait until somebody waits for somebody else in this database."""
    blocked = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    end = time.monotonic() + 10
    while query(url, blocked) == [(0,)]:
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_deadlock_is_tried_again(team, tmp_path):
    """Two that add the same two environments in opposite order; Postgres undoes one of them: ours, made to."""
    sides = [builders.an_environment("A", numpy="1"), builders.an_environment("B", numpy="2")]
    path = builders.a_bundle(tmp_path / "a.jsonl", [builders.a_measurement(environment="A")], environments=sides)
    add = "insert into environment (digest, python, numpy, description) values ('numpy-%s-jax-0.10.2', '3', '1', '{}')"
    with team.database() as url, ThreadPoolExecutor(1) as pool:
        database.open_database(url).dispose()
        team.do("alter system set deadlock_timeout = '300ms'", "select pg_reload_conf()")
        other = team.admin("team").execution_options(isolation_level="READ COMMITTED")
        with other.connect() as connection:
            connection.execute(text("set deadlock_timeout = '60s'"))
            connection.execute(text(add % 2))
            storing = pool.submit(store, url, path)
            waiting(url)
            connection.execute(text(add % 1))  # goes on once the deadlock is broken
            connection.rollback()
        other.dispose()
        assert storing.result(10).new == 1
        assert "deadlock detected" in team.log.read_text()
        assert query(url, "select count(*) from environment") == [(2,)]
        team.do("alter system reset deadlock_timeout", "select pg_reload_conf()")


def test_a_serialisation_failure_is_tried_again_and_not_for_ever(team, tmp_path, monkeypatch):
    """Where a team's server is stricter than it needs to be; without another try it would be an error."""
    path = builders.a_bundle(tmp_path / "a.jsonl", some_lines(1))
    add = "insert into machine (name, fingerprint, description) values ('vm', 'f00d', '{}')"
    with team.database() as url, ThreadPoolExecutor(1) as pool:
        database.open_database(url).dispose()
        team.do("alter database team set default_transaction_isolation = 'serializable'")
        for tries in (record.PAUSES_SECONDS, ()):
            monkeypatch.setattr(record, "PAUSES_SECONDS", tries)
            engine = create_engine(address.with_driver(url), isolation_level="READ COMMITTED")
            with engine.connect() as connection:
                connection.execute(text("truncate machine cascade"))
                connection.commit()
                connection.execute(text(add))
                storing = pool.submit(store, url, path)
                waiting(url)
                connection.commit()
            engine.dispose()
            if tries:
                assert storing.result(10).new == 1
            else:
                with pytest.raises(database.StorageError, match="could not serialize access"):
                    storing.result(10)


def test_a_number_that_is_taken_is_not_taken_for_a_row_that_is_known(team, tmp_path):
    """Numbers that come twice, after a copy by hand say, are an error: the bundle's machine is another one."""
    with team.database() as url:
        builders.stored(url, some_lines(1))
        query(url, "select setval('machine_id_seq', 1, false)")
        path = builders.a_bundle(tmp_path / "a.jsonl", some_lines(1), machine="another")
        with pytest.raises(database.StorageError, match="duplicate key value violates unique constraint"):
            store(url, path)
        assert store(url, path).new == 1  # it was the first number only


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_is_said_and_what_was_stored_is_kept(tmp_path):
    """On SQLite; storing again, once there is room, completes the run."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "crossover-test", disk], check=True)
    try:
        url = f"sqlite:///{disk / 'a.db'}"
        database.open_database(url).dispose()
        path = builders.a_bundle(tmp_path / "a.jsonl", some_lines(100, reason="x" * 4000))
        with pytest.raises(database.StorageError, match="full"):
            store(url, path)
        subprocess.run(["mount", "-o", "remount,size=32m", disk], check=True)
        arrived = present(url)
        assert 0 < arrived < 100
        assert store(url, path).new == 100 - arrived
        assert present(url) == 100
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_clock_that_goes_back_is_stored_as_it_was_told(url, tmp_path):
    """Measured before the run began, and ended before that."""
    database.open_database(url).dispose()
    lines = [
        builders.a_measurement(n=n, measured_at=f"2026-03-01T0{hour}:00:00Z") for n, hour in ((1, 3), (2, 1), (3, 2))
    ]
    path = builders.a_bundle(tmp_path / "a.jsonl", lines, started_at="2026-03-01T02:45:00Z")
    assert store(url, path).new == 3
    with database.reading(url) as connection:
        (run,) = queries.runs(connection)
        assert (run.measured, run.finished_at < run.started_at) == (3, True)


OPENS = """
import sys
from storage import database
print("ready", flush=True)
sys.stdin.readline()
database.open_database(sys.argv[1]).dispose()
"""


def test_those_that_bring_a_database_up_at_once_do_not_collide(url):
    """Each finds the newest schema, whoever made it."""
    command = [sys.executable, "-c", OPENS, url]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(subprocess.Popen(command, text=True, **pipes)) for _ in range(3)]
        for process in processes:
            stack.callback(process.kill)  # one that still waits would wait for ever
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            print(file=process.stdin, flush=True)
        assert [(process.wait(20), process.stderr.read()) for process in processes] == [(0, "")] * 3
    assert query(url, "select version_num from alembic_version") == [(database.newest_revision(),)]
