"""What one Prefect server makes of many machines: their workers ask for work, and a night of each passes, sped up.

    python benchmarks/many_machines.py FOLDER [--machines 20] [--faster 100]

Starts a server as `crossover up` does, with a pool and a nightly deployment for each machine. Then each machine is a
thread that says to the server what a worker and a night say: asks for work every few seconds (in real time, because a
worker does so whatever happens), creates the night's flow run, makes it Running, logs a line for each case, sends a
heartbeat every 30 s and ends, all of that `--faster` times faster than a night of `--hours`. Nothing is measured and no
flow code runs. Synthetic: it shows what the server bears, not how long anything takes elsewhere.

Prints how many requests failed, how long they took, what the server took of the processor, and how many of the flow
runs, and of their log lines, it has in the end.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from benchmarks.service import cpu_seconds
from flows.home import open_home
from flows.processes import Processes
from flows.server import HOST, free_port, service_environment, wait_until_healthy
from tests.flows import harm

CASES, HEARTBEAT_SECONDS = 400, 30


class Client:
    """The server's API, with the seconds that each request took."""

    def __init__(self, url: str, auth: tuple[str, str]) -> None:
        self.http = httpx.Client(base_url=url, auth=auth, timeout=60)
        self.seconds: list[float] = []
        self.failed = 0

    def post(self, path: str, body: object) -> object:
        began = time.perf_counter()
        answer = self.http.post(path, json=body)
        self.seconds.append(time.perf_counter() - began)
        self.failed += answer.is_error
        return answer.json() if answer.content and not answer.is_error else None


def worker(client: Client, pool: str, name: str, poll: float, over: threading.Event) -> None:
    """What a worker says while it waits: a heartbeat, and whether there is work."""
    while not over.wait(poll):
        client.post(f"/work_pools/{pool}/workers/heartbeat", {"name": name, "heartbeat_interval_seconds": 30})
        client.post(f"/work_pools/{pool}/get_scheduled_flow_runs", {"work_queue_names": [f"machine-{name}", "any"]})


def night(client: Client, flow: str, name: str, seconds: float, faster: float) -> None:
    """One night's flow run, from Pending to Completed."""
    created = client.post("/flow_runs/", {"flow_id": flow, "name": name, "state": {"type": "PENDING"}})
    assert isinstance(created, dict)
    run = created["id"]
    client.post(f"/flow_runs/{run}/set_state", {"state": {"type": "RUNNING"}})
    step, beat, began = seconds / CASES, HEARTBEAT_SECONDS / faster, time.monotonic()
    next_beat = began
    for case in range(CASES):
        line = {"name": "prefect.flow_runs", "level": 20, "flow_run_id": run, "timestamp": now()}
        client.post("/logs/", [{**line, "message": f"[{case + 1}/{CASES}] matrix_chain n=512: numpy 3.7 ms"}])
        while time.monotonic() >= next_beat:
            resource = {"prefect.resource.id": f"prefect.flow-run.{run}"}
            event = {"event": "prefect.flow-run.heartbeat", "resource": resource, "occurred": now()}
            client.post("/events", [{**event, "payload": {}, "id": os.urandom(16).hex(), "related": []}])
            next_beat += beat
        time.sleep(max(0.0, began + (case + 1) * step - time.monotonic()))
    client.post(f"/flow_runs/{run}/set_state", {"state": {"type": "COMPLETED"}})


def now() -> str:
    return datetime.now(UTC).isoformat()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--machines", type=int, default=20)
    parser.add_argument("--faster", type=float, default=100.0)
    parser.add_argument("--hours", type=float, default=6.0)
    parser.add_argument("--poll", type=float, default=2.0, help="seconds between a worker's questions, in real time")
    asked = parser.parse_args()
    home, port = open_home(asked.folder), free_port()
    environment = service_environment(home, port)
    url, auth = environment["PREFECT_API_URL"], tuple(environment["PREFECT_API_AUTH_STRING"].split(":"))
    seconds = asked.hours * 3600 / asked.faster
    with Processes(home.logs, {**os.environ, **environment}) as processes:
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
        processes.start("server", command)
        wait_until_healthy(url, lambda: None)
        first = Client(url, auth)
        flow = first.post("/flows/", {"name": "nightly"})
        assert isinstance(flow, dict)
        names = [f"m{number:02}" for number in range(asked.machines)]
        first.post("/work_pools/", {"name": "cpu", "type": "process"})
        for queue in [*(f"machine-{name}" for name in names), "any"]:
            first.post("/work_pools/cpu/queues", {"name": queue})
        over = threading.Event()
        waiting, nights = [Client(url, auth) for _ in names], [Client(url, auth) for _ in names]
        workers = [
            threading.Thread(target=worker, args=(client, "cpu", name, asked.poll, over), daemon=True)
            for client, name in zip(waiting, names, strict=True)
        ]
        measuring = [
            threading.Thread(target=night, args=(client, flow["id"], name, seconds, asked.faster))
            for client, name in zip(nights, names, strict=True)
        ]
        pids = [
            pid
            for pid in harm.processes_of(home.path)
            if "server" in harm.command(pid) or "uvicorn" in harm.command(pid)
        ]
        for part, threads in (("workers that wait", workers), ("and nights", measuring)):
            before, began = sum(map(cpu_seconds, pids)), time.monotonic()
            for thread in threads:
                thread.start()
            if threads is workers:
                time.sleep(60)
            else:
                for thread in threads:
                    thread.join()
            took = time.monotonic() - began
            share = (sum(map(cpu_seconds, pids)) - before) / took
            print(f"- {asked.machines} {part}: {took:.0f} s, server {share:.0%} of a core".replace("%", " %"))
        over.set()
        for name, clients in (("a worker's question", waiting), ("a night's word", nights)):
            times = sorted(one for client in clients for one in client.seconds)
            failed = sum(client.failed for client in clients)
            centiles = statistics.quantiles(times, n=100)
            print(
                f"- {name}: {len(times):,}, {failed} failed, middle {centiles[49] * 1e3:.0f} ms, "
                f"95 of 100 within {centiles[94] * 1e3:.0f} ms, longest {times[-1] * 1e3:.0f} ms"
            )
        time.sleep(10)
        completed = first.post("/flow_runs/count", {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}})
        print(f"- {completed} of {asked.machines} nights are Completed; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
