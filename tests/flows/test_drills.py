"""What breaks in a service that runs for years, done on purpose: real processes, while they measure.

After each: what was measured is kept, nothing is doubled, no run stays running for ever, no stray process, and the next
run is whole.
"""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from flows import delivery
from tests.flows.served import running, until
from tests.processes import processes_of
from workloads import bundle

pytestmark = pytest.mark.drill

OVER = ("Completed", "Failed", "Crashed", "Cancelled")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A running service of a machine called otter, for all drills: it has to stand them one after the other."""
    with running(tmp_path_factory.mktemp("drills")) as found:
        yield found


def path_of(service, name):
    """The bundle of a run."""
    (path,) = service.home.bundles.glob(f"*-{service.flow_run(name)['id'][:8]}.jsonl")
    return path


def measuring(path):
    """The process that measures into a bundle."""
    return [pid for pid in processes_of(path.with_suffix(".plan.json")) if "workloads" in command(pid)]


def probes(path):
    """The probes of a run."""
    return processes_of(f"run {json.loads(path.with_suffix('.plan.json').read_text())['run']}")


def flow_run(name, service):
    """The process of a flow run of the worker's."""
    return [pid for pid in processes_of(service.flow_run(name)["id"]) if "prefect" in command(pid)]


def command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def kill(pids, how=signal.SIGKILL):
    assert pids, "there is nothing to kill"
    for pid in pids:
        os.kill(pid, how)


def check_aftermath(service, name, path, state):
    """The run has ended as it should, and the next one is whole; what was measured is in the database, each once."""
    until(lambda: service.flow_run(name)["state_name"] in OVER, 150)
    assert service.flow_run(name)["state_name"] == state
    until(lambda: probes(path) == [] and measuring(path) == [], 10)
    ran = service.crossover("trigger", "tiny", "--on", "otter", "--wait")
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.rstrip().endswith("Completed: 3 of 3 measured")
    delivery.deliver(service.home, print)
    lines = [line for line in bundle.read(path) if line["kind"] == "measurement"]
    sides = Counter((line["workload"], bundle.case_key(line["case"]), line["variant"]) for line in lines)
    assert max(sides.values()) == 1
    assert service.measured(name) == sum(line["status"] == "measured" for line in lines) >= 3


def test_a_killed_probe_costs_its_own_measurement(service):
    """The rest of the run goes on."""
    name = service.begun("long")
    path = path_of(service, name)
    until(lambda: probes(path) != [])
    kill(probes(path)[:1])
    check_aftermath(service, name, path, "Failed")
    assert any(line["kind"] == "footer" for line in bundle.read(path))


def test_a_killed_sampler_ends_its_run(service):
    """It is said, and its probes end with it."""
    name = service.begun("long")
    path = path_of(service, name)
    kill(measuring(path))
    check_aftermath(service, name, path, "Failed")


def test_a_killed_flow_run_is_a_crash(service):
    """The worker sees it; nobody goes on measuring for it."""
    name = service.begun("long")
    path = path_of(service, name)
    kill(flow_run(name, service))
    until(lambda: probes(path) == [] and measuring(path) == [], 10)
    check_aftermath(service, name, path, "Crashed")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_ends_is_started_again(service, how):
    """Its run ends with it, and no later than two minutes is known to have."""
    name = service.begun("long")
    path = path_of(service, name)
    kill([pid for pid in processes_of(service.home.path) if "worker start" in command(pid)], how)
    check_aftermath(service, name, path, "Crashed")
    assert "worker ended" in service.log.read_text()


def test_a_server_that_is_killed_is_started_again_while_its_run_goes_on(service):
    """Measuring does not need it."""
    name = service.begun("long")
    path = path_of(service, name)
    kill(
        [pid for pid in processes_of(service.home.path) if "server start" in command(pid) or "uvicorn" in command(pid)]
    )
    check_aftermath(service, name, path, "Completed")
    assert any(line["kind"] == "footer" for line in bundle.read(path))
