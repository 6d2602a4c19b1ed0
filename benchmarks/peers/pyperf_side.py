"""pyperf: a run for the baseline, a run for the candidate, then `pyperf compare_to`."""

from __future__ import annotations

import functools
import json
import statistics
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from . import place
from .outcome import Outcome, Pair, Verdict, of_means

INHERITED = "JAX_PLATFORMS,PEERS,PEERS_KERNEL,PEERS_WORK"  # pyperf's workers get no variable that is not named


def measure(
    pairs: Iterable[Pair],
    folder: Path,
    python: Path,
    *,
    seconds: float | None = None,
    processes: int | None = None,
    values: int | None = None,
    affinity: str | None = None,
) -> dict[Pair, Outcome]:
    """One outcome per pair. Without `processes`, as many as go into `seconds` of wall time, else pyperf's defaults."""
    return {pair: _measured(pair, folder, python, seconds, processes, values, affinity) for pair in pairs}


def _measured(
    pair: Pair,
    folder: Path,
    python: Path,
    seconds: float | None,
    processes: int | None,
    values: int | None,
    affinity: str | None,
) -> Outcome:
    kernel, work = pair
    options = [f"--values={values}"] if values else []
    if processes is None and seconds is not None:
        calibrated = _process_seconds(kernel, folder, python, affinity, *options)
        processes = max(2, round(seconds / 2 / calibrated) - 1)  # one process more calibrates
    options += [f"--processes={processes}"] if processes else []
    start = time.perf_counter()
    base = _samples(kernel, 1.0, folder / "base.json", python, affinity, *options)
    candidate = _samples(kernel, work, folder / "candidate.json", python, affinity, *options)
    told = _run([python, "-m", "pyperf", "compare_to", folder / "base.json", folder / "candidate.json"])
    wall_seconds = time.perf_counter() - start
    ratio, low, high = of_means(base, candidate)
    others = {"median": statistics.median(candidate) / statistics.median(base), "min": min(candidate) / min(base)}
    return Outcome(ratio, low, high, {"compare_to": _verdict(told)}, wall_seconds, others)


def _verdict(told: str) -> Verdict:
    if "not significant" in told.lower():
        return "same"
    if "slower" in told or "faster" in told:
        return "slower" if "slower" in told else "faster"
    raise ValueError(f"pyperf compare_to says neither: {told}")


@functools.cache
def _process_seconds(kernel: str, folder: Path, python: Path, affinity: str | None, *options: str) -> float:
    """What one worker costs: one that calibrates and one that measures, halved."""
    start = time.perf_counter()
    _samples(kernel, 1.0, folder / "cost.json", python, affinity, "--processes=1", *options)
    return (time.perf_counter() - start) / 2


def _samples(kernel: str, work: float, report: Path, python: Path, affinity: str | None, *options: str) -> list[float]:
    """Seconds per call, every value of every process.

    Pinned with taskset: `--affinity` pins a worker's main thread, when NumPy and JAX have started theirs.
    """
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    script = place.HERE / "suites" / "pyperf_script.py"
    own = ["--quiet", f"--output={report}", f"--inherit-environ={INHERITED}"]
    pinned = ["taskset", "--cpu-list", affinity] if affinity else []
    _run([*pinned, python, script, *own, *options], PEERS_KERNEL=kernel, PEERS_WORK=str(work))
    (benchmark,) = json.loads(report.read_text())["benchmarks"]
    return [value for run in benchmark["runs"] for value in run.get("values", [])]


def _run(command: list[str | Path], **variables: str) -> str:
    ran = subprocess.run(command, env=place.variables(**variables), capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(f"{command}:\n{ran.stdout}\n{ran.stderr}")
    return ran.stdout
