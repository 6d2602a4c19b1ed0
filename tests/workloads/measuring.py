"""`python -m workloads` as a user runs it, and its bundle taken apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workloads.plan import Place, Plan, PlannedCase, Sampling

ROOT = Path(__file__).parent.parent.parent

#: One process and a few samples: what is asked here is what happens, not how fast it is.
QUICK = ("--processes", "1", "--seconds", "0.001")

HERE = Place("current", sys.executable)


def measure(*arguments: str, cwd: Path = ROOT, peaks: bool = False) -> subprocess.CompletedProcess[str]:
    """The command, quick unless the arguments say otherwise."""
    quick = QUICK if peaks else (*QUICK, "--no-peaks")
    return subprocess.run(
        [sys.executable, "-m", "workloads", *quick, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300
    )


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def rows_of(ran: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The measurements that a command printed."""
    assert ran.returncode in (0, 1), ran.stderr
    return [line for line in lines_of(ran.stdout) if line["kind"] == "measurement"]


def by_variant(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The measurements of each variant, in the order of their cases."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["variant"], []).append(row)
    return found


def a_case(workload: str = "broadcast_sum", variants: Sequence[str] = ("numpy",), **said: Any) -> PlannedCase:
    """One case at size 2 unless `n` says otherwise."""
    n = said.pop("n", 2)
    return PlannedCase(workload, 1, {"n": n, "dtype": "float32"}, "n", float(n), list(variants), **said)


def a_plan(cases: Sequence[PlannedCase], places: Sequence[Place] = (HERE,), **settings: Any) -> Plan:
    """A quick plan; `settings` as for `Sampling`."""
    quick = {"processes": 1, "seconds_per_case": 0.001, **settings}
    return Plan("d7a0b1f2-8a52-4c1b-9a53-0f4f4a3c1f11", "tests", list(cases), list(places), 5, Sampling(**quick))


def plan_file(folder: Path, plan: Plan) -> str:
    """The plan as the file that `--plan` reads."""
    path = folder / "plan.json"
    path.write_text(json.dumps(asdict(plan)))
    return str(path)


def an_interpreter(folder: Path, name: str, *lines: str) -> str:
    """A script that stands in the place of an interpreter."""
    path = folder / name
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    os.chmod(path, 0o755)
    return str(path)
