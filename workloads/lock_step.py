"""Lock step: short samples from every side of a case in rounds, warm-up dropped, ended when it is enough.

A round visits every side in random order and then in the reverse order, so that a drift falls on all alike, and a ratio
is taken between samples of one visit. Where there are cores enough, a round can also sample all sides at once, twice,
with their cores exchanged in between.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from workloads import bundle, estimate, machine
from workloads.limits import Deadline
from workloads.link import Link
from workloads.plan import Sampling
from workloads.probes import ask, hear, tell

#: Rounds of a window. Warm-up is judged window by window: fewer samples could not tell.
WINDOW_ROUNDS = 3
WINDOW = 2 * WINDOW_ROUNDS  # samples of a side

#: Windows that may be dropped as warm-up; a side that still gets faster then never gets steady.
MOST_WINDOWS = 10


@dataclass
class Side:
    """A probe that waits for the word to sample, and what it has given so far."""

    link: Link
    calls: int
    timings: int
    seed: int
    facts: dict[str, Any]
    cores: list[int] | None = None
    call_seconds: float = 0.0  # roughly, as calibration found it
    samples: list[float] = field(default_factory=list)
    sample_seconds: list[float] = field(default_factory=list)  # what each of them took, all its timings together
    warm_up: list[float] = field(default_factory=list)
    switches: int = 0
    broken: tuple[str, str] | None = None
    settled: bool = False
    steady: bool | None = None

    def take(self, answer: dict[str, Any]) -> float:
        """Keep what an answer holds; the seconds that it cost."""
        if answer["status"] != "ready":
            self.broken = answer["status"], answer["reason"]
            return 0.0
        self.samples.append(bundle.kept(answer["seconds"]))
        self.sample_seconds.append(answer["total_seconds"])
        self.switches += answer["switches"]
        return answer["total_seconds"]

    def drop_all_but(self, last: int) -> None:
        """Move all samples but the `last` ones to the warm-up."""
        self.warm_up += self.samples[:-last]
        del self.samples[:-last], self.sample_seconds[:-last]

    @property
    def request(self) -> dict[str, Any]:
        return {"do": "sample", "calls": self.calls, "timings": self.timings}

    def process(self) -> bundle.Process:
        """What the bundle keeps of it."""
        calls = len(self.samples) * self.timings * self.calls
        return bundle.Process(
            seed=self.seed,
            samples_seconds=self.samples,
            settled=self.settled,
            calls_per_sample=self.calls,
            timings_per_sample=self.timings,
            mean_seconds=bundle.kept(sum(self.sample_seconds) / calls),
            warm_up_seconds=self.warm_up,
            steady=self.steady,
            cores=self.cores,
            switches=self.switches,
            **bundle.kept_facts(self.facts),
        )


def lock_step(
    sides: Sequence[Side],
    settings: Sampling,
    rng: random.Random,
    seconds: float,
    deadline: Deadline,
    *,
    at_once: bool = False,
) -> float:
    """Sample in rounds until every median and ratio is known to `precision`, or `seconds` are spent; the seconds spent.

    Rounds of windows in which a side still got faster are dropped from every side, and kept as their warm-up.
    """
    spent, rounds, dropped, warming = 0.0, 0, 0, True
    one_round = _at_once if at_once else _in_turn
    while spent < seconds and not (rounds and deadline.is_over()):
        whole = [side for side in sides if not side.broken]
        if not whole:
            return spent
        spent += one_round(whole, settings, rng, deadline.at_most(settings.timeout_seconds))
        rounds += 1
        whole = [side for side in whole if not side.broken]
        if not whole or rounds % WINDOW_ROUNDS or len(whole[0].samples) < 2 * WINDOW:
            continue
        for side in whole:
            side.steady = is_steady(side.samples, settings.precision)
        if warming:
            warming = any(gets_faster(side.samples, settings.precision) for side in whole)
        if warming:
            for side in whole:
                side.drop_all_but(WINDOW)
            dropped += 1
            warming = dropped < MOST_WINDOWS and spent < seconds / 2
        if not warming and enough([side.samples for side in whole], settings.precision):
            for side in whole:
                side.settled = True
            return spent
    return spent


def is_steady(samples: Sequence[float], precision: float) -> bool:
    """Whether the last two windows show neither a side that gets faster nor one that gets slower."""
    swapped = [*samples[-WINDOW:], *samples[-2 * WINDOW : -WINDOW]]
    return not gets_faster(samples, precision) and not gets_faster(swapped, precision)


def gets_faster(samples: Sequence[float], precision: float) -> bool:
    """Whether a side still warms up: most of its last window is faster than all of the window before, and noticeably.

    Of two windows of six that differ by chance alone, 3 in 100 look like this.
    """
    before, now = samples[-2 * WINDOW : -WINDOW], samples[-WINDOW:]
    most = sorted(now)[WINDOW // 2]
    return most < min(before) and statistics.median(now) < statistics.median(before) * (1 - precision)


def enough(sides: Sequence[Sequence[float]], precision: float) -> bool:
    """Whether, inside these processes, each side's median and its ratio to the first side are known to `precision`."""
    if not sides:
        return False
    logs = [estimate.log_ratios(side, [1.0] * len(side)) for side in sides]
    pairs = [estimate.log_ratios(side, sides[0]) for side in sides[1:]]
    return all((high - low) / 2 <= precision for low, high in map(estimate.median_interval, logs + pairs))


def _in_turn(sides: list[Side], settings: Sampling, rng: random.Random, timeout_seconds: float) -> float:  # noqa: ARG001
    """There and back."""
    order = rng.sample(sides, len(sides))
    spent = 0.0
    for side in order + order[::-1]:
        if not side.broken:
            spent += side.take(ask(side.link, timeout_seconds, **side.request))
    return spent


def _at_once(sides: list[Side], settings: Sampling, rng: random.Random, timeout_seconds: float) -> float:
    """All at the same time, twice, each on cores of its own that it exchanges with the others in between."""
    count = len(sides)
    spent = 0.0
    for turn in range(2):
        for number, side in enumerate(sides):
            side.link.keep_on(machine.cores_of((number + turn) % count, settings.threads) or [])
        order = [side for side in rng.sample(sides, count) if not side.broken]
        told = [(side, tell(side.link, **side.request)) for side in order]
        spent += max((side.take(trouble or hear(side.link, timeout_seconds)) for side, trouble in told), default=0.0)
    return spent
