"""Crossover: the two sides of a pair as two environments of one plan, the second of which does the planted work.

The room `workloads/` is copied with the kernels as workloads of its suite, and run as its users run it, in a process.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analysis.compare import verdict
from workloads.plan import Place, Plan, PlannedCase, Sampling

from . import place
from .outcome import Outcome, Pair

ROOM = place.HERE.parent.parent / "workloads"

#: What is kept for writing down, once the last process has been sampled.
CLOSING_SECONDS = 0.5

SUITE = '''"""A kernel of the comparison with peers."""
import os

import numpy as np

from workloads.kernels import KERNELS
from workloads.workload import Workload

workload = Workload(version=1, size=None, cases=[{{"dtype": "float32"}}])
done = np.ones(1)


@workload.inputs
def nothing(rng, dtype):
    return ()


@workload.variant("numpy")
def kernel():
    call = KERNELS["{name}"](float(os.environ.get("PLANTED_WORK", "1.0")))

    def run():
        call()
        return done

    return run
'''


def measure(
    pairs: Iterable[Pair], folder: Path, python: Path, *, seconds: float | None = None, **sampling: Any
) -> dict[Pair, Outcome]:
    """One outcome per pair. `seconds`: wall time for a pair, else the defaults; `sampling`: fields of `Sampling`."""
    room = _room(folder.resolve())
    return {pair: _measured(pair, room, python, seconds, sampling) for pair in pairs}


def _measured(pair: Pair, room: Path, python: Path, seconds: float | None, sampling: Mapping[str, Any]) -> Outcome:
    kernel, work = pair
    start = time.perf_counter()
    (room / "workloads" / "suite" / f"{kernel}.py").write_text(SUITE.format(name=kernel))
    settings = Sampling(**sampling)
    if seconds is not None:  # as many processes as fit, each of them sampled for a tenth of a second at most
        limit = seconds - CLOSING_SECONDS - _overhead(kernel)
        settings = dataclasses.replace(
            settings, processes=200, most_processes=200, seconds_per_case=40.0, case_limit_seconds=limit
        )
    plan = Plan(
        run=str(uuid.uuid4()),
        suite="peers",
        cases=[PlannedCase(kernel, 1, {"dtype": "float32"}, "", 1.0, ["numpy"])],
        places=[Place("baseline", str(python)), Place("candidate", str(_planted(room, python, work)))],
        seed=1,
        settings=settings,
    )
    (room / "plan.json").write_text(json.dumps(dataclasses.asdict(plan)))
    command = [python, "-m", "workloads", "--plan", "plan.json"]
    ran = subprocess.run(command, cwd=room, env=place.variables(), capture_output=True, text=True, check=True)
    wall_seconds = time.perf_counter() - start
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    (ratio,) = (line for line in lines if line["kind"] == "ratio")
    return Outcome(
        ratio["ratio"],
        ratio["low"],
        ratio["high"],
        {"verdict": verdict(ratio["ratio"], ratio["low"], ratio["high"])},
        wall_seconds,
        _details(lines),
    )


def measure_to_precision(
    pairs: Iterable[Pair], folder: Path, python: Path, *, seconds: float | None = None
) -> dict[Pair, Outcome]:
    """As `crossover run --threads 1 --precision 0.01`: until every interval is within 1 %, 30 processes at most.

    seconds: takes as long as it takes.
    """
    del seconds
    return measure(pairs, folder, python, threads=1, processes=5, most_processes=30, seconds_per_case=30.0)


@functools.cache
def _room(folder: Path) -> Path:
    """A copy of the room as it is now, with the kernels in it."""
    room = folder / "room"
    shutil.rmtree(room, ignore_errors=True)
    shutil.copytree(ROOM, room / "workloads", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(place.HERE / "kernels.py", room / "workloads")
    return room


def _details(lines: list[dict[str, Any]]) -> dict[str, float]:
    """How many processes were sampled, and how many samples each gave."""
    processes = next(line["processes"] for line in lines if line["kind"] == "measurement")
    samples = sum(len(process["samples_seconds"]) for process in processes)
    return {"processes": len(processes), "samples": samples / len(processes)}


def _planted(room: Path, python: Path, work: float) -> Path:
    """An interpreter that does `work` times the work."""
    script = room / f"python-{work}"
    script.write_text(f'#!/bin/sh\nPLANTED_WORK={work} exec "{python}" "$@"\n')
    script.chmod(0o755)
    return script


def _overhead(kernel: str) -> float:
    """Seconds for describing the environments and for the last process, which began in time."""
    return 3.0 if kernel.startswith("jax") else 1.5
