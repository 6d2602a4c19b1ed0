"""A restore that fails leaves an empty database what it was, with all that stood in it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from storage import backup, checksum, database, roles
from storage.programs import execute
from tests import builders
from tests.postgres import query, served
from tests.storage.test_copying import contents, store

NEWER = "update alembic_version set version_num = '9999'"
STANDING = """
    select relname, relacl::text, relrowsecurity, obj_description(oid), array(select polname from pg_policy
        where polrelid = pg_class.oid order by 1) from pg_class where relnamespace = 'public'::regnamespace order by 1
"""


@pytest.fixture
def dump(programs, tmp_path):
    """A backup of a Postgres with a run that is gone, and at the same address an empty one with roles and an index."""
    file = tmp_path / "backup"
    with programs.database() as url:
        store(url, builders.a_full_run(tmp_path, "00000000-0000-4000-8000-000000000001"))
        backup.backup(url, file)
        query(url, NEWER)
        execute("pg_dump", "--format=custom", f"--file={tmp_path / 'newer'}", url=url)
    with programs.database() as url:
        with roles.changing(url) as connection:
            roles.establish(connection)
        query(url, "create index mine on machine (name)")
        query(url, "comment on table machine is 'ours'")
        yield url, file
    programs.do("drop role crossover_worker", "drop role crossover_reader")


def is_refused(url, file, said):
    """The restore says why; whatever stood in the empty database still does."""
    before = query(url, STANDING)
    with pytest.raises(database.StorageError, match=f"{file}.*{said}.* is as empty as before"):
        backup.restore(url, file, print)
    assert query(url, STANDING) == before
    assert not any(contents(url).values())
    assert roles.check(url) == []


def test_a_backup_of_a_newer_schema_is_refused(place, tmp_path):
    """Before anything is there; the message says what to do."""
    url, wipe = place
    file = tmp_path / "backup"
    backup.backup(url, file)
    if url.startswith("sqlite"):
        query(f"sqlite:///{file}", NEWER)
        checksum.beside(file).unlink()
    else:
        query(url, NEWER)
        file.unlink()
        checksum.beside(file).unlink()
        execute("pg_dump", "--format=custom", f"--file={file}", url=url)
    wipe()
    with pytest.raises(database.StorageError, match=rf"{file} has the schema of a newer Crossover \(9999\): upgrade"):
        backup.restore(url, file, print)
    if url.startswith("sqlite"):
        assert list(tmp_path.glob("yours.db*")) == []
    else:
        assert query(url, "select count(*) from pg_class where relnamespace = 'public'::regnamespace") == [(0,)]


def test_a_backup_that_cannot_be_restored_takes_nothing_away(dump, programs, tmp_path):
    """One of a newer schema, one that is cut off, one of somebody else's database."""
    url, file = dump
    is_refused(url, tmp_path / "newer", "newer Crossover")
    checksum.beside(file).unlink()
    whole = file.read_bytes()
    for left in (len(whole) - 100, len(whole) // 2):
        file.write_bytes(whole[:left])
        is_refused(url, file, "pg_restore failed: ")
    with programs.database("other") as other:
        query(other, "create table invoices (id int)")
        file.unlink()
        execute("pg_dump", "--format=custom", f"--file={file}", url=other)
    is_refused(url, file, "is no backup that `crossover db backup` has written")


def test_a_server_that_refuses_half_way_takes_nothing_away(dump, programs):
    """Whatever it is that it does not want."""
    url, file = dump
    stop = "begin raise exception 'no index today'; end"
    programs.do(
        f"create function stop() returns event_trigger language plpgsql as $$ {stop} $$",
        "create event trigger stop on ddl_command_end when tag in ('CREATE INDEX') execute function stop()",
        database="team",
    )
    is_refused(url, file, "psql failed: .*no index today")
    programs.do("drop event trigger stop", database="team")
    backup.restore(url, file, print)
    assert len(contents(url)["run"]) == 1


@pytest.mark.parametrize("part", ["cat", "sed '/^COPY public.run /{n;s/\t.*//;q}'"], ids=["all", "half a row"])
def test_a_program_that_fails_when_much_has_arrived_takes_nothing_away(dump, programs, tmp_path, monkeypatch, part):
    """Be it all: nobody knows that it was. It is said what failed first."""
    url, file = dump
    (tmp_path / "bin").mkdir()
    program, real = tmp_path / "bin" / "pg_restore", programs.commands / "pg_restore"
    fails = f'{real} "$@" | {part}; echo "no more" >&2; exit 1'
    program.write_text(f'#!/bin/sh\ncase "$*" in *--use-list*) {fails};; *) exec {real} "$@";; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    is_refused(url, file, "pg_restore failed: no more")


def test_what_somebody_writes_meanwhile_is_kept(dump, monkeypatch):
    """A restore takes the place of empty tables only, however late one is filled."""
    url, file = dump
    restore_dump = backup.restore_dump

    def written_first(*arguments):
        query(url, "insert into machine (name, fingerprint, description) values ('newt', 'f', '{}')")
        restore_dump(*arguments)

    monkeypatch.setattr(backup, "restore_dump", written_first)
    with pytest.raises(database.StorageError, match="somebody has written to it meanwhile"):
        backup.restore(url, file, print)
    assert query(url, "select name from machine") == [("newt",)]
    assert contents(url)["run"] == []
    assert roles.check(url) == []


def test_an_older_server_is_backed_up_and_restored(programs, tmp_path):
    """Postgres's own programs may be newer: what they say to every server, not every server knows."""
    with tempfile.TemporaryDirectory(prefix="crossover-older-") as folder:
        with served(Path(folder), postgres_version=16) as older:
            assert older.commands != programs.commands
            with older.database() as url:
                store(url, builders.a_full_run(tmp_path, "00000000-0000-4000-8000-000000000001"))
                before = contents(url)
                backup.backup(url, tmp_path / "backup")
            with older.database() as url:
                backup.restore(url, tmp_path / "backup", print)
                assert contents(url) == before
