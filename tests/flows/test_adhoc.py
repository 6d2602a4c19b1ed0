"""Runs on demand, as a user has them done: a real server, a real worker, real measuring processes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from flows import delivery
from tests.flows import harm
from tests.flows.served import CROSSOVER, running, until
from workloads import bundle

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A running service of a machine called otter."""
    with running(tmp_path_factory.mktemp("served")) as found:
        yield found


def test_a_run_is_triggered_followed_listed_and_read_again(service):
    """By its name or the end of its identity; the stored run is the flow run."""
    ran = service.crossover("trigger", "tiny", "--on", "otter", "--wait")
    assert ran.returncode == 0, ran.stderr
    assert "[1/1] broadcast_sum" in ran.stderr
    assert "Completed: 3 of 3 measured" in ran.stderr
    run = json.loads(service.crossover("runs", "--json").stdout)[0]
    assert (run["machine"], run["suite"], run["state"]) == ("otter", "tiny", "Completed")
    assert run["counts"] == "3 of 3 measured"
    logs = service.crossover("logs", run["run"][-8:])
    assert logs.returncode == 0, logs.stderr
    assert "[1/1] broadcast_sum" in logs.stdout
    assert f"`crossover show {run['run'][-8:]}`" in ran.stderr
    assert logs.stderr.strip() == f"{run['name']}: Completed: 3 of 3 measured"


def test_whichever_machine_is_free_takes_what_names_none(service):
    """From the queue that all machines of a pool share."""
    ran = service.crossover("trigger", "tiny", "--pool", "cpu", "--wait")
    assert ran.returncode == 0, ran.stderr
    lines = list(bundle.read(max(service.home.bundles.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)))
    assert lines[0]["machine"]["name"] == "otter"


def told(service):
    """The pages in Prefect's own interface."""
    return service.asked("artifacts/filter")


def test_a_night_is_measured_reported_and_known(service):
    """Its report is a file and a page of Prefect's; the status knows when it was."""
    ran = service.crossover("trigger", "nightly", "--on", "otter", "--wait")
    assert ran.returncode == 0, ran.stderr
    (report,) = (service.home.path / "reports").glob("otter-*.md")
    assert "3 of 3 measured, whole" in report.read_text()
    assert any(page["key"] == "night-otter" and "3 of 3 measured" in page["data"] for page in told(service))
    status = service.crossover("status")
    assert status.stdout.startswith("otter: the night of ")
    assert "watchdog: has not looked yet" in status.stdout
    watched = service.crossover("trigger", "watchdog", "--wait")
    assert watched.returncode == 0, watched.stderr
    assert re.search(r"watchdog: looked \d+ seconds ago", service.crossover("status").stdout)
    assert {run["suite"] for run in json.loads(service.crossover("runs", "--json").stdout)} == {"tiny"}  # no watchdog
    assert any(page["key"] == "machines" and "otter: the night of" in page["data"] for page in told(service))
    report.unlink()
    analysed = service.crossover("trigger", "analyse", "--wait")
    assert analysed.stderr.rstrip().endswith("Completed: 1 reports written")
    assert "3 of 3 measured, whole" in report.read_text()
    assert "Prefect server: http://127.0.0.1:" in status.stdout


def test_a_cancelled_run_ends_at_once_and_keeps_what_it_measured(service):
    """The measuring process is gone within 5 s; nothing keeps the next run from starting."""
    name = service.begun("long")
    path = harm.path_of(service, name)
    until(lambda: service.measured(name) > 0, seconds=30)  # it is known that it is under way
    assert service.flow_run(name)["state_name"] == "Running"
    assert harm.probes(path)
    assert service.crossover("cancel", name).returncode == 0
    until(lambda: harm.measuring(path) == [] and harm.probes(path) == [], seconds=5)
    until(lambda: service.flow_run(name)["state_name"] == "Cancelled")
    assert service.crossover("trigger", "tiny", "--on", "otter", "--wait").returncode == 0
    delivery.deliver(service.home, print)
    assert service.measured(name) >= 3
    again = service.crossover("cancel", name)
    assert again.returncode == 2
    assert "is over: Cancelled" in again.stderr


