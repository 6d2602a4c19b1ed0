"""What a container costs: one interpreter inside a container and outside of it, sampled in lock step.

    sudo -E .venv/bin/python benchmarks/container_overhead.py

Needs root and a Docker engine. Both sides are the very same files: those of an image that `--builder docker` makes. One
side runs in a container with all that isolates it; the other is the image's file system, exported, and its interpreter
started there by chroot with nothing that isolates it. The last column is the latter against itself. Takes ten minutes.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import tempfile
import uuid
from pathlib import Path

import workloads
from flows.environments import Asked, build, container, parse_spec
from flows.environments.docker_builder import REPOSITORY, engine
from flows.home import open_home
from workloads import bundle, figures, sampler
from workloads.plan import Place, Plan, Sampling, checked, choose_cases, with_again

#: Short calls and long ones; arithmetic, memory, and memory that is asked for anew in each call.
CASES = {
    "elementwise_chain": [1_000, 1_000_000],
    "matrix_chain": [32, 512],
    "wave_gradient": [98_304],
    "scan_products": [2_000],
    "sort": [100_000],
}

#: Beside what the image holds: what an interpreter needs of the system, and the package that is measured with.
OUTSIDE = """#!/bin/sh
exec unshare --mount sh -c '
  for shared in /proc /sys /dev {package}; do mount --rbind "$shared" "{root}$shared" || exit 1; done
  exec chroot "{root}" {python} "$@"' sh "$@"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--env", default="numpy==2.4.3,jax==0.9.2", help="what is installed on both sides")
    parser.add_argument("--workload", choices=CASES, help="only this one")
    parser.add_argument("--threads", type=int, default=1, help="cores of each side")
    parser.add_argument("--processes", type=int, default=6, help="fresh processes per measurement")
    parser.add_argument("--seconds", type=float, default=6.0, help="sampling time of a case and its variants")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crossover-overhead-") as folder:
        inside = build(Asked(parse_spec(options.env), builder="docker"), open_home(Path(folder) / "home"), print)
        settings = Sampling(
            processes=options.processes,
            most_processes=options.processes,
            seconds_per_case=options.seconds,
            threads=options.threads,
        )
        chosen = {name: CASES[name] for name in CASES if options.workload in (None, name)}
        cases = choose_cases(chosen, variants=["numpy", "jax_jit"], dtypes=["first"])
        places = [outside(inside, Path(folder)), inside]
        plan = Plan(str(uuid.uuid4()), "overhead", cases, places, random.randrange(2**31), checked(settings))
        plan = with_again(plan, len(cases))
        print(f"{'case':42}{'variant':10}{'outside':12}{'container / outside':26}outside / itself")
        for block in plan.blocks():
            lines: list[bundle.Line] = []
            sampler.measure(plan, [block], lines.extend)
            show(plan, lines)
    print("load", *(f"{load:.1f}" for load in os.getloadavg()))


def outside(inside: Place, folder: Path) -> Place:
    """The interpreter of an image, outside of any container."""
    root = folder / "root"
    package = Path(workloads.__file__).parent
    for shared in (root, root / package.relative_to("/")):
        shared.mkdir(parents=True)
    key = Path(inside.python).parent.parent.name
    with engine() as client, subprocess.Popen(["tar", "-x", "-C", root], stdin=subprocess.PIPE) as unpacked:
        made = client.containers.create(f"{REPOSITORY}:{key}", container.PYTHON)
        for piece in made.export():
            unpacked.stdin.write(piece)
        made.remove()
    python = folder / "python"
    python.write_text(OUTSIDE.format(root=root, package=package, python=container.PYTHON))
    python.chmod(0o755)
    return Place("outside", str(python), inside.asked)


def show(plan: Plan, lines: list[bundle.Line]) -> None:
    """A line per variant: its time outside, and the two ratios to that."""
    first, contained, again = (place.name for place in plan.places)
    for line in lines:
        if not isinstance(line, bundle.Measurement):
            continue
        if line.status != "measured":
            print(f"{line.environment} {line.workload} {line.variant}: {line.status}: {line.reason}")
        elif line.environment == first:
            ratios = {
                one.environment: figures.ratio_text(one.ratio, one.low, one.high)
                for one in lines
                if isinstance(one, bundle.Ratio)
                and (one.baseline_environment, one.baseline_variant) == (first, line.variant)
                and one.variant == line.variant
            }
            title = f"{line.workload} {figures.case_text(line.case)}"
            print(
                f"{title:42.41}{line.variant:10}{figures.seconds_text(line.seconds):12}"
                f"{ratios.get(contained, '–'):26}{ratios.get(again, '–')}",
                flush=True,
            )


if __name__ == "__main__":
    main()
