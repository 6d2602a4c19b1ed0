"""`crossover db` as a user types it: on a SQLite file, and on a team's Postgres."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows import core, databases, delivery, server
from flows.cli import WrongOptions
from flows.entry import main
from flows.home import open_home
from storage import copying
from storage.address import StorageError
from tests import builders
from tests.postgres import PASSWORD, query

URL, FILE, ROLE = "CROSSOVER_DATABASE_URL", "CROSSOVER_DATABASE_PASSWORD_FILE", "CROSSOVER_ROLE_PASSWORD"


def typed(*arguments):
    """The exit code of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code


@pytest.fixture
def measured(home):
    """A home with a bundle that is in its SQLite database."""
    opened = open_home()
    builders.a_bundle(opened.bundles / "a.jsonl", [builders.a_measurement("numpy"), builders.a_measurement("jax_jit")])
    assert len(delivery.deliver(opened, print)) == 1
    return opened


@pytest.fixture
def empty(team, monkeypatch, tmp_path):
    """A team's empty Postgres; the owner's password lies in a file."""
    (tmp_path / "secret").write_text(PASSWORD)
    monkeypatch.setenv(FILE, str(tmp_path / "secret"))
    with team.database():
        yield team.url(password=None)
    team.do("drop role if exists crossover_worker_vm, crossover_worker_otter, crossover_dashboard")


def test_what_a_database_holds_is_told(measured, capsys):
    """Where it is, its schema, rows, nights; as text and as JSON, with and without the word."""
    assert typed("db") == 0
    told = capsys.readouterr().out
    assert told.splitlines()[0] == str(measured.path / "crossover.db")
    assert "schema 0" in told
    assert "measurement     2" in told
    assert "nights from 2026-03-01 to 2026-03-01" in told
    assert typed("db", "status", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["backend"], document["rows"]["run"], document["estimated"]) == ("SQLite", 1, [])
    assert document["size_bytes"] > 10_000


def test_a_question_makes_no_database(home, capsys):
    """Where there is none, that is said."""
    assert typed("db") == 2
    assert "there is no database yet" in capsys.readouterr().err
    assert not (home / "crossover.db").exists()


def test_a_home_moves_to_a_teams_postgres_and_back(measured, empty, tmp_path, monkeypatch, capsys):
    """What is printed is what to set; there, nothing has to be brought anew that would not be found."""
    assert typed("db", "copy", empty) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{URL}={empty}\n"
    assert "measurement: 2 rows" in captured.err
    monkeypatch.setenv(URL, empty)
    assert typed("db", "status", "--json") == 0
    told = capsys.readouterr().out
    document = json.loads(told)
    assert (document["backend"], document["rows"]["samples"]) == ("Postgres", 2)
    assert typed("db", "copy", f"sqlite:///{tmp_path / 'back.db'}") == 0
    assert query(f"sqlite:///{tmp_path / 'back.db'}", "select count(*) from measurement") == [(2,)]
    assert typed("db", "copy", f"sqlite:///{tmp_path / 'back.db'}") == 2
    assert "is not empty, it holds" in capsys.readouterr().err
    assert len(delivery.deliver(measured, print)) == 1
    assert query(empty, "select count(*), sum(measured) from run") == [(1, 2)]


def test_each_of_two_servers_has_its_own_password(measured, empty, team, tmp_path, monkeypatch, capsys):
    """Without one of its own, the target is asked with the password of what is copied."""
    copying.copy(measured.database_url, empty, str)
    monkeypatch.setenv(URL, empty)
    others = "another: @%/?# +"
    (tmp_path / "others").write_text(others + "\n")
    team.do(f"create role others login password '{others}'")
    with team.database("others", "others"):
        target = team.url("others", None, "others")
        assert typed("db", "copy", target) == 2
        assert "password authentication failed" in capsys.readouterr().err
        assert typed("db", "copy", target, "--password-file", str(tmp_path / "others")) == 0
        captured = capsys.readouterr()
        assert captured.out.splitlines() == [f"{URL}={target}", f"{FILE}={tmp_path / 'others'}"]
        assert others not in captured.err
        for name, value in (line.split("=", 1) for line in captured.out.splitlines()):
            monkeypatch.setenv(name, value)
        assert query(target, "select count(*) from measurement") == [(2,)]
    team.do("drop role others")


def test_backup_and_restore(measured, tmp_path, capsys):
    """Into a home that has no database."""
    file = tmp_path / "backup.db"
    assert typed("db", "backup", str(file)) == 0
    capsys.readouterr()
    assert typed("db", "restore", str(file)) == 2
    assert "Give another one (CROSSOVER_HOME or CROSSOVER_DATABASE_URL)" in capsys.readouterr().err
    for one in measured.path.glob("crossover.db*"):
        one.unlink()
    assert typed("db", "restore", str(file)) == 0
    assert capsys.readouterr().err.splitlines()[-1].endswith("crossover.db holds 1 runs")


