"""What breaks in a service that runs for years, done on purpose: real processes, while they measure.

After each: what was measured is kept, nothing is doubled, no run stays running for ever, no stray process, and the next
run is whole.
"""

from __future__ import annotations

import signal
import time

import pytest

from tests.flows.harm import check_aftermath, command, flow_run, kill, measuring, of_server, path_of, probes
from tests.flows.served import running, until
from tests.processes import processes_of
from workloads import bundle

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A running service of a machine called otter, for all drills: it has to stand them one after the other."""
    with running(tmp_path_factory.mktemp("drills")) as found:
        yield found


def test_killed_probes_cost_the_case_that_they_are_at(service):
    """The rest of the run goes on. (One that is killed between two cases is replaced, and costs nothing.)"""
    name = service.begun("long")
    path = path_of(service, name)
    until(lambda: probes(path) != [])
    known = path.stat().st_size
    until(lambda: path.stat().st_size > known)  # the next case begins now, and takes seconds
    time.sleep(1)
    kill(probes(path))
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
    kill(of_server(service))
    check_aftermath(service, name, path, "Completed")
    assert any(line["kind"] == "footer" for line in bundle.read(path))


def test_a_run_that_is_taken_and_never_begins_is_a_crash(service):
    """Two minutes after a worker took it, and its machine lost power before it began."""
    (found,) = service.asked("deployments/filter", deployments={"name": {"any_": ["adhoc-any-cpu"]}})
    created = service.asked(f"deployments/{found['id']}/create_flow_run", state={"type": "PENDING"})
    until(lambda: service.flow_run(created["name"])["state_name"] == "Crashed", 180)
    assert "never begun" in service.flow_run(created["name"])["state"]["message"]
