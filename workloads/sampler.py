"""Drives probes in lock step: starts them, prepares a case in each, interleaves their samples, stops when it is enough.

Everything that will be compared is sampled side by side: probes of all variants (and environments) stay alive
together, and each round takes one short sample from each, in random order and then in the reverse order. Slow drift and
neighbours' load fall on all of them, and the ratio survives.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Callable

from workloads import bundle, estimate, machine
from workloads.link import Link
from workloads.plan import Place, Plan, PlannedCase, Sampling
from workloads.probes import Probes, Seat, ask
from workloads.workload import REFERENCE, mode_of

#: Rounds taken before precision is looked at, unless the time is spent: fewer give no interval of a median.
ROUNDS_BEFORE_STOPPING = 10


@dataclass
class Record:
    """What has been learned of one seat on one case, process after process."""

    status: str = "measured"
    reason: str = ""
    device: str = ""  # empty until a probe has told
    threads: int = field(default_factory=machine.usable_cores)
    max_error: float | None = None
    processes: list[bundle.Process] = field(default_factory=list)

    def fail(self, status: str, reason: str) -> None:
        """From now on this seat is not measured; what it is marked with first stays."""
        if self.status == "measured":
            self.status, self.reason = status, reason


def measure(
    plan: Plan, cases: Sequence[PlannedCase], report: Callable[[list[bundle.Line]], None], hold: Sequence[int] = ()
) -> None:
    """Measure `cases` in order; `report` receives the lines of each case as soon as it is done."""
    for _, group in groupby(cases, key=lambda case: case.workload):
        with Probes(plan, hold) as probes:
            for case in group:
                report(measure_case(plan, case, probes))


def measure_case(plan: Plan, case: PlannedCase, probes: Probes) -> list[bundle.Line]:
    """One measurement per seat and the paired ratios between them."""
    rng = random.Random(f"{plan.seed} {case.workload} {bundle.case_key(case.case)}")
    wide = str(case.case.get("dtype", "")) in ("float64", "complex128", "int64", "uint64")
    records = {Seat(place, variant): Record() for place in plan.places for variant in case.variants}
    load = machine.load()
    for draw in range(plan.settings.processes):
        prepared: dict[Seat, Prepared] = {}
        healthy = [seat for seat, record in records.items() if record.status == "measured"]
        for seat, link, started in probes.ready(healthy, draw, wide):
            ready = prepare(plan, case, seat, link, started, draw, records[seat])
            if ready:
                prepared[seat] = ready
        lock_step(prepared, plan.settings, rng)
        for seat, ready in prepared.items():
            if ready.broken:
                records[seat].fail(*ready.broken)
            else:
                records[seat].processes.append(ready.process())
        for seat in healthy:
            if records[seat].status in ("timed_out", "failed", "out_of_memory"):
                probes.drop(seat, draw, wide)
    return list(lines(case, records, load))


@dataclass
class Prepared:
    """A probe that waits for the word to sample, and what it has given so far."""

    link: Link
    calls: int
    seed: int
    facts: dict[str, Any]
    samples: list[float] = field(default_factory=list)
    broken: tuple[str, str] | None = None
    settled: bool = False

    def process(self) -> bundle.Process:
        facts = {name: self.facts.get(name) for name in PROCESS_FACTS}
        return bundle.Process(
            seed=self.seed, samples_seconds=self.samples, settled=self.settled, calls_per_sample=self.calls, **facts
        )


PROCESS_FACTS = ("first_call", "transfer_in_seconds", "transfer_out_seconds", "peak_bytes")


def prepare(
    plan: Plan, case: PlannedCase, seat: Seat, link: Link, started: dict[str, Any], draw: int, record: Record
) -> Prepared | None:
    """Prove the place, then prepare the case there; None, with the reason in `record`, where it cannot be timed."""
    if started["status"] != "ready":
        record.fail(started["status"], started["reason"])
        return None
    device = started["device"]
    record.device = device["platform"] if device["platform"] == device["kind"] else "{platform}:{kind}".format(**device)
    record.threads = started["threads"]
    wrong = misplacement(seat.place, started, plan.platform if mode_of(seat.variant) != "numpy" else None)
    if wrong:
        record.fail("misplaced", wrong)
        return None
    seed = plan.seed + draw
    answer = ask(
        link,
        plan.settings.timeout_seconds,
        do="prepare",
        workload=case.workload,
        case=case.case,
        variant=seat.variant,
        seed=seed,
        sample_seconds=plan.settings.sample_seconds,
    )
    if "max_error" in answer:
        record.max_error = max(record.max_error or 0.0, finite(answer["max_error"]))
    if answer["status"] != "ready":
        record.fail(answer["status"], answer["reason"])
        return None
    return Prepared(link=link, calls=answer["calls_per_sample"], seed=seed, facts=answer)


def misplacement(place: Place, started: dict[str, Any], platform: str | None) -> str:
    """What the probe found that is not what was asked; empty where all is as asked."""
    for name, version in place.asked.items():
        found = started["found"].get(name, "none")
        if not is_version(found, version, prefix=name == "python"):
            return f"asked for {name} {version}, found {found}"
    if platform and started["device"]["platform"] != platform:
        return f"asked for {platform}, found {started['device']['platform']}"
    return ""


def is_version(found: str, asked: str, *, prefix: bool) -> bool:
    """Whether a version is the one asked for: 2.4 is 2.4.0; with `prefix`, 3.12 is any 3.12."""
    if prefix and (found + ".").startswith(asked + "."):
        return True
    return re.sub(r"(\.0)+$", "", found) == re.sub(r"(\.0)+$", "", asked)


def lock_step(prepared: dict[Seat, Prepared], settings: Sampling, rng: random.Random) -> None:
    """Take samples in rounds until every median and ratio is known to `precision`, or the time is spent."""
    spent = 0.0
    while spent < settings.seconds_per_case:
        order = [side for side in prepared.values() if not side.broken]
        if not order:
            return
        rng.shuffle(order)
        for side in order + order[::-1]:
            if side.broken:
                continue
            answer = ask(side.link, settings.timeout_seconds, do="sample", calls=side.calls)
            if answer["status"] != "ready":
                side.broken = answer["status"], answer["reason"]
                continue
            side.samples.append(bundle.kept(answer["seconds"] / side.calls))
            spent += answer["seconds"]
        whole = [side for side in prepared.values() if not side.broken]  # the reference first, if it is among them
        if enough([side.samples for side in whole], settings.precision):
            for side in whole:
                side.settled = True
            return


def enough(sides: list[list[float]], precision: float) -> bool:
    """Whether, inside this process, each side's median and its ratio to the first side are known to `precision`."""
    if not sides or len(sides[0]) < ROUNDS_BEFORE_STOPPING:
        return False
    logs = [estimate.log_ratios(side, [1.0] * len(side)) for side in sides]
    pairs = [estimate.log_ratios(side, sides[0]) for side in sides[1:]]
    return all((high - low) / 2 <= precision for low, high in map(estimate.median_interval, logs + pairs))


