"""What the service costs: a suite through server, flow and worker against the same one without, and what idling costs.

    python benchmarks/service.py FOLDER [--rounds 5]

FOLDER gets a home of its own. Three questions, in one run, everything in turn:

- The same plan by `crossover trigger --wait`, and by the measuring package alone: how much longer does the service
  take, from the command to its end? (Goal: less than 1.05 times.) How much of that does not depend on the suite's
  length? And how long is it from the trigger until the machine measures?
- What do server and worker take of a core while nothing runs?
- Does an idle server and worker on the machine move a measurement? The same case with them stopped (SIGSTOP) and not.

Takes about half an hour. Prints Markdown; say the load with it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tests.flows.served import Service, running
from tests.processes import processes_of
from workloads import bundle, estimate

SUITE = """
[suites.service]
processes = 3
seconds_per_case = 5
precision = 0.0001
peaks = false
[suites.service.workloads]
elementwise_chain = [1_000, 1_000_000]
matrix_chain = [32, 512]
mse_gradient = [256, 16_384]
broadcast_sum = [2, 65_536]
"""
IDLE_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")


def newest(service: Service) -> Path:
    """The newest bundle."""
    return max(service.home.bundles.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)


def through_the_service(service: Service) -> tuple[float, float]:
    """Seconds from the command to its end, and to the header of its run's bundle."""
    began = time.time()
    ran = service.crossover("trigger", "service", "--on", "otter", "--wait", seconds=1200)
    took = time.time() - began
    if ran.returncode:
        sys.exit(f"the run failed: {ran.stderr[-2000:]}")
    header = datetime.fromisoformat(next(bundle.read(newest(service)))["started_at"])
    return took, header.timestamp() - began


def measuring(path: Path) -> float:
    """Seconds from a bundle's header to its footer."""
    header, *_, footer = bundle.read(path)
    ends = (datetime.fromisoformat(moment) for moment in (header["started_at"], footer["finished_at"]))
    began, ended = (end.timestamp() for end in ends)
    return ended - began


def bare(service: Service, folder: Path, plan: Path) -> tuple[float, Path]:
    """Seconds that the measuring package alone takes for the plan of a run of the service's; and its bundle."""
    document = {**json.loads(plan.read_text()), "run": str(uuid.uuid4())}
    copy = folder / f"{document['run']}.plan.json"
    copy.write_text(json.dumps(document))
    began = time.time()
    path = folder / f"{document['run']}.jsonl"
    command = [sys.executable, "-m", "workloads", "--plan", str(copy), "--out", str(path)]
    subprocess.run(command, check=True, capture_output=True, env=service.variables)
    return time.time() - began, path


def overhead(service: Service, folder: Path, rounds: int) -> Iterator[str]:
    """Pairs, the order of which changes from one to the next. The first run gives the plan, and does not count."""
    through_the_service(service)
    plan = newest(service).with_suffix(".plan.json")
    through, alone, first = [], [], []
    spans: dict[bool, list[list[float]]] = {True: [], False: []}
    for number in range(rounds):
        for is_service in (number % 2 == 0, number % 2 == 1):
            if is_service:
                took, until_first = through_the_service(service)
                through.append(took)
                first.append(until_first)
                path = newest(service)
            else:
                took, path = bare(service, folder, plan)
                alone.append(took)
            spans[is_service].append([measuring(path)])
        told = f"alone {alone[-1]:.1f} s, through the service {through[-1]:.1f} s, load {os.getloadavg()[0]:.1f}"
        print(told, file=sys.stderr)
    found = estimate.ratio([[one] for one in through], [[one] for one in alone])
    more = [one - other for one, other in zip(through, alone, strict=True)]
    yield f"- a suite of {sum(alone) / rounds:.0f} s: through the service {text(found)} of that, {rounds} pairs"
    yield f"- that is {min(more):.1f} to {max(more):.1f} s more, in the middle {statistics.median(more):.1f} s"
    itself = estimate.ratio(spans[True], spans[False])
    yield f"- measuring itself, from the bundle's first line to its last: {text(itself)}"
    yield f"- from the trigger until it measures: {min(first):.1f} to {max(first):.1f} s"


def idle_cpu(service: Service) -> Iterator[str]:
    groups = {"server": "server start", "workers": "worker start", "dashboard": "streamlit"}
    pids = {
        name: [pid for pid in processes_of(service.home.path) if mark in line(pid)] for name, mark in groups.items()
    }
    before = {name: sum(map(cpu_seconds, members)) for name, members in pids.items()}
    time.sleep(IDLE_SECONDS)
    for name, members in pids.items():
        share = (sum(map(cpu_seconds, members)) - before[name]) / IDLE_SECONDS
        yield f"- idle {name}: {share:.1%} of a core, {sum(map(megabytes, members)):.0f} MB".replace("%", " %")


def idle_effect(service: Service, rounds: int) -> Iterator[str]:
    """Seconds of one case with the service idling, over those with it stopped; the order changes from pair to pair."""
    found: dict[str, dict[bool, list[float]]] = {}
    pids = processes_of(service.home.path)
    for number in range(rounds):
        for stopped in (number % 2 == 0, number % 2 == 1):
            for pid in pids if stopped else ():
                os.kill(pid, signal.SIGSTOP)
            try:
                command = [sys.executable, "-m", "workloads", "--workload", "elementwise_chain", "--size", "100000"]
                options = ["--dtype", "float32", "--processes", "3", "--seconds", "3", "--no-peaks"]
                ran = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
            finally:
                for pid in pids if stopped else ():
                    os.kill(pid, signal.SIGCONT)
            for told in map(json.loads, ran.stdout.splitlines()):
                if told["kind"] == "measurement":
                    found.setdefault(told["variant"], {True: [], False: []})[stopped].append(told["seconds"])
            time.sleep(5)  # what waited while it was stopped catches up
    for variant, by_state in found.items():
        ratio = estimate.ratio([[one] for one in by_state[False]], [[one] for one in by_state[True]])
        yield f"- {variant}, elementwise_chain n=100,000, idle service over stopped one: {text(ratio)}, {rounds} pairs"


def text(found: estimate.Estimate) -> str:
    return f"{found.value:.3f}x [{found.low:.3f}, {found.high:.3f}]"


def line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS


def megabytes(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with running(asked.folder, more=SUITE) as service:
        print(f"load {os.getloadavg()[0]:.1f}\n")
        parts = overhead(service, asked.folder, asked.rounds), idle_cpu(service), idle_effect(service, 2 * asked.rounds)
        for part in parts:
            for told in part:
                print(told, flush=True)
        print(f"\nload {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
