"""The service as a user starts and stops it, with its real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from flows import service
from flows.home import open_home
from flows.processes import Processes
from flows.server import free_port, server_command, service_environment, wait_until_healthy
from storage import database, queries
from tests.processes import processes_of

CROSSOVER = str(Path(sys.executable).parent / "crossover")
pytestmark = pytest.mark.slow


def left_behind(home):
    """Processes that belong to this home, and the probes of its runs, which know nothing of it."""
    runs = [json.loads(plan.read_text())["run"] for plan in home.glob("bundles/*.plan.json")]
    return processes_of(home) + [pid for run in runs for pid in processes_of(f"run {run}")]


def gone(home, seconds):
    """Whether nothing is left behind after at most so many seconds."""
    for _ in range(seconds * 10):
        if not left_behind(home):
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def server(home, monkeypatch):
    """A running Prefect server with nothing in it; gives its API's address."""
    opened, port = open_home(), free_port()
    environment = service_environment(opened, port)
    with Processes(opened.logs, {**os.environ, **environment}) as processes:
        processes.start("server", server_command(port))
        wait_until_healthy(environment["PREFECT_API_URL"], lambda: service.check_alive(processes, opened))
        yield environment
    assert left_behind(home) == []


def test_a_schedule_becomes_scheduled_runs(server):
    """The proof of the pins: with some versions the scheduler creates no runs at all, silently, health green.

    Deployed twice, it is as once.
    """
    deploy = (
        "from flows.deploy import deploy; from flows.settings import Nightly;"
        "deploy('otter', Nightly(cron='*/10 * * * *', timezone='Europe/Berlin', pool='gpu'))"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", deploy], env={**os.environ, **server}, check=True)
    api = server["PREFECT_API_URL"]
    client = httpx.Client(auth=tuple(server["PREFECT_API_AUTH_STRING"].split(":")))
    deployments = client.post(f"{api}/deployments/filter", json={}).json()
    queue_of = {found["name"]: found["work_queue_name"] for found in deployments}
    own = dict.fromkeys(("adhoc-otter", "backfill-otter", "nightly-otter"), "machine-otter")
    assert queue_of == {**own, "adhoc-any-gpu": "any", "watchdog": "default", "analyse": "default"}
    queues = client.post(f"{api}/work_pools/gpu/queues/filter", json={}).json()
    assert {"machine-otter", "any"} <= {found["name"] for found in queues}
    for _ in range(60):
        runs = client.post(f"{api}/flow_runs/filter", json={"sort": "EXPECTED_START_TIME_ASC", "limit": 3}).json()
        if runs:
            break
        time.sleep(1)
    client.close()
    assert runs, "the scheduler has created no run"
    assert all(run["state_type"] == "SCHEDULED" for run in runs)


def test_a_stranger_is_refused(server, home):
    """Who may talk to the server can run code as its user: without the password nobody does."""
    api = server["PREFECT_API_URL"]
    for auth in (None, ("crossover", "guessed")):
        assert httpx.post(f"{api}/deployments/filter", json={}, auth=auth).status_code in (401, 403)
    assert (home / "prefect" / "password").stat().st_mode & 0o077 == 0


def test_once_measures_through_the_service_and_leaves_nothing_running(home, tiny):
    """`crossover up --once`: progress, table, exit code 0, no process left, all of it under one folder."""
    ran = subprocess.run([CROSSOVER, "up", "--once", "--suite", "tiny"], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert "[1/1] broadcast_sum" in ran.stderr
    assert ran.stderr.rstrip().endswith("Completed: 3 of 3 measured")
    assert "jax_jit against numpy" in ran.stdout
    assert left_behind(home) == []
    engine = database.open_for_reading(f"sqlite:///{home / 'crossover.db'}")
    with engine.connect() as connection:
        assert queries.runs(connection)[0].measured == 3
    engine.dispose()
    assert (home / "prefect" / "prefect.db").is_file()


@pytest.mark.parametrize(
    "how", [signal.SIGINT, *(pytest.param(how, marks=pytest.mark.drill) for how in (signal.SIGTERM, signal.SIGKILL))]
)
def test_the_service_ends_whole(home, tiny, how):
    """Server, worker, dashboard: all up, then Ctrl-C (or a stop, or a kill): all gone, nothing left."""
    port, pages = free_port(), free_port()
    process = subprocess.Popen(
        [CROSSOVER, "up", "--port", str(port), "--dashboard-port", str(pages)], stderr=subprocess.PIPE, text=True
    )
    said = ""
    for line in process.stderr:
        said += line
        if "Ctrl-C ends" in line:
            break
    assert process.poll() is None, said
    for _ in range(60):
        try:
            if httpx.get(f"http://127.0.0.1:{pages}/_stcore/health").status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.5)
    else:
        pytest.fail("the dashboard did not answer")
    second = subprocess.run([CROSSOVER, "up", "--once", "--suite", "tiny"], capture_output=True, text=True, timeout=60)
    assert second.returncode == 2
    assert "is running in" in second.stderr
    process.send_signal(how)
    process.communicate(timeout=30)
    assert process.returncode == {signal.SIGKILL: -9}.get(how, 0)
    assert gone(home, 5), left_behind(home)


@pytest.mark.parametrize(
    ("how", "seconds"), [(signal.SIGINT, 1), pytest.param(signal.SIGKILL, 10, marks=pytest.mark.drill)]
)
def test_a_service_that_is_stopped_while_measuring_measures_again(home, tiny, how, seconds):
    """Ctrl-C, or a kill, in the middle of a run: nothing goes on behind our back, and the next run is not blocked."""
    tiny.write_text(
        tiny.read_text()
        + "[suites.long]\nprocesses = 2\nseconds_per_case = 2\n[suites.long.workloads]\nmatrix_chain = 'all'\n"
    )
    process = subprocess.Popen([CROSSOVER, "up", "--once", "--suite", "long"], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if line.startswith("[1/6]"):
            break
    before = left_behind(home)
    assert len(before) > len(processes_of(home)), "its probes are not seen"
    process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode == {signal.SIGINT: 130, signal.SIGKILL: -9}[how]
    assert gone(home, seconds), left_behind(home)
    ran = subprocess.run([CROSSOVER, "up", "--once", "--suite", "tiny"], capture_output=True, text=True, timeout=180)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.rstrip().endswith("Completed: 3 of 3 measured")


def test_a_taken_port_is_named(home):
    """Before anything is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for arguments in (("up", "--port", str(port)), ("dashboard", "--port", str(port))):
            ran = subprocess.run([CROSSOVER, *arguments], capture_output=True, text=True, timeout=60)
            assert ran.returncode == 2
            assert f"port {port} cannot be used" in ran.stderr
