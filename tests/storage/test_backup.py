"""Backup, wipe, restore: what comes back is what was there."""

from __future__ import annotations

import contextlib
import sqlite3
import struct
import subprocess
import threading

import pytest

from storage import backup, checksum, database, roles
from storage.holdings import look
from storage.whole_file import CannotWrite
from tests import builders
from tests.postgres import query
from tests.storage.test_copying import contents, store


def test_what_was_backed_up_comes_back(place, tmp_path):
    """Every row; into a database that is not there, then into one that is empty; and it goes on from there."""
    url, wipe = place
    before, file = contents(url), tmp_path / "backup"
    assert backup.backup(url, file) == file.stat().st_size > 10_000
    for prepare in (lambda: None, lambda: database.open_database(url).dispose()):
        wipe()
        prepare()
        backup.restore(url, file, lambda _: None)
        assert contents(url) == before
    store(url, builders.a_bundle(tmp_path / "more.jsonl", [builders.a_measurement(n=7)], machine="newt"))
    assert len(contents(url)["run"]) == len(before["run"]) + 1
    assert [one.name for one in tmp_path.glob(".*")] == []


def test_nothing_is_restored_over_data_and_no_backup_replaced(place, tmp_path):
    """Both say so, and leave what there is."""
    url, _ = place
    file = tmp_path / "backup"
    backup.backup(url, file)
    kept, before = file.read_bytes(), contents(url)
    with pytest.raises(CannotWrite, match="is there already"):
        backup.backup(url, file)
    with pytest.raises(database.StorageError, match=r"is not empty, it holds .*1 run"):
        backup.restore(url, file, print)
    assert (file.read_bytes(), contents(url)) == (kept, before)


def test_a_backup_replaces_no_file_that_appears_meanwhile(place, tmp_path, monkeypatch):
    """Somebody else's is kept, and nothing is left of ours."""
    file = tmp_path / "backup"
    for name in ("_check_sqlite", "_contents"):  # what comes last, once all is written
        checked = getattr(backup, name)
        monkeypatch.setattr(backup, name, lambda part, checked=checked: (checked(part), file.write_text("theirs"))[0])
    with pytest.raises(CannotWrite, match="File exists"):
        backup.backup(place[0], file)
    assert file.read_text() == "theirs"
    assert [one.name for one in tmp_path.glob(".*")] == []


def test_a_backup_of_an_older_schema_is_brought_to_the_newest(place, tmp_path):
    """And stays itself what it is."""
    from tests.storage.test_migrations import command, migrate

    url, wipe = place
    before = contents(url)
    engine = database.writer(url)
    migrate(engine, "0005", command.downgrade)
    engine.dispose()
    file = tmp_path / "backup"
    backup.backup(url, file)
    kept = file.read_bytes()
    for prepare in (lambda: None, lambda: database.open_database(url).dispose()):
        wipe()
        prepare()
        backup.restore(url, file, lambda _: None)
        after = contents(url)
        assert {name for name, rows in after.items() if rows != before[name]} <= {"run"}
        assert [tuple(row)[-2:] for row in after["run"]] == [("", False)]
    assert file.read_bytes() == kept


