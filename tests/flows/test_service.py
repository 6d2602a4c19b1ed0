"""The service as a user starts and stops it, with its real processes."""

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
from storage import database, queries

CROSSOVER = str(Path(sys.executable).parent / "crossover")
pytestmark = pytest.mark.slow


def left_behind(home):
    """Processes whose environment names this home."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if int(environ.parent.name) != os.getpid() and str(home).encode() in environ.read_bytes():
                found.append((environ.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@pytest.fixture
def server(home, monkeypatch):
    """A running Prefect server with nothing in it; gives its API's address."""
    opened, port = open_home(), service.free_port()
    environment = service.service_environment(opened, port)
    with Processes(opened.logs, {**os.environ, **environment}) as processes:
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
        processes.start("server", command)
        service.wait_until_healthy(environment["PREFECT_API_URL"], lambda: service.check_alive(processes, opened))
        yield environment
    assert left_behind(home) == []


def test_a_schedule_becomes_scheduled_runs(server):
    """The proof of the pins: with some versions the scheduler creates no runs at all, silently, health green.

    Deployed twice, it is as once.
    """
    deploy = (
        "from flows.deploy import deploy; from flows.settings import Nightly;"
        "deploy('otter', Nightly(cron='*/10 * * * *', timezone='Europe/Berlin'))"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", deploy], env={**os.environ, **server}, check=True)
    api = server["PREFECT_API_URL"]
    deployments = httpx.post(f"{api}/deployments/filter", json={}).json()
    assert sorted(found["name"] for found in deployments) == ["adhoc-otter", "nightly-otter"]
    assert {found["work_queue_name"] for found in deployments} == {"machine-otter"}
    queues = httpx.post(f"{api}/work_pools/cpu/queues/filter", json={}).json()
    assert {"machine-otter", "any"} <= {found["name"] for found in queues}
    for _ in range(60):
        runs = httpx.post(f"{api}/flow_runs/filter", json={"sort": "EXPECTED_START_TIME_ASC", "limit": 3}).json()
        if runs:
            break
        time.sleep(1)
    assert runs, "the scheduler has created no run"
    assert all(run["state_type"] == "SCHEDULED" for run in runs)


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


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_service_ends_whole(home, tiny, how):
    """Server, worker, dashboard: all up, then Ctrl-C (or a stop, or a kill): all gone, nothing left."""
    port, pages = service.free_port(), service.free_port()
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
    for _ in range(50):
        if not left_behind(home):
            break
        time.sleep(0.1)
    assert left_behind(home) == []


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