def test_deployed_twice_is_as_once(service):
    """By `up` and by hand: deployments, queues and automations have one of each."""
    ran = service.crossover("deploy", "--machine", "otter")
    assert ran.returncode == 0, ran.stderr
    names = [one["name"] for one in service.asked("deployments/filter")]
    assert sorted(names) == ["adhoc-any-cpu", "adhoc-otter", "analyse", "backfill-otter", "nightly-otter", "watchdog"]
    assert sorted(one["name"] for one in service.asked("automations/filter")) == ["unborn-runs", "vanished-runs"]


def test_a_machine_that_is_gone_is_forgotten(service):
    """Its deployments and its queue; the others stay, and it may come back. Who waits for its nights is told."""
    assert service.crossover("deploy", "--machine", "seal").returncode == 0
    before = {one["name"] for one in service.asked("deployments/filter")}
    assert {"adhoc-seal", "backfill-seal", "nightly-seal"} <= before
    path = Path(service.variables["CROSSOVER_CONFIG"])
    as_it_was = path.read_text()
    path.write_text(as_it_was + "[machines.seal]\nretired = true\n")
    assert "no nights: it is retired" in service.crossover("deploy", "--machine", "seal").stderr
    assert "nightly-seal" not in {one["name"] for one in service.asked("deployments/filter")}
    path.write_text(as_it_was)
    assert service.crossover("deploy", "--machine", "seal").returncode == 0
    ran = service.crossover("deploy", "--remove", "seal")
    assert ran.returncode == 0, ran.stderr
    assert "3 deployments" in ran.stderr
    assert "[machines.seal] retired = true" in ran.stderr
    after = {one["name"] for one in service.asked("deployments/filter")}
    assert before - after == {"adhoc-seal", "backfill-seal", "nightly-seal"}
    assert "machine-seal" not in {one["name"] for one in service.asked("work_pools/cpu/queues/filter")}
    assert service.crossover("deploy", "--remove", "seal").returncode == 1  # there was none


def test_what_only_the_machine_can_know_to_be_wrong_fails_in_a_line(service):
    """Without a traceback; the list of runs says why."""
    ran = service.crossover("trigger", "quik", "--on", "otter", "--wait")
    assert ran.returncode == 1
    assert "Failed: there is no suite 'quik'" in ran.stderr
    assert "Traceback" not in ran.stderr
    (failed,) = (one for one in json.loads(service.crossover("runs", "--json").stdout) if one["suite"] == "quik")
    assert (failed["machine"], failed["state"]) == ("otter", "Failed")
    assert "quik" in failed["message"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("trigger", "tiny", "--on", "seal"), "the server knows no 'benchmark/adhoc-seal'. Its machines: otter;"),
        (("trigger", "nightly"), "name it with --on"),
        (("trigger", "nightly", "--on", "otter", "--workload", "sort"), "nightly takes no workloads"),
        (("trigger", "backfill", "--on", "otter"), "say which releases"),
        (("deploy", "--remove", "any-cpu"), "--remove takes the nickname of one machine"),
        (("logs", "nobody"), "no flow run is called 'nobody'"),
    ],
)
def test_what_cannot_be_is_said(service, arguments, said):
    """One line, exit code 2."""
    ran = service.crossover(*arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


def test_without_a_server_it_is_said_how_to_have_one(home):
    """One line, exit code 2."""
    for arguments in (("trigger", "tiny"), ("worker",)):
        ran = subprocess.run([CROSSOVER, *arguments], capture_output=True, text=True)
        assert ran.returncode == 2
        assert "crossover up" in ran.stderr


def test_with_neither_server_nor_database_nothing_is_listed(home, monkeypatch):
    """One line, exit code 2; without the server alone, what is stored is listed."""
    ran = subprocess.run([CROSSOVER, "runs"], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr.startswith("only stored runs are listed: ")) == (0, True)
    monkeypatch.setenv("CROSSOVER_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    ran = subprocess.run([CROSSOVER, "runs"], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: nothing can be listed: cannot open the database postgresql://nobody@")
    assert "crossover up" in ran.stderr
    assert ran.stderr.count("\n") == 1
