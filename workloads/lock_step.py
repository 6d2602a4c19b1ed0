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
from workloads.link import Link
from workloads.plan import Sampling
from workloads.probes import ask, hear, tell

#: Rounds of a window. Warm-up is judged window by window: fewer samples could not tell.
WINDOW_ROUNDS = 3

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
    samples: list[float] = field(default_factory=list)
    warm_up: list[float] = field(default_factory=list)
    total_seconds: float = 0.0
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
        self.switches += answer["switches"]
        self.total_seconds += answer["total_seconds"]
        return answer["total_seconds"]

    @property
    def request(self) -> dict[str, Any]:
        return {"do": "sample", "calls": self.calls, "timings": self.timings}

    def process(self) -> bundle.Process:
        """What the bundle keeps of it."""
        timed = (len(self.samples) + len(self.warm_up)) * self.timings * self.calls
        return bundle.Process(
            seed=self.seed,
            samples_seconds=self.samples,
            settled=self.settled,
            calls_per_sample=self.calls,
            timings_per_sample=self.timings,
            mean_seconds=bundle.kept(self.total_seconds / timed),
            warm_up_seconds=self.warm_up,
            steady=self.steady,
            cores=self.cores,
            switches=self.switches,
            **self.facts,
        )


def lock_step(
    sides: Sequence[Side], settings: Sampling, rng: random.Random, seconds: float, *, at_once: bool = False
) -> float:
    """Sample in rounds until every median and ratio is known to `precision`, or `seconds` are spent; the seconds spent.

    Rounds of windows in which a side still got faster are dropped from every side, and kept as their warm-up.
    """
    spent, rounds, dropped, warming = 0.0, 0, 0, True
    one_round = _at_once if at_once else _in_turn
    while not rounds or spent < seconds:  # once at least, even where there is no time left
        whole = [side for side in sides if not side.broken]
        if not whole:
            return spent
        spent += one_round(whole, settings, rng, rounds)
        rounds += 1
        whole = [side for side in whole if not side.broken]
        if rounds % WINDOW_ROUNDS:
            continue
        if warming and len(whole[0].samples if whole else ()) >= 4 * WINDOW_ROUNDS:
            faster = [side for side in whole if gets_faster(side.samples, settings.precision)]
            warming = bool(faster) and dropped < MOST_WINDOWS and spent < seconds / 2
            for side in whole:
                side.steady = side not in faster
                if faster:
                    side.warm_up += side.samples[: -2 * WINDOW_ROUNDS]
                    del side.samples[: -2 * WINDOW_ROUNDS]
            dropped += bool(faster)
        if not warming and enough([side.samples for side in whole], settings.precision):
            for side in whole:
                side.settled = True
            return spent
    return spent


def gets_faster(samples: Sequence[float], precision: float) -> bool:
    """Whether a side still warms up: most of its last window is faster than all of the window before, and noticeably.

    Of two windows of six that differ by chance alone, 3 in 100 look like this.
    """
    window = 2 * WINDOW_ROUNDS
    before, now = samples[-2 * window : -window], samples[-window:]
    most = sorted(now)[window // 2]
    return most < min(before) and statistics.median(now) < statistics.median(before) * (1 - precision)


def enough(sides: Sequence[Sequence[float]], precision: float) -> bool:
    """Whether, inside this process, each side's median and its ratio to the first side are known to `precision`."""
    if not sides:
        return False
    logs = [estimate.log_ratios(side, [1.0] * len(side)) for side in sides]
    pairs = [estimate.log_ratios(side, sides[0]) for side in sides[1:]]
    return all((high - low) / 2 <= precision for low, high in map(estimate.median_interval, logs + pairs))


def _in_turn(sides: list[Side], settings: Sampling, rng: random.Random, rounds: int) -> float:
    """There and back. Where a side may use every core, its calls come from one core, the same for all of a round.

    Cores of one machine can differ in speed by half: a neighbour of a virtual machine sees to that. A side that was
    called from the better core would look better for as long as the system leaves it there.
    """
    cores = machine.affinity()
    order = rng.sample(sides, len(sides))
    spent = 0.0
    for side in order + order[::-1]:
        if side.broken:
            continue
        if side.cores is None and cores:
            side.link.call_from({cores[rounds % len(cores)]})
        spent += side.take(ask(side.link, settings.timeout_seconds, **side.request))
    return spent


def _at_once(sides: list[Side], settings: Sampling, rng: random.Random, rounds: int) -> float:
    """All at the same time, twice, each on cores of its own that it exchanges with the others in between."""
    count = len(sides)
    spent = 0.0
    for turn in (2 * rounds, 2 * rounds + 1):
        for place, side in enumerate(sides):
            side.link.keep_on(machine.cores_of(place + turn % count, settings.threads) or [])
        order = rng.sample(sides, count)
        told = [(side, tell(side.link, **side.request)) for side in order]
        spent += max(side.take(trouble or hear(side.link, settings.timeout_seconds)) for side, trouble in told)
    return spent
