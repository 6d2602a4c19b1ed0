"""What one Prefect server makes of many machines: their workers ask for work, and a night of each passes, sped up.

    python benchmarks/many_machines.py FOLDER [--machines 20] [--faster 100]

Starts a server as `crossover up` does and deploys each machine as `crossover deploy` does. Then each machine is a
thread that says to the server what a worker and a night say: it asks for work every two seconds (in real time, as a
worker does whatever happens), takes the night that is due, makes it Pending and Running, logs a line for each case,
sends a heartbeat every 30 s and ends, all of that `--faster` times faster than a night of `--hours`. Nothing is
measured and no flow code runs. Synthetic: it shows what the server bears, not how long anything takes elsewhere.

The server keeps its state where PREFECT_SERVER_DATABASE_CONNECTION_URL says, else in SQLite.

Prints how many requests failed, how long they took, what the server took of the processor, and how many of the nights,
and of their log lines, it has in the end. Say the load with it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.service import cpu_seconds
from flows.home import open_home
from flows.processes import Processes
from flows.server import free_port, server_command, service_environment, wait_until_healthy
from flows.settings import Nightly
from tests.processes import processes_of

CASES, HEARTBEAT_SECONDS, POLL_SECONDS = 400, 30, 2.0


class Client:
    """Prefect's own client, which asks again after a 503; the seconds each request took, and those that failed."""

    def __init__(self) -> None:
        from prefect.client.orchestration import get_client

        self.seconds: list[float] = []
        self.failed: list[str] = []
        self.refused = 0
        hooks = {"response": [self._count]}
        self._prefect = get_client(httpx_settings={"event_hooks": hooks, "timeout": 60}, sync_client=True)

    def _count(self, response: httpx.Response) -> None:
        self.refused += response.status_code == httpx.codes.SERVICE_UNAVAILABLE

    def post(self, path: str, body: Any) -> Any:
        """The answer; None where there is none, which is counted, so that a machine goes on as a worker would."""
        began = time.perf_counter()
        try:
            answer = self._prefect.request("POST", path, json=body)  # type: ignore[arg-type] # paths with an id in them
            answer.raise_for_status()
        except httpx.HTTPError as error:
            self.failed.append(f"{path}: {error!r}"[:300])
            return None
        finally:
            self.seconds.append(time.perf_counter() - began)
        return answer.json() if answer.content else None


def ask(client: Client, name: str) -> list[dict[str, Any]]:
    """What a worker says while it waits: that it is there, and whether there is work."""
    client.post("/work_pools/cpu/workers/heartbeat", {"name": name, "heartbeat_interval_seconds": 30})
    wanted = {"work_queue_names": [f"machine-{name}", "any"], "scheduled_before": now()}
    return client.post("/work_pools/cpu/get_scheduled_flow_runs", wanted) or []


def machine(waiting: Client, working: Client, name: str, seconds: float, faster: float, over: threading.Event) -> None:
    """A worker of one machine, which takes one flow run at a time; it asks on while it has one, as Prefect's does."""
    busy: threading.Thread | None = None
    taken: set[str] = set()
    while not over.wait(POLL_SECONDS):
        due = [one["flow_run"]["id"] for one in ask(waiting, name)]
        if (busy is None or not busy.is_alive()) and (new := [run for run in due if run not in taken]):
            taken.add(new[0])
            busy = threading.Thread(target=night, args=(working, new[0], seconds, faster), daemon=True)
            busy.start()


def night(client: Client, run: str, seconds: float, faster: float) -> None:
    """One night's flow run, from Pending to Completed."""
    for state in ("PENDING", "RUNNING"):
        client.post(f"/flow_runs/{run}/set_state", {"state": {"type": state}})
    step, beat, began = seconds / CASES, HEARTBEAT_SECONDS / faster, time.monotonic()
    next_beat = began
    for case in range(CASES):
        line = {"name": "prefect.flow_runs", "level": 20, "flow_run_id": run, "timestamp": now()}
        client.post("/logs/", [{**line, "message": f"[{case + 1}/{CASES}] matrix_chain n=512: numpy 3.7 ms"}])
        while time.monotonic() >= next_beat:
            resource = {"prefect.resource.id": f"prefect.flow-run.{run}"}
            event = {"event": "prefect.flow-run.heartbeat", "resource": resource, "occurred": now()}
            client.post("/events", [{**event, "payload": {}, "id": str(uuid.uuid4()), "related": []}])
            next_beat += beat
        time.sleep(max(0.0, began + (case + 1) * step - time.monotonic()))
    client.post(f"/flow_runs/{run}/set_state", {"state": {"type": "COMPLETED"}})


