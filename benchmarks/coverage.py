"""Does a 95 % interval hold the truth 95 times in 100, although measuring stops when it is narrow? A simulation.

    python benchmarks/coverage.py

Synthetic: processes whose medians differ at random, by a known spread around a known truth, are drawn one by one until
the interval over them is within ±1 %, as the sampler does it (`workloads/sampler.py`). Takes a minute and measures
nothing; coverage on real pairs is a column of `benchmarks/accuracy.py`.
"""

from __future__ import annotations

import argparse
import math
import random

from workloads import estimate
from workloads.sampler import JUDGED_FROM

PRECISION = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--trials", type=int, default=4_000, help="for each spread")
    parser.add_argument("--most", type=int, default=30, help="processes at most")
    options = parser.parse_args()
    print(
        "| spread between processes | judged from | interval holds the truth | processes |\n| --- | --- | --- | --- |"
    )
    for judged_from in (3, JUDGED_FROM):
        for spread in (0.003, 0.005, 0.01, 0.02, 0.03):
            rng = random.Random(f"{judged_from} {spread}")
            trials = [trial(rng, spread, judged_from, options.most) for _ in range(options.trials)]
            held = sum(holds for holds, _ in trials) / len(trials)
            used = sum(count for _, count in trials) / len(trials)
            print(f"| {spread:.1%} | {judged_from} | {held:.1%} | {used:.1f} |", flush=True)


def trial(rng: random.Random, spread: float, judged_from: int, most: int) -> tuple[bool, int]:
    """One measurement whose truth is 1: whether its interval holds it, and how many processes it took."""
    processes = [[math.exp(rng.gauss(0, spread))] for _ in range(judged_from)]
    while True:
        found = estimate.seconds(processes)
        if estimate.half_width(found) <= PRECISION or len(processes) >= most:
            return found.low <= 1 <= found.high, len(processes)  # type: ignore[operator]
        processes.append([math.exp(rng.gauss(0, spread))])


if __name__ == "__main__":
    main()
