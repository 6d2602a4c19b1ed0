"""How long environments take to build: Crossover against asv's own builds, of the same pairs of releases, in one run.

    python benchmarks/environment_builds.py FOLDER

FOLDER holds asv's environment, which is made there once, and everything that is built. Each builder has a package cache
of its own, empty at first: `cold` is the first build of all pairs, with their downloads; `warm` builds them all again
from the cache, several times, the builders in turn. Ours includes resolving, the hashes, and the probe that proves what
was built; asv installs what it is asked for. One at a time, as `asv setup -j 1`. Goal: five times less when warm.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from uv import find_uv_bin

from benchmarks.peers import place

PAIRS = (
    {"numpy": "1.26.4", "jax": "0.4.30"},
    {"numpy": "2.1.3", "jax": "0.4.38"},
    {"numpy": "2.2.6", "jax": "0.6.2"},
    {"numpy": "2.3.5", "jax": "0.8.3"},
)
BUILDERS = ("crossover", "asv, uv", "asv, virtualenv")

OURS = """
import json, sys
from flows.environments import Asked, build, parse_spec
from flows.home import open_home
for pins in json.loads(sys.argv[1]):
    build(Asked(parse_spec(",".join(f"{name}=={version}" for name, version in pins.items()))), open_home())
"""


def build(builder: str, folder: Path, asv_python: Path) -> float:
    """Seconds that one builder takes for all pairs; whatever it had built before is removed first."""
    built = folder / "built" / builder.replace(", ", "-")
    shutil.rmtree(built, ignore_errors=True)
    built.mkdir(parents=True)
    caches = {
        "UV_CACHE_DIR": folder / "caches" / builder / "uv",
        "PIP_CACHE_DIR": folder / "caches" / builder / "pip",
        "CROSSOVER_HOME": built,
        "PATH": os.pathsep.join([str(Path(find_uv_bin()).parent), str(asv_python.parent), os.environ["PATH"]]),
    }
    command: list[str | Path] = [sys.executable, "-c", OURS, json.dumps(PAIRS)]
    if builder != "crossover":
        write_asv(built, builder.partition(", ")[2])
        command = [asv_python, "-m", "asv", "setup", "-j", "1"]
    start = time.perf_counter()
    ran = subprocess.run(command, cwd=built, env=place.variables(**caches), capture_output=True, text=True)
    seconds = time.perf_counter() - start
    # `asv setup` ends with 1 when it has built all, so what is there is asked instead
    found = sorted(
        version(python) for python in built.glob("**/bin/python") if python.parent.parent.parent.name == "env"
    )
    if ran.returncode if builder == "crossover" else found != sorted(pins["jax"] for pins in PAIRS):
        raise SystemExit(f"{builder} failed: {found} {(ran.stdout + ran.stderr)[-2000:]}")
    return seconds


def version(python: Path) -> str:
    """JAX's, as an environment has it."""
    command = [python, "-c", "import importlib.metadata; print(importlib.metadata.version('jax'))"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def write_asv(folder: Path, back_end: str) -> None:
    """A project of asv's whose matrix is the pairs; its one benchmark is never run."""
    (folder / "benchmarks").mkdir()
    (folder / "benchmarks" / "__init__.py").touch()
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", folder], check=True)
    subprocess.run(["git", "-C", folder, *IDENTITY, "commit", "--quiet", "--allow-empty", "-m", "none"], check=True)
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    document = {
        "version": 1,
        "project": "none",
        "repo": str(folder),
        "branches": ["main"],
        "pythons": [python],
        "environment_type": back_end,
        "install_command": [],
        "matrix": {},
        "exclude": [{"python": python}],
        "include": [{"python": python, "req": {**pins, "jaxlib": f"=={pins['jax']}"}} for pins in PAIRS],
    }
    (folder / "asv.conf.json").write_text(json.dumps(document))


IDENTITY = ("-c", "user.name=none", "-c", "user.email=none@example.invalid")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where asv's environment and all builds go")
    parser.add_argument("--rounds", type=int, default=3, help="warm builds by each builder")
    options = parser.parse_args()
    folder = options.folder.resolve()
    shutil.rmtree(folder / "caches", ignore_errors=True)
    asv_python = place.python(folder)
    cold = {builder: build(builder, folder, asv_python) for builder in BUILDERS}
    warm: dict[str, list[float]] = {builder: [] for builder in BUILDERS}
    for _ in range(options.rounds):
        for builder in BUILDERS:
            warm[builder].append(build(builder, folder, asv_python))
    print("| builder | cold, s each | warm, s each | warm, over Crossover |\n| --- | --- | --- | --- |")
    for builder in BUILDERS:
        each = sorted(seconds / len(PAIRS) for seconds in warm[builder])
        ratios = sorted(theirs / ours for theirs, ours in zip(warm[builder], warm["crossover"], strict=True))
        print(
            f"| {builder} | {cold[builder] / len(PAIRS):.1f} | {statistics.median(each):.1f} "
            f"[{each[0]:.1f}, {each[-1]:.1f}] | {statistics.median(ratios):.1f}× [{ratios[0]:.1f}, {ratios[-1]:.1f}] |"
        )
    print("load", *(f"{load:.1f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