def test_a_backup_while_somebody_writes_is_of_one_moment(tmp_path):
    """Of whole lines only; on SQLite, where a file could be copied half-way."""
    url, ended = f"sqlite:///{tmp_path / 'yours.db'}", threading.Event()
    database.open_database(url).dispose()

    def write():
        number = 0
        while not ended.is_set():
            number += 1
            store(url, builders.a_full_run(tmp_path, f"00000000-0000-4000-8000-{number:012}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            backup.backup(url, tmp_path / f"{number}.db")
    finally:
        ended.set()
        writer.join()
    for number in range(5):
        counts = "(select count(*) from samples), (select count(*) from measurement), coalesce(sum(measured), 0)"
        copied = f"sqlite:///{tmp_path / f'{number}.db'}"
        ((samples, measurements, measured),) = query(copied, f"select {counts} from run")
        assert samples == measurements == measured


def test_a_damaged_backup_is_not_restored(tmp_path):
    """Nor one that is none, or is not there; each in a line."""
    url, file = f"sqlite:///{tmp_path / 'yours.db'}", tmp_path / "backup"
    store(url, builders.a_full_run(tmp_path, "00000000-0000-4000-8000-000000000001"))
    backup.backup(url, file)
    checksum.beside(file).unlink()
    whole = file.read_bytes()
    elsewhere = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    for content, said in (
        (whole[:20_000], rf"is damaged \(.*\): {tmp_path}/elsewhere.db is as empty as before"),
        (whole[:8192] + bytes(4096) + whole[12_288:], "is damaged"),
        (whole.replace(b"2026-03-01", b"2026-13-01"), r"is damaged \(month must be.* is as empty as before"),
        (b"Dear backup", "is no backup that"),
        (b"PGDMP and more", "is of a Postgres database"),
    ):
        file.write_bytes(content)
        with pytest.raises(database.StorageError, match=f"backup {said}"):
            backup.restore(elsewhere, file, print)
    file.unlink()
    query(f"sqlite:///{file}", "create table invoices (id int)")
    with pytest.raises(database.StorageError, match="is no backup that"):
        backup.restore(elsewhere, file, print)
    file.unlink()
    with pytest.raises(database.StorageError, match="cannot read"):
        backup.restore(elsewhere, file, print)
    with pytest.raises(database.StorageError, match="there is no database yet"):
        backup.backup(elsewhere, file)
    assert list(tmp_path.glob("elsewhere*")) == []


def test_an_altered_figure_is_seen_by_its_sum(place, tmp_path):
    """As `sha256sum --check` sees it; without the sum, that it cannot be known is said."""
    url, wipe = place
    file, said = tmp_path / "backup", []
    backup.backup(url, file)
    check = ["sha256sum", "--check", "--quiet", "backup.sha256"]
    assert subprocess.run(check, cwd=tmp_path).returncode == 0
    wipe()
    whole = file.read_bytes()
    position = whole.index(struct.pack(">d", 1e-3)) + 7 if url.startswith("sqlite") else len(whole) // 2
    file.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 1
    with pytest.raises(database.StorageError, match=r"damaged \(its SHA-256 .* backup.sha256\): .* as empty as before"):
        backup.restore(url, file, said.append)
    assert said == []
    assert list(tmp_path.glob("*yours*")) == []
    file.write_bytes(whole)
    checksum.beside(file).unlink()
    backup.restore(url, file, said.append)
    assert said[0].startswith("there is no backup.sha256")


def test_a_row_that_is_missing_from_a_backup_is_seen(tmp_path):
    """Whole as a file, and still no database of ours."""
    url, file = f"sqlite:///{tmp_path / 'yours.db'}", tmp_path / "backup"
    store(url, builders.a_full_run(tmp_path, "00000000-0000-4000-8000-000000000001"))
    connection = sqlite3.connect(tmp_path / "yours.db")
    connection.execute("delete from machine")
    connection.commit()
    connection.close()
    with pytest.raises(database.StorageError, match="a row is missing that others name"):
        backup.backup(url, file)
    assert [one.name for one in tmp_path.glob("*backup*")] == []


def test_roles_are_no_part_of_a_backup(programs, tmp_path):
    """It comes back on a server that has none; and they are made anew."""
    with programs.database() as url:
        store(url, builders.a_full_run(tmp_path, "00000000-0000-4000-8000-000000000001"))
        with roles.changing(url) as connection:
            roles.establish(connection)
        before = contents(url)
        backup.backup(url, tmp_path / "backup")
    programs.do("drop role crossover_worker", "drop role crossover_reader")
    with programs.database() as url:
        backup.restore(url, tmp_path / "backup", print)
        assert contents(url) == before
        assert roles.check(url)
        with roles.changing(url) as connection:
            assert roles.establish(connection)
        assert roles.check(url) == []


def test_without_the_programs_it_is_said_what_to_run(team, tmp_path, monkeypatch):
    """The whole command, without the password; and a program that fails says why."""
    monkeypatch.setenv("PATH", str(tmp_path))
    file = tmp_path / "backup"
    with team.database() as url:
        store(url, builders.a_bundle(tmp_path / "a.jsonl"))
        with pytest.raises(
            database.StorageError, match=r"run: pg_dump --dbname=postgresql://team@127.*--file="
        ) as raised:
            backup.backup(url, file)
        assert "%" not in str(raised.value)
        file.write_bytes(b"PGDMP but not really")
        with pytest.raises(database.StorageError, match=r"run: pg_restore --dbname=.*--single-transaction"):
            backup.restore(url, file, print)
        monkeypatch.setenv("PATH", str(team.commands))
        with pytest.raises(database.StorageError, match="pg_restore failed: "):
            backup.restore(team.url(database="nowhere"), file, print)
        assert look(url).rows["run"] == 1


def test_a_file_of_an_older_schema_is_restored_with_what_stands_beside_it(tmp_path):
    """A database that is in use has its newest rows in another file."""
    from tests.storage.test_migrations import command, migrate

    file = tmp_path / "old.db"
    engine = database.writer(f"sqlite:///{file}")
    migrate(engine, "0005", command.upgrade)
    engine.dispose()
    with contextlib.closing(sqlite3.connect(file)) as reader:  # while it is open, nothing is moved into the file itself
        reader.execute("select count(*) from machine").fetchall()
        with database.writer(f"sqlite:///{file}").begin() as connection:
            row = "insert into machine (name, fingerprint, description) values ('newt', 'f', '{}')"
            connection.exec_driver_sql(row)
        assert b"newt" not in file.read_bytes()
        target = f"sqlite:///{tmp_path / 'target.db'}"
        backup.restore(target, file, lambda _: None)
    with database.reading(target) as connection:
        assert names(connection) == ["newt"]


def names(connection):
    return list(connection.exec_driver_sql("select name from machine").scalars())
