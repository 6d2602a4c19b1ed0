"""Runs on demand, as a user has them done: a real server, a real worker, real measuring processes."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.flows.served import CROSSOVER, running, until
from tests.processes import processes_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A running service of a machine called otter."""
    with running(tmp_path_factory.mktemp("served")) as found:
        yield found


def test_a_run_is_triggered_followed_listed_and_read_again(service):
    """By its name or the beginning of its identity; the stored run is the flow run."""
    ran = service.crossover("trigger", "tiny", "--on", "otter", "--wait")
    assert ran.returncode == 0, ran.stderr
    assert "[1/1] broadcast_sum" in ran.stderr
    assert ran.stderr.rstrip().endswith("Completed: 3 of 3 measured")
    run = service.runs()[0]
    assert (run["machine"], run["suite"], run["state"]) == ("otter", "tiny", "Completed")
    assert run["counts"] == "3 of 3 measured"
    for name in (run["name"], run["run"][:8]):
        logs = service.crossover("logs", name)
        assert logs.returncode == 0, logs.stderr
        assert "[1/1] broadcast_sum" in logs.stdout
        assert logs.stderr.strip() == f"{run['name']}: Completed: 3 of 3 measured"
    assert run["run"][:8] in service.crossover("runs").stdout


def test_whichever_machine_is_free_takes_what_names_none(service):
    """From the queue that all machines of a pool share."""
    ran = service.crossover("trigger", "tiny", "--pool", "cpu", "--wait")
    assert ran.returncode == 0, ran.stderr
    assert service.runs()[0]["machine"] == "otter"


def test_a_night_is_measured_reported_and_known(service):
    """Its report is a file and a page of Prefect's; the status knows when it was."""
    ran = service.crossover("trigger", "nightly", "--on", "otter", "--wait")
    assert ran.returncode == 0, ran.stderr
    (report,) = (service.home.path / "reports").glob("otter-*.md")
    assert "3 of 3 measured, whole" in report.read_text()
    pages = service.asked("artifacts/filter")
    assert any(page["key"] == "night" and "3 of 3 measured" in page["data"] for page in pages)
    status = service.crossover("status")
    assert status.stdout.startswith("otter: the night of ")
    assert "Prefect server: http://127.0.0.1:" in status.stdout


def test_a_cancelled_run_ends_at_once_and_keeps_what_it_measured(service):
    """The measuring process is gone within 5 s; nothing keeps the next run from starting."""
    name = service.begun("long")
    assert service.crossover("cancel", name).returncode == 0
    until(lambda: processes_of("-m workloads") == [], seconds=5)
    until(lambda: service.run(name)["state"] == "Cancelled")
    assert service.crossover("trigger", "tiny", "--on", "otter", "--wait").returncode == 0
    service.crossover("sync")
    assert int(service.run(name)["counts"].split()[0]) >= 3
    again = service.crossover("cancel", name)
    assert again.returncode == 2
    assert "is over: Cancelled" in again.stderr


def test_deployed_twice_is_as_once(service):
    """Deployments, queues and automations have one of each."""
    for _ in range(2):
        ran = service.crossover("deploy", "--machine", "otter")
        assert ran.returncode == 0, ran.stderr
    names = [one["name"] for one in service.asked("deployments/filter")]
    assert sorted(names) == ["adhoc-any-cpu", "adhoc-otter", "backfill-otter", "nightly-otter"]
    assert [one["name"] for one in service.asked("automations/filter")] == ["vanished-runs"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("trigger", "tiny", "--on", "seal"), "no deployment 'benchmark/adhoc-seal'"),
        (("trigger", "nightly"), "name it with --on"),
        (("trigger", "nightly", "--on", "otter", "--workload", "sort"), "nightly takes no workloads"),
        (("trigger", "backfill", "--on", "otter"), "say which releases"),
        (("logs", "nobody"), "no flow run is called 'nobody'"),
        (("cancel", "nobody"), "no flow run is called 'nobody'"),
    ],
)
def test_what_cannot_be_is_said(service, arguments, said):
    """One line, exit code 2."""
    ran = service.crossover(*arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


def test_without_a_server_it_is_said_how_to_have_one(home):
    """What is stored is listed all the same."""
    for arguments in (("trigger", "tiny"), ("logs", "x"), ("cancel", "x"), ("deploy",), ("worker",)):
        ran = subprocess.run([CROSSOVER, *arguments], capture_output=True, text=True)
        assert ran.returncode == 2
        assert "crossover up" in ran.stderr
    ran = subprocess.run([CROSSOVER, "runs", "--json"], capture_output=True, text=True)
    assert ran.returncode == 2 or json.loads(ran.stdout) == []
