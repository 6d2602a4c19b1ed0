"""The commands that lead to a number once more, as a shell takes them."""

from __future__ import annotations

import shlex
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from workloads.figures import run_text

Row = Mapping[Hashable, Any]

MOST_NAMED = 6  # workloads in one command


def run(workload: str) -> str:
    """Measures a workload here and now."""
    return shlex.join(["crossover", "run", *_workloads([workload])])


def run_again(run: str, workloads: Iterable[str] = (), sizes: Iterable[float] = ()) -> str:
    """Measures some workloads, or all, in the environments of a run (its UUID), built again from its records."""
    parts = ["crossover", "run", "--like", run_text(run), *_workloads(workloads)]
    for size in sizes:
        parts += ["--size", str(int(size)) if size == int(size) else repr(size)]
    return shlex.join(parts)


def more_processes(run: str, workload: str, size: float) -> str:
    """Measures one size again, in as many processes as it takes to know it to 1 %, where that can be reached."""
    return shlex.join([*shlex.split(run_again(run, [workload], [size])), "--precision", "0.01"])


def suite_again(run: str, suite: str, workloads: Sequence[str]) -> str:
    """Measures the workloads of a run again, as its suite says: by their names where they are few."""
    named = workloads if len(workloads) <= MOST_NAMED else ()
    return shlex.join([*shlex.split(run_again(run, named)), "--suite", suite])


def backfill_again(library: str, releases: Iterable[str], workloads: Iterable[str] = ()) -> str:
    """Measures some releases of `numpy` or `jax` side by side again."""
    return shlex.join(["crossover", "backfill", f"--{library}", ",".join(releases), *_workloads(workloads)])


def upgrade_check(before: Row, after: Row) -> str:
    """Asks whether it is safe to go from one environment to another; rows with `python`, `numpy` and `jax`."""
    return shlex.join(["crossover", "upgrade-check", "--from", _spec(before), "--to", _spec(after)])


def compare_again(before: Row, after: Row) -> str:
    """Measures two environments side by side: of a run or a backfill as it was, else in their versions."""
    if before["measures"]:
        releases = [side["environment"].partition("==")[2] for side in (before, after)]
        return backfill_again(before["measures"], releases)
    if before["run_id"] == after["run_id"] or before["digest"] == after["digest"]:
        return run_again(after["uuid"])
    return shlex.join(["crossover", "run", "--env", _spec(before), "--env", _spec(after)])


def show(run: str) -> str:
    """Prints a stored run as a table."""
    return shlex.join(["crossover", "show", run_text(run)])


def logs(run: str) -> str:
    """Prints what a flow run said, on a machine that knows the Prefect server; a run has its flow run's identity."""
    return shlex.join(["crossover", "logs", run_text(run)])


def _spec(side: Row) -> str:
    """`python==3.11,numpy==2.4.6,jax==0.10.2`."""
    python = ".".join(side["python"].split(".")[:2])
    return f"python=={python},numpy=={side['numpy']}" + (f",jax=={side['jax']}" if side["jax"] else "")


def _workloads(names: Iterable[str]) -> list[str]:
    """One that came in a file of somebody's own is known by that file and its content: `mine@1a2b3c4d`."""
    parts = []
    for name in names:
        stem, own, _ = name.partition("@")
        parts += ["--workload-file", f"{stem}.py"] if own else ["--workload", name]
    return parts
