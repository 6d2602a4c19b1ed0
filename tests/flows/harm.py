"""Harm done to a running service on purpose, and what must be true of it afterwards."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.flows.served import Service, until
from tests.processes import processes_of
from workloads import bundle

OVER = ("Completed", "Failed", "Crashed", "Cancelled")


def path_of(service: Service, name: str) -> Path:
    """The bundle of a run."""
    (path,) = service.home.bundles.glob(f"*-{service.flow_run(name)['id'][-8:]}.jsonl")
    return path


def measuring(path: Path) -> list[int]:
    """The process that measures into a bundle."""
    return [pid for pid in processes_of(path.with_suffix(".plan.json")) if "workloads" in command(pid)]


def probes(path: Path) -> list[int]:
    """The probes of a run."""
    return processes_of(f"run {json.loads(path.with_suffix('.plan.json').read_text())['run']}")


def flow_run(name: str, service: Service) -> list[int]:
    """The process of a flow run of the worker's."""
    return [pid for pid in processes_of(service.flow_run(name)["id"]) if "prefect" in command(pid)]


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def of_server(service: Service) -> list[int]:
    """The processes of the Prefect server."""
    return [
        pid for pid in processes_of(service.home.path) if "server start" in command(pid) or "uvicorn" in command(pid)
    ]


def kill(pids: Iterable[int], how: signal.Signals = signal.SIGKILL) -> None:
    assert pids, "there is nothing to kill"
    for pid in pids:
        os.kill(pid, how)


def check_aftermath(service: Service, name: str, path: Path, *states: str) -> None:
    """The run has ended as it should, and the next one is whole; what was measured is in the database, each once."""
    check_ended(service, name, path, *states)
    check_next_run_is_whole(service)
    check_kept(service, name, path)


def check_ended(service: Service, name: str, path: Path, *states: str) -> None:
    """Two minutes later at the most it is known how the run ended, and nothing of it is left."""
    until(lambda: service.flow_run(name)["state_name"] in OVER, 120)
    found = service.flow_run(name)["state"]
    print(f"{found['name']}: {found['message']}")  # for the table of drills
    assert found["name"] in states
    until(lambda: probes(path) == [] and measuring(path) == [], 10)


def check_next_run_is_whole(service: Service) -> None:
    """As if nothing had happened."""
    ran = service.crossover("trigger", "tiny", "--on", "otter", "--wait")
    assert ran.returncode == 0, ran.stderr
    assert "Completed: 3 of 3 measured" in ran.stderr


def check_kept(service: Service, name: str, path: Path) -> None:
    """What the bundle holds is in the database, each once."""
    ran = service.crossover("sync")
    assert ran.returncode == 0, ran.stderr
    lines = [line for line in bundle.read(path) if line["kind"] == "measurement"]
    sides = Counter((line["workload"], bundle.case_key(line["case"]), line["variant"]) for line in lines)
    assert max(sides.values()) == 1
    assert service.measured(name) == sum(line["status"] == "measured" for line in lines) >= 3