def test_roles_are_made_used_and_checked(measured, empty, monkeypatch, capsys):
    """A worker's login with a password that is made: what is printed opens the database, with its machine's runs."""
    copying.copy(measured.database_url, empty, str)
    monkeypatch.setenv(URL, empty)
    query(empty, "create policy everybody on run using (true)")
    assert typed("db", "roles", "--check") == 1
    assert all(line.startswith(("missing: ", "too much: ", "and ")) for line in capsys.readouterr().out.splitlines())
    assert typed("db", "roles", "--worker", "vm") == 0
    captured = capsys.readouterr()
    settings = dict(line.split("=", 1) for line in captured.out.splitlines())
    assert list(settings) == [URL, FILE]
    assert "made: 1 runs of vm are its own" in captured.err
    assert "removed: the policy everybody of run" in captured.err
    password = Path(settings[FILE])
    assert password.stat().st_mode & 0o777 == 0o600
    assert password.read_text().strip() not in captured.err + captured.out
    assert (typed("db", "roles", "--worker", "vm"), typed("db", "roles", "--check")) == (0, 0)
    assert "all is as it must be" in capsys.readouterr().err

    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert query(settings[URL], "select written_by from run") == [("crossover_worker_vm",)]
    assert len(delivery.waiting(measured)) == 1  # another database
    assert typed("sync") == 0
    assert typed("prune", "--samples-nights", "1", "--dry-run") == 2
    assert "sees its own runs only: pruning is the owner's" in capsys.readouterr().err
    assert typed("db", "roles", "--worker", "newt") == 2
    assert "may not do that" in capsys.readouterr().err


def test_a_machine_without_runs_is_said_and_gets_its_login(measured, empty, monkeypatch, capsys):
    """It may be new, or a name mistyped: those that there are follow."""
    source = measured.database_url
    monkeypatch.setenv(URL, empty)
    assert typed("db", "roles", "--worker", "vm") == 0
    assert "no run of vm is stored; machines: none" in capsys.readouterr().err
    copying.copy(source, empty, str)
    assert typed("db", "roles", "--worker", "otter") == 0
    captured = capsys.readouterr()
    assert "no run of otter is stored; machines: vm" in captured.err
    assert captured.out.startswith(f"{URL}=")
    assert typed("db", "roles", "--worker", "vm") == 0
    assert "no run of" not in capsys.readouterr().err


def test_what_only_a_superuser_may_change_is_listed(empty, team, monkeypatch, capsys):
    """Exit code 1, for the check and for whoever mends; of many lines the first."""
    monkeypatch.setenv(URL, empty)
    assert typed("db", "roles", "--worker", "otter") == 0
    team.do("alter role crossover_worker_otter createdb")
    capsys.readouterr()
    assert typed("db", "roles", "--check") == 1
    assert capsys.readouterr().out == "too much: crossover_worker_otter: createdb\n"
    assert typed("db", "roles") == 1
    statement = "alter role crossover_worker_otter nocreatedb"
    assert (
        f"too much: crossover_worker_otter: createdb: a superuser has to run `{statement}`" in capsys.readouterr().err
    )
    team.do(statement)
    query(empty, "grant update on run to crossover_worker")
    query(empty, "revoke select on all tables in schema public from crossover_worker, crossover_reader")
    assert typed("db", "roles", "--check") == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 21
    assert lines[-1].startswith("and ")
    assert (typed("db", "roles"), typed("db", "roles", "--check")) == (0, 0)
    assert "all is as it must be" in capsys.readouterr().err


def test_a_bundle_of_another_role_keeps_nobody_else_waiting(measured, empty, monkeypatch, capsys):
    """It is said, is not tried for ever, and the others are brought."""
    copying.copy(measured.database_url, empty, str)
    builders.a_bundle(measured.bundles / "b.jsonl", [builders.a_measurement("numpy")])
    monkeypatch.setenv(URL, empty)
    monkeypatch.setenv(ROLE, "kept by hand")
    assert typed("db", "roles", "--worker", "otter") == 0
    monkeypatch.setenv(URL, capsys.readouterr().out.strip().partition("=")[2].replace("@", ":kept%20by%20hand@"))
    said: list[str] = []
    assert len(delivery.deliver(measured, said.append)) == 1
    assert "a.jsonl cannot be stored: run" in said[0]
    assert "another role has written it" in said[0]
    assert [path.name for path in delivery.waiting(measured)] == ["a.jsonl"]


