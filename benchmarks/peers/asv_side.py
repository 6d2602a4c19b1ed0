"""asv: `asv continuous --interleave-rounds` between two commits that differ in the planted work alone.

The repository, its environment and the commits are made once in `folder` and used again. Nothing is built or installed
per commit: the suite imports the one file that differs from asv's checkout, so that asv's time goes into measuring.
"""

from __future__ import annotations

import functools
import json
import re
import statistics
import subprocess
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from . import place
from .outcome import Outcome, Pair, Verdict, of_medians

BASE = "base"
ROUNDS = 2  # asv's default


def measure(
    pairs: Iterable[Pair], folder: Path, python: Path, *, seconds: float | None = None, affinity: str | None = None
) -> dict[Pair, Outcome]:
    """One outcome per pair. `seconds`: wall time for a pair, else asv's defaults; `affinity`: CPUs, as "0,1"."""
    folder = folder.resolve()
    _prepare(folder, python)
    return {pair: _measured(pair, folder, python, seconds, affinity) for pair in pairs}


def _measured(pair: Pair, folder: Path, python: Path, seconds: float | None, affinity: str | None) -> Outcome:
    kernel, work = pair
    options = []
    if seconds is not None:
        each = (seconds - _start_seconds(kernel, folder, python, affinity)) / (2 * ROUNDS)
        options = ["-a", f"repeat=(5,1000000,{max(each, 0.0):.3f})"]
    commits = [_commit(folder, None), _commit(folder, work)]
    start = time.perf_counter()
    told = _continuous(kernel, commits, folder, python, affinity, *options)
    wall_seconds = time.perf_counter() - start
    base, candidate = (_samples(folder, commit) for commit in commits)
    ratio, low, high = of_medians(base, candidate)
    fine = _asv(folder, python, "compare", "--factor=1.01", "--only-changed", *commits)
    verdicts = {"factor 1.1": _verdict(told), "factor 1.01": _verdict(fine)}
    others = {"mean": statistics.fmean(candidate) / statistics.fmean(base), "min": min(candidate) / min(base)}
    return Outcome(ratio, low, high, verdicts, wall_seconds, others)


def _verdict(told: str) -> Verdict:
    """A row of the table of changes begins with + where the candidate is slower, with - where it is faster."""
    marks = re.findall(r"^\| ([+-]) +\|", told, flags=re.MULTILINE)
    return {"+": "slower", "-": "faster"}[marks[0]] if marks else "same"  # type: ignore[return-value]


@functools.cache
def _start_seconds(kernel: str, folder: Path, python: Path, affinity: str | None) -> float:
    """What `asv continuous` costs beside sampling."""
    commits = [_commit(folder, None), _commit(folder, 1.0)]
    start = time.perf_counter()
    _continuous(kernel, commits, folder, python, affinity, "-a", "repeat=1")
    return time.perf_counter() - start


def _continuous(
    kernel: str, commits: list[str], folder: Path, python: Path, affinity: str | None, *options: str
) -> str:
    for report in _reports(folder):
        report.unlink()
    pinned = [f"--cpu-affinity={affinity}"] if affinity else []
    command = ["continuous", "--interleave-rounds", "--show-stderr", *pinned, *options, *commits]
    return _asv(folder, python, *command, PEERS_KERNEL=kernel)


def _reports(folder: Path, commit: str = "") -> list[Path]:
    return list((folder / "results").glob(f"*/{commit[:8]}*-virtualenv*.json"))


def _samples(folder: Path, commit: str) -> list[float]:
    (report,) = _reports(folder, commit)
    told = json.loads(report.read_text())
    (row,) = told["results"].values()
    (samples,) = dict(zip(told["result_columns"], row))["samples"]
    return samples


def _prepare(folder: Path, python: Path) -> None:
    """The repository with the baseline's commit, asv's configuration and machine file, and its environment."""
    if (folder / "ready").exists():
        return
    (folder / "repository").mkdir(parents=True, exist_ok=True)
    _git(folder, "init", "--quiet", f"--initial-branch={BASE}")
    _commit(folder, None)
    configuration = {
        "version": 1,
        "project": "planted",
        "repo": str(folder / "repository"),
        "dvcs": "git",
        "branches": [BASE],
        "environment_type": "virtualenv",
        "pythons": ["3.11"],
        "matrix": {"req": {name: [metadata.version(name)] for name in ("numpy", "jax")}},
        "benchmark_dir": str(place.HERE / "suites" / "asv_suite"),
        "env_dir": str(folder / "environments"),
        "results_dir": str(folder / "results"),
        "build_command": [],
        "install_command": [],
        "uninstall_command": [],
    }
    (folder / "asv.conf.json").write_text(json.dumps(configuration, indent=1))
    (packages,) = python.parent.parent.glob("lib/*/site-packages")
    frozen = [f"{each.name}=={each.version}" for each in metadata.distributions(path=[str(packages)])]
    (folder / "constraints.txt").write_text("\n".join(frozen))
    _asv(folder, python, "machine", "--yes")
    _asv(folder, python, "setup")
    (folder / "ready").touch()


def _commit(folder: Path, work: float | None) -> str:
    """The commit with that work; None is the baseline, whose work is 1.0 too."""
    tag = BASE + "line" if work is None else f"candidate-{work}"
    if not _git(folder, "tag", "--list", tag):
        (folder / "repository" / "planted.py").write_text(f'SIDE, WORK = "{tag}", {work or 1.0}\n')
        _git(folder, "add", "planted.py")
        _git(folder, "commit", "--quiet", "--message", tag)
        _git(folder, "tag", tag)
    return _git(folder, "rev-list", "--max-count=1", tag)


def _git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=peers", "-c", "user.email=peers@localhost", "-c", "commit.gpgsign=false"]
    ran = subprocess.run(
        ["git", "-C", folder / "repository", *who, *arguments], check=True, capture_output=True, text=True
    )
    return ran.stdout.strip()


def _asv(folder: Path, python: Path, *arguments: str, **variables: str) -> str:
    """Standard output of an asv command. Exit status 1 says that something is slower, or nothing (asv 0.6.6 setup)."""
    own = place.variables(HOME=folder, PIP_CONSTRAINT=folder / "constraints.txt", **variables)
    own["PATH"] = f"{python.parent}:{own['PATH']}"
    command = [python, "-m", "asv", arguments[0], f"--config={folder / 'asv.conf.json'}", *arguments[1:]]
    ran = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True)
    if ran.returncode > (arguments[0] in ("continuous", "setup")) or "failed" in ran.stdout:
        raise RuntimeError(f"asv {arguments}:\n{ran.stdout}\n{ran.stderr}")
    return ran.stdout
