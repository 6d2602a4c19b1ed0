"""How far a ratio of two identical programs is from 1, and which planted slowdowns are seen: Crossover and its peers.

    python benchmarks/accuracy.py --out idle.jsonl
    python benchmarks/accuracy.py --out loaded.jsonl --neighbours 4
    python benchmarks/accuracy.py --out idle.jsonl --show

Ten kernels, five of each library, against themselves and against versions that do 2, 5 and 10 % more work. Every tool
gets the same wall time for a pair, but for "to 1 %", which ends by itself; the tools take turns, in random order,
kernel by kernel. What is done is kept in --out and not done again; what is in `benchmarks/measured/` was measured on 2
cores of a shared virtual machine on 2026-11-22. The peers are installed into an environment of their own.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sys
import tempfile
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.peers import accuracy_table, asv_side, our_side, place, pyperf_side, pytest_benchmark_side
from benchmarks.peers.kernels import KERNELS
from benchmarks.peers.neighbours import neighbours

TOOLS = {
    "crossover, one core": partial(our_side.measure, threads=1),
    "crossover, one core, at once": partial(our_side.measure, threads=1, at_once=True),
    "crossover, all cores": our_side.measure,
    "crossover, one core, to 1 %": our_side.measure_to_precision,
    "asv": asv_side.measure,
    "asv, one core": partial(asv_side.measure, affinity="0"),
    "pyperf": pyperf_side.measure,
    "pytest-benchmark": pytest_benchmark_side.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="what was measured, one JSON object a line")
    parser.add_argument("--seconds", type=float, default=10.0, help="wall time of a pair")
    parser.add_argument("--repeats", type=int, default=3, help="of each kernel against itself")
    parser.add_argument(
        "--planted", type=float, nargs="*", default=[1.02, 1.05, 1.1], help="also these factors; none: `--planted`"
    )
    parser.add_argument("--neighbours", type=int, default=0, help="processes that compute and rest beside it")
    parser.add_argument("--tool", action="append", choices=TOOLS, help="only this tool; may be repeated")
    parser.add_argument("--kernel", action="append", choices=KERNELS, help="only this kernel; may be repeated")
    parser.add_argument("--folder", type=Path, help="where environments are kept for the next time")
    parser.add_argument("--show", action="store_true", help="only print the tables of --out")
    options = parser.parse_args()
    if not options.show:
        measure(options)
    print(accuracy_table.text(accuracy_table.read(options.out)))


def measure(options: argparse.Namespace) -> None:
    """Everything that --out lacks, appended to it as it is done."""
    done = {(row["tool"], row["kernel"], row["work"], row["repeat"]) for row in accuracy_table.read(options.out)}
    works = [1.0] * options.repeats + options.planted
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        python = place.python(folder)
        if options.neighbours:
            stack.enter_context(neighbours(options.neighbours))
        for number, work in enumerate(works):
            for kernel in options.kernel or KERNELS:
                tools = options.tool or list(TOOLS)
                for tool in random.sample(tools, len(tools)):
                    if (tool, kernel, work, number) in done:
                        continue
                    place_of_tool = folder / tool.partition(",")[0]
                    place_of_tool.mkdir(parents=True, exist_ok=True)
                    (found,) = TOOLS[tool]([(kernel, work)], place_of_tool, python, seconds=options.seconds).values()
                    row = {
                        "tool": tool,
                        "kernel": kernel,
                        "work": work,
                        "repeat": number,
                        "neighbours": options.neighbours,
                        "load": os.getloadavg()[0],
                        "ratio": found.ratio,
                        "low": found.low,
                        "high": found.high,
                        "verdicts": dict(found.verdicts),
                        "wall_seconds": found.wall_seconds,
                        **found.others,
                    }
                    with open(options.out, "a") as out:
                        out.write(json.dumps(row) + "\n")
                    print(f"{tool}, {kernel}, {work}: {found.ratio:.3f} in {found.wall_seconds:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
