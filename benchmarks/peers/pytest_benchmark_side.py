"""pytest-benchmark: one session per pair, baseline first. It has no test of its own."""

from __future__ import annotations

import functools
import json
import statistics
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from . import place
from .outcome import Outcome, Pair, of_medians


def measure(
    pairs: Iterable[Pair], folder: Path, python: Path, *, seconds: float | None = None, affinity: str | None = None
) -> dict[Pair, Outcome]:
    """One outcome per pair. `seconds`: wall time for a pair, else the tool's defaults; `affinity`: CPUs, as "0,1"."""
    folder = folder.resolve()
    return {pair: _measured(pair, folder, python, seconds, affinity) for pair in pairs}


def _measured(pair: Pair, folder: Path, python: Path, seconds: float | None, affinity: str | None) -> Outcome:
    options = []
    if seconds is not None:
        each = (seconds - _start_seconds(pair[0], folder, python, affinity)) / 2
        options = [f"--benchmark-max-time={max(each, 0.01):.3f}"]
    wall_seconds, (base, candidate) = _session(pair, folder, python, affinity, *options)
    ratio, low, high = of_medians(base, candidate)
    others = {"mean": statistics.fmean(candidate) / statistics.fmean(base), "min": min(candidate) / min(base)}
    return Outcome(ratio, low, high, {}, wall_seconds, others)


@functools.cache
def _start_seconds(kernel: str, folder: Path, python: Path, affinity: str | None) -> float:
    """What a session costs before it samples."""
    return _session((kernel, 1.0), folder, python, affinity, "--benchmark-max-time=0.01")[0]


def _session(
    pair: Pair, folder: Path, python: Path, affinity: str | None, *options: str
) -> tuple[float, list[list[float]]]:
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "pytest_benchmark.json"
    report.unlink(missing_ok=True)
    pinned = ["taskset", "--cpu-list", affinity] if affinity else []
    own = ["-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", folder, "-p", "no:cacheprovider"]
    command = [*pinned, python, *own, place.HERE / "suites" / "pytest_pair.py", f"--benchmark-json={report}", *options]
    variables = place.variables(PEERS_KERNEL=pair[0], PEERS_WORK=str(pair[1]))
    start = time.perf_counter()
    ran = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    wall_seconds = time.perf_counter() - start
    if ran.returncode:
        raise RuntimeError(f"pytest-benchmark, {pair}:\n{ran.stdout}\n{ran.stderr}")
    found = {each["name"]: each["stats"]["data"] for each in json.loads(report.read_text())["benchmarks"]}
    return wall_seconds, [found[f"test_kernel[{side}]"] for side in ("base", "candidate")]