def lines(case: PlannedCase, records: dict[Seat, Record], load: float | None) -> Iterator[bundle.Line]:
    """The bundle's lines for one case."""
    same = {"workload": case.workload, "workload_version": case.version, "case": case.case}
    measured_at = bundle.now()
    for seat, record in records.items():
        found = bundle.Measurement(
            environment=seat.place.name,
            variant=seat.variant,
            size_name=case.size_name,
            size=case.size,
            status=record.status,
            reason=record.reason,
            device=record.device,
            threads=record.threads,
            max_error=record.max_error,
            measured_at=measured_at,
            load=load,
            **same,
        )
        if record.status == "measured":
            timing = estimate.seconds([process.samples_seconds for process in record.processes])
            found = dataclasses.replace(
                found,
                seconds=timing.value,
                low_seconds=timing.low,
                high_seconds=timing.high,
                processes=record.processes,
            )
        yield found
    for baseline, candidate in comparisons(records):
        found_ratio = estimate.ratio(
            [process.samples_seconds for process in records[candidate].processes],
            [process.samples_seconds for process in records[baseline].processes],
        )
        yield bundle.Ratio(
            baseline_environment=baseline.place.name,
            baseline_variant=baseline.variant,
            environment=candidate.place.name,
            variant=candidate.variant,
            ratio=found_ratio.value,
            low=found_ratio.low,
            high=found_ratio.high,
            **same,
        )


def comparisons(records: dict[Seat, Record]) -> Iterator[tuple[Seat, Seat]]:
    """(baseline, candidate): each variant with the reference beside it, and with itself in the first environment."""
    measured = [seat for seat, record in records.items() if record.status == "measured"]
    first = next(iter(records)).place
    for candidate in measured:
        for baseline in measured:
            same_place = baseline.place == candidate.place
            beside = same_place and baseline.variant == REFERENCE != candidate.variant
            across = baseline.variant == candidate.variant and baseline.place == first and not same_place
            if beside or across:
                yield baseline, candidate


def finite(error: float | None) -> float:
    """A relative error as JSON can carry it: an infinite one becomes the largest number there is."""
    return min(error or 0.0, 1.7976931348623157e308)