def test_a_password_of_a_role_is_given_in_a_file_or_the_environment(empty, team, tmp_path, monkeypatch, capsys):
    """Given again, it is changed; the server is never told it."""
    monkeypatch.setenv(URL, empty)
    (tmp_path / "given").write_text("from a file\n")
    assert typed("db", "roles", "--reader", "--password-file", str(tmp_path / "given")) == 0
    assert capsys.readouterr().out.splitlines() == [f"{URL}={team.url('crossover_dashboard', None)}"]
    assert query(team.url("crossover_dashboard", "from a file"), "select count(*) from run") == [(0,)]
    monkeypatch.setenv(ROLE, "from the environment")
    assert typed("db", "roles", "--reader") == 0
    assert query(team.url("crossover_dashboard", "from the environment"), "select 1") == [(1,)]
    with pytest.raises(Exception, match="authentication failed"):
        query(team.url("crossover_dashboard", "from a file"), "select 1")
    for password in ("from a file", "from the environment"):
        assert password not in team.log.read_text()


def test_a_login_that_only_reads_measures_nothing(measured, empty, tiny, monkeypatch, tmp_path, capsys):
    """That is asked first; where it is known only afterwards, nobody waits for it. Its way to a backup is said."""
    monkeypatch.setenv(URL, empty)
    monkeypatch.setenv(ROLE, "to read")
    assert typed("db", "roles", "--reader") == 0
    (tmp_path / "secret").write_text("to read")
    monkeypatch.setenv(URL, capsys.readouterr().out.strip().partition("=")[2])
    before = sorted(measured.bundles.iterdir())
    assert typed("run", "--suite", "tiny") == 2
    assert "may only read, so nothing was measured" in capsys.readouterr().err
    assert sorted(measured.bundles.iterdir()) == before
    said: list[str] = []
    with pytest.raises(StorageError, match=r"may not do that.*Nothing is lost: `crossover ingest"):
        core.store_patiently(measured.bundles / "a.jsonl", measured, said.append)
    assert said == []
    assert typed("db", "backup", str(tmp_path / "b")) == 2
    assert "a backup is made by the owner; `crossover db copy sqlite:///FILE` can be" in capsys.readouterr().err


def test_what_helps_against_what_postgres_says_is_told(measured, empty, team, monkeypatch, capsys):
    """A database that was not made; a password that nobody named."""
    assert typed("db", "copy", team.url(database="no where", password=None)) == 2
    assert "Make it first: createdb 'no where' --owner team" in capsys.readouterr().err
    monkeypatch.delenv(FILE)
    assert typed("db", "copy", empty) == 2
    assert f"Name a file with the password in {FILE}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("roles", "--reader", "--worker", "otter"), "one login at a time"),
        (("roles", "--check", "--reader"), "--check changes nothing"),
        (("roles", "--password-file", "x"), "is for --reader or --worker"),
        (("roles", "--worker", ""), "no role can be named after ''"),
        (("roles", "--worker=", "--reader"), "one login at a time"),
        (("roles",), "roles are Postgres's"),
        (("roles", "--check"), "roles are Postgres's"),
        (("copy", "postgresql://u:secret@h/d"), "see the password in a command: leave it out, and name a file"),
        (("copy", "postgresql://u@h/d?password=secret"), "every user of this machine can see the password"),
        (("copy", "postgresql://u@h/d?sslpassword=secret"), "every user of this machine can see the sslpassword"),
        (("copy", "sqlite:///x.db", "--password-file", "x"), "a SQLite file has no password"),
        (("copy", "postgresql://u@h/d", "--password-file", "/no/such"), "cannot read the password in /no/such"),
        (("copy", "sqlite:///no/such/x.db"), "one from the root has four slashes, sqlite:////no/such/x.db"),
        (("copy", "elsewhere"), "write it like postgresql://USER@HOST/NAME"),
        (("backup", "/no/such/folder/file"), "there is no folder /no/such/folder"),
        (("restore", "/no/such/file"), "cannot read"),
        (("nonsense",), "nonsense"),
    ],
)
def test_bad_input_is_one_clear_error(measured, capsys, arguments, said):
    """And exit code 2; what it says repeats no password."""
    before = (measured.path / "crossover.db").stat().st_size
    assert typed("db", *arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert len(captured.err.splitlines()) == 1
    assert "secret" not in captured.err
    assert (measured.path / "crossover.db").stat().st_size == before


def test_a_password_file_is_found_from_every_folder(home, monkeypatch, tmp_path):
    """The pages and flow runs work in folders of their own."""
    monkeypatch.chdir(tmp_path)
    assert FILE not in server.worker_environment(open_home())
    monkeypatch.setenv(FILE, "secret")
    assert server.worker_environment(open_home())[FILE] == str(tmp_path / "secret")


def test_a_password_that_was_made_is_made_once(home):
    """A role that had to be made anew keeps it."""
    opened = open_home()
    first = databases.made_password(opened, "crossover_worker_otter")
    kept = first.read_text()
    assert len(kept.strip()) >= 32
    assert databases.made_password(opened, "crossover_worker_otter").read_text() == kept
    with pytest.raises((WrongOptions, StorageError)):
        databases.make_roles(worker="OTTER!")
