"""How often does `crossover upgrade-check` call equals slower or faster, and what does it find? Simulated checks.

    python benchmarks/upgrade_errors.py

Nothing is timed: log ratios of processes are drawn at random, with the noise that is stated, and go through the rule by
which checks judge, look again and stop. 66 comparisons, tolerance 5 %, up to four looks. Takes a minute.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from analysis import upgrade
from analysis.upgrade import Look
from analysis.upgrade_check import GROWTH, MOST_LOOKS
from workloads import estimate

COMPARISONS, PROCESSES, TOLERANCE = 66, 5, 0.05
CHECKS = 400


@dataclass(frozen=True)
class Simulated:
    """wrong: something equal was called slower or faster. found: the slower one was. open: how many are undecided."""

    wrong: bool
    found: bool
    open: int


def a_look(logs: np.ndarray) -> Look:
    """The look that the log ratios of some processes give."""
    found = estimate.ratio(np.exp(logs)[:, None].tolist(), np.ones((len(logs), 1)).tolist())
    return Look(found.value, found.low, found.high, len(logs))


def simulated(rng: np.random.Generator, noise: float, slower_by: float = 0.0) -> Simulated:
    """One check. noise: the spread of a log ratio between processes; slower_by: of the first comparison, a share."""
    truth = np.zeros(COMPARISONS)
    truth[0] = np.log1p(slower_by)
    chance = upgrade.CHANCE / COMPARISONS / (MOST_LOOKS - 1)
    verdicts = ["unsure"] * COMPARISONS
    for number, true in enumerate(truth):
        looks: list[Look] = []
        while verdicts[number] == "unsure" and len(looks) < MOST_LOOKS:
            looks.append(a_look(rng.normal(true, noise, PROCESSES * GROWTH ** len(looks))))
            verdicts[number] = upgrade.settled(looks, TOLERANCE, chance)[1]
    equals = verdicts[1:] if slower_by else verdicts
    return Simulated(
        any(verdict in ("slower", "faster") for verdict in equals), verdicts[0] == "slower", equals.count("unsure")
    )


def main() -> None:
    print("| noise between processes | equals: a wrong verdict | undecided | 10 % slower: found | 20 % | 50 % |")
    print("| --- | --- | --- | --- | --- | --- |")
    for noise in (0.01, 0.03, 0.1, 0.2, 0.4):
        equals = [simulated(np.random.default_rng(seed), noise) for seed in range(CHECKS)]
        wrong = sum(one.wrong for one in equals)
        open_share = sum(one.open for one in equals) / CHECKS / COMPARISONS
        found = [
            sum(simulated(np.random.default_rng(seed), noise, slower_by).found for seed in range(CHECKS // 4))
            for slower_by in (0.1, 0.2, 0.5)
        ]
        cells = [f"{wrong} of {CHECKS}", f"{open_share:.1%}", *(f"{count} of {CHECKS // 4}" for count in found)]
        print(f"| {noise:.0%} | " + " | ".join(cells) + " |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