def now() -> str:
    return datetime.now(UTC).isoformat()


def lines_of(client: Client, run: str) -> int:
    """How many lines of a run's log the server has."""
    count = 0
    wanted = {"logs": {"flow_run_id": {"any_": [run]}}, "limit": 200}
    while page := client.post("/logs/filter", {**wanted, "offset": count}):
        count += len(page)
    return count


def told(name: str, clients: list[Client]) -> str:
    times = sorted(one for client in clients for one in client.seconds)
    failed = [text for client in clients for text in client.failed]
    for text in failed[:3]:
        print(text, file=sys.stderr)
    centiles = statistics.quantiles(times, n=100)
    return (
        f"- {name}: {len(times):,} requests, {sum(client.refused for client in clients)} answered with 503 and asked "
        f"again, {len(failed)} failed in the end, middle {centiles[49] * 1e3:.0f} ms, "
        f"95 of 100 within {centiles[94] * 1e3:.0f} ms, longest {times[-1] * 1e3:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--machines", type=int, default=20)
    parser.add_argument("--faster", type=float, default=100.0)
    parser.add_argument("--hours", type=float, default=6.0)
    asked = parser.parse_args()
    home, port = open_home(asked.folder), free_port()
    environment = service_environment(home, port)
    os.environ.update({name: os.environ.get(name, value) for name, value in environment.items()})
    seconds = asked.hours * 3600 / asked.faster
    print(f"load {os.getloadavg()[0]:.1f}\n")
    with Processes(home.logs, dict(os.environ)) as processes:
        processes.start("server", server_command(port))
        wait_until_healthy(environment["PREFECT_API_URL"], lambda: None)
        from flows.deploy import deploy

        names = [f"m{number:02}" for number in range(asked.machines)]
        began = time.monotonic()
        for name in names:
            deploy(name, Nightly())
        print(f"- {asked.machines} machines deployed in {time.monotonic() - began:.0f} s")
        over, first = threading.Event(), Client()
        waiting, working = [Client() for _ in names], [Client() for _ in names]
        for each in zip(waiting, working, names, strict=True):
            threading.Thread(target=machine, args=(*each, seconds, asked.faster, over), daemon=True).start()
        pids = processes_of(home.path)
        used, began = sum(map(cpu_seconds, pids)), time.monotonic()
        time.sleep(60)
        share = (sum(map(cpu_seconds, pids)) - used) / (time.monotonic() - began)
        print(f"- {asked.machines} workers that wait: the server takes {share:.0%} of a core".replace("%", " %"))

        deployed = {one["name"]: one["id"] for one in first.post("/deployments/filter", {})}
        used, began = sum(map(cpu_seconds, pids)), time.monotonic()
        due = {"type": "SCHEDULED", "state_details": {"scheduled_time": now()}}
        nights = [deployed[f"nightly-{name}"] for name in names]
        runs = [first.post(f"/deployments/{one}/create_flow_run", {"state": due}) for one in nights]
        if None in runs:
            sys.exit(f"the server takes no flow runs: {first.failed}")
        ids = [run["id"] for run in runs]
        wanted = {"flow_runs": {"id": {"any_": ids}, "state": {"type": {"any_": ["COMPLETED"]}}}}
        while (first.post("/flow_runs/count", wanted) or 0) < len(ids) and time.monotonic() - began < 5 * seconds:
            time.sleep(1)
        took = time.monotonic() - began
        share = (sum(map(cpu_seconds, pids)) - used) / took
        print(f"- and their nights, {took:.0f} s for {seconds:.0f}: it takes {share:.0%} of a core".replace("%", " %"))
        over.set()
        print(told("workers", waiting))
        print(told("nights", working))
        time.sleep(5)  # lines arrive after what they tell of
        lines = [lines_of(first, run) for run in ids]
        print(f"- {first.post('/flow_runs/count', wanted)} of {len(ids)} nights Completed, ", end="")
        print(f"{sum(lines):,} of {len(ids) * CASES:,} log lines kept")
        print(f"\nload {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
