"""The command as a user types it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.cli import app
from storage import database, queries
from tests.processes import remaining

CROSSOVER = str(Path(sys.executable).parent / "crossover")
SMALL = ("--suite", "tiny")


def crossover(*arguments, **said):
    return subprocess.run([CROSSOVER, *arguments], capture_output=True, text=True, timeout=300, **said)


def runs_stored(home):
    engine = database.open_for_reading(f"sqlite:///{home / 'crossover.db'}")
    with engine.connect() as connection:
        found = queries.runs(connection)
    engine.dispose()
    return found


def test_a_run_prints_its_table_and_show_prints_it_again(home, tiny):
    """Progress on standard error, the result on standard output."""
    ran = crossover("run", *SMALL)
    assert ran.returncode == 0, ran.stderr
    assert "[1/1] broadcast_sum" in ran.stderr
    assert ran.stderr.splitlines()[-1] == "3 of 3 measured"
    assert "jax_jit against numpy" in ran.stdout
    assert crossover("show").stdout == ran.stdout
    assert crossover("show", runs_stored(home)[0].uuid[-8:]).stdout == ran.stdout


def test_json_is_all_there_is_on_standard_output(home, tiny):
    """For machines: seconds, first calls apart, verdicts."""
    document = json.loads(crossover("run", *SMALL, "--json", "--machine", "Big Otter").stdout)
    assert document["run"]["machine"] == "big-otter"
    jit = next(row for row in document["measurements"] if row["variant"] == "jax_jit")
    assert jit["first_call_seconds"] > jit["seconds"] > 0
    assert jit["compile_seconds"] < jit["first_call_seconds"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--workload", "nope"), "no workload 'nope'. Known: "),
        (("run", "--size", "17"), "no size 17 here. Known: "),
        (("run", "--variant", "torch"), "no variant 'torch'. Known here: "),
        (("run", "--platform", "quantum"), "no platform 'quantum'. Known: cpu, gpu"),
        (("run", "--suite", "huge"), "no suite 'huge'. Known: quick, nightly"),
        (("run", "--env", "numpy==banana"), "write it like"),
        (("run", "--env", "jax @ http://example.invalid/jax.whl"), "write it like"),
        (("run", "--resume"), "nothing to resume"),
        (("run", "--resume", "--size", "2"), "leave out the other choices"),
        (("run", "--resume", "--threads", "1"), "leave out the other choices"),
        (("run", "--threads", "999"), "threads is 999, and there are"),
        (("run", "--at-once"), "at once needs a number of threads"),
        (("run", "--precision", "0"), "precision must be greater than 0"),
        (("run", "--time-limit", "-1"), "run_limit_seconds must be greater than 0"),
        (("doctor", "--seconds", "0"), "must be greater than 0"),
        (("run", "--size", "abc"), "unable to convert"),
        (("run", "--frobnicate"), "Unknown option"),
        (("frobnicate",), "Unknown command"),
        (("show",), "measure something"),
        (("show", "abc"), "there is no"),
        (("up", "--once", "--suite", "huge"), "no suite 'huge'"),
    ],
)
def test_bad_input_is_one_clear_error_and_exit_code_2(home, arguments, said):
    """No traceback, and nothing measured or stored."""
    ran = crossover(*arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
    assert ran.stdout == ""
    assert list(home.glob("bundles/*")) == []
    assert not (home / "crossover.db").exists() or runs_stored(home) == []


def test_a_home_that_cannot_be_written_to(tmp_path):
    """One line that says what to do."""
    (tmp_path / "file").write_text("in the way")
    ran = crossover("run", env={**os.environ, "CROSSOVER_HOME": str(tmp_path / "file")})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert "set CROSSOVER_HOME" in ran.stderr


def test_a_damaged_bundle_is_refused_and_a_whole_one_taken_in_once(home, tiny, tmp_path):
    """`crossover ingest`: by line what is wrong; twice is as once."""
    small = ("--workload", "broadcast_sum", "--size", "2", "--seconds", "0.02", "--no-peaks")
    printed = subprocess.run([sys.executable, "-m", "workloads", *small], capture_output=True, text=True).stdout
    whole, damaged = tmp_path / "whole.jsonl", tmp_path / "damaged.jsonl"
    whole.write_text(printed)
    damaged.write_text(printed.replace('"seconds":', '"seconds":"', 1))
    ran = crossover("ingest", str(damaged))
    assert ran.returncode == 1
    assert "damaged.jsonl, line 2" in ran.stderr
    assert runs_stored(home) == []
    assert "3 of 3 measurements were new" in crossover("ingest", str(whole)).stderr
    assert "0 of 3 measurements were new" in crossover("ingest", str(whole)).stderr


def test_a_database_of_a_newer_schema_is_refused(home, tiny):
    """Before anything is measured."""
    crossover("run", *SMALL)
    engine = database.writer(f"sqlite:///{home / 'crossover.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    engine.dispose()
    before = len(list(home.glob("bundles/*")))
    for arguments in (("run", *SMALL), ("show",), ("up", "--once", *SMALL)):
        ran = crossover(*arguments)
        assert ran.returncode == 2
        assert "upgrade Crossover" in ran.stderr
    assert len(list(home.glob("bundles/*"))) == before


def test_what_is_said_stands_in_the_place_of_the_suites_settings(home, tiny):
    """One core, a precision, a cache that warms the second process's first call: each is done and recorded."""
    ran = crossover("run", *SMALL, "--threads", "1", "--precision", "0.5", "--compilation-cache", "--json")
    assert ran.returncode == 0, ran.stderr
    assert {row["threads"] for row in json.loads(ran.stdout)["measurements"]} == {1}
    (path,) = home.glob("bundles/*[0-9a-f].jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0]["plan"]["settings"]["precision"] == 0.5
    jit = next(line for line in lines if line.get("variant") == "jax_jit")
    assert [process["first_call"]["cache_hits"] for process in jit["processes"]][:2] == [0, 1]


def test_a_run_whose_time_is_spent_is_gone_on_with(home, tiny):
    """The first case is begun in time and takes longer; `--resume` has the time anew, and measures the rest."""
    tiny.write_text(tiny.read_text().replace("[2]", "[2, 64]"))
    ran = crossover("run", *SMALL, "--time-limit", "0.5")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == "3 of 6 measured, cut short before its end"
    resumed = crossover("run", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stderr.splitlines()[-1] == "6 of 6 measured"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_keeps_what_it_has_and_is_resumed(home, tmp_path, monkeypatch, how):
    """Ctrl-C, or a service manager's stop, after the first case; `--resume` measures the rest."""
    settings = tmp_path / "two.toml"
    settings.write_text(
        "[suites.two]\nprocesses = 2\nseconds_per_case = 0.5\n[suites.two.workloads]\nbroadcast_sum = [2, 64, 2_048]\n"
    )
    monkeypatch.setenv("CROSSOVER_CONFIG", str(settings))
    process = subprocess.Popen([CROSSOVER, "run", "--suite", "two"], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if line.startswith("[1/3]"):
            break
    process.send_signal(how)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "--resume" in said
    assert runs_stored(home)[0].measured == 3
    assert remaining(home) == []
    ran = crossover("run", "--resume")
    assert ran.returncode == 0, ran.stderr
    assert "[1/3]" not in ran.stderr
    assert [row.measured for row in runs_stored(home)] == [9]


def test_a_run_with_holes_names_them_and_fails(home, tiny):
    """Exit code 1: measured, but not all of it."""
    ran = crossover("run", *SMALL, "--platform", "tpu")
    assert ran.returncode == 1
    assert "2 without a number: broadcast_sum jax_eager, jax_jit at 2 (misplaced" in ran.stderr
    assert "misplaced" in ran.stdout


def test_help_teaches():
    """Every command has a line; `run` shows examples and exit codes."""
    said = crossover("--help").stdout
    for name in ("run", "up", "show", "dashboard", "ingest"):
        assert f" {name} " in said
    said = crossover("run", "--help").stdout
    assert "Exit code" in said
    assert "numpy==2.4.3,jax==0.9.2" in said


def test_a_second_run_waits_for_the_first_and_says_so(home, tiny):
    """One measurement per machine: the lock file is the machine's, not the home's."""
    from flows.lock import machine_lock

    with machine_lock("the test"):
        process = subprocess.Popen([CROSSOVER, "run", *SMALL], stderr=subprocess.PIPE, text=True)
        first = process.stderr.readline()
        time.sleep(1)
        assert process.poll() is None
    said = process.communicate(timeout=120)[1]
    assert "waiting: this machine is in use: the test (process" in first
    assert said.rstrip().endswith("3 of 3 measured")


@pytest.mark.slow
def test_an_earlier_run_is_measured_again_in_its_environments(home, tiny):
    """Built from its records alone, once they are gone; a run in the current environment kept none."""
    assert crossover("run", "--suite", "tiny", "--env", "numpy==2.2.6").returncode == 0
    (first,) = runs_stored(home)
    shutil.rmtree(home / "environments")
    again = crossover("run", "--suite", "tiny", "--like", first.uuid[-8:], "--json")
    assert again.returncode == 0, again.stderr
    (environment,) = json.loads(again.stdout)["environments"]
    assert (environment["name"], environment["numpy"], environment["builder"]) == ("numpy==2.2.6", "2.2.6", "uv")
    assert environment["resolution"][0]["version"] == "2.2.6"
    assert crossover("run", "--suite", "tiny").returncode == 0
    current = max(runs_stored(home), key=lambda run: run.id)
    refused = crossover("run", "--suite", "tiny", "--like", current.uuid[-8:])
    assert refused.returncode == 2
    assert "cannot be built again" in refused.stderr


def test_every_command_has_a_test_here():
    """A command that is added is also tried."""
    here = Path(__file__).parent
    source = "".join(path.read_text() for path in here.glob("test_*.py"))
    for name in app.resolved_commands() if hasattr(app, "resolved_commands") else app:
        if not name.startswith("-"):
            assert f'"{name}"' in source, name
