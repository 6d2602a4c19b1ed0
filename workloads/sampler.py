"""Drives the probes of a plan: starts them, prepares a case in each, has them sampled, decides when it is enough.

Everything that will be compared is sampled side by side: probes of all variants (and environments) stay alive
together. Slow drift and neighbours' load fall on all of them, and the ratio survives.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, starmap
from typing import Any, Callable

from workloads import bundle, machine
from workloads.limits import Deadline
from workloads.link import Link
from workloads.lock_step import Side, lock_step
from workloads.meanwhile import Watch
from workloads.outcome import Record, is_precise, lines
from workloads.placement import misplacement
from workloads.plan import Block, Plan, PlannedCase, Sampling
from workloads.probes import Probes, Seat, ask
from workloads.reach import Reach, known_from
from workloads.workload import REFERENCE, mode_of

#: A compilation longer than this is not repeated just to hear what the compiler says of it.
ANALYSED_SECONDS = 10.0

#: A probe that does not let go of its arrays in this time is of no use any more.
RELEASING_SECONDS = 10.0

#: Processes from which on an interval's width may end a measurement. Of fewer, those that happen to agree would end it
#: too often: the interval would hold the truth less often than it says.
JUDGED_FROM = 5


def measure(
    plan: Plan,
    blocks: Sequence[Block],
    report: Callable[[list[bundle.Line]], None],
    hold: Sequence[int] = (),
    done: Iterable[Mapping[str, Any]] = (),
) -> bool:
    """Measure `blocks` in order; `report` receives the lines of each as soon as it is done.

    done: the lines that an unfinished run holds already. False where the run's time was spent before the last block.
    """
    deadline = Deadline(plan.settings.run_limit_seconds)
    reach = Reach(plan.settings.longest_call_seconds)
    known_from(plan.cases, done, reach)
    with contextlib.ExitStack() as stack:
        cache = None
        if plan.settings.compilation_cache:
            cache = stack.enter_context(tempfile.TemporaryDirectory(prefix="crossover-cache-"))
        for _, together in groupby(blocks, key=lambda block: (block.case.workload, block.group)):
            with Probes(plan, hold, cache) as probes:
                for block in together:
                    if deadline.is_over():
                        return False
                    report(measure_block(plan, block, probes, reach))
    return True


def measure_block(plan: Plan, block: Block, probes: Probes, reach: Reach) -> list[bundle.Line]:
    """One measurement per seat and the paired ratios between them."""
    case, settings = block.case, plan.settings
    deadline = Deadline(settings.case_limit_seconds)
    rng = random.Random(f"{plan.seed} {case.workload} {bundle.case_key(case.case)}")
    wide = case.is_wide
    records = {seat: Record() for seat in seats(plan, block)}
    budget = settings.seconds_per_case * (2 if case.again else 1)  # so that each side has the time it has elsewhere
    watch = Watch()
    spent, draw, at_once = 0.0, 0, False
    while draw < settings.processes or wants_more(records, settings, draw, budget - spent):
        healthy = [seat for seat, record in records.items() if record.status == "measured"]
        if not healthy:
            break
        sides: dict[Seat, Side] = {}
        # asked one by one: what is found out about a side may rule out those after it
        ready = (seat for seat in healthy if draw or takes_part(seat, case, records, reach))
        for seat, link, started in probes.ready(ready, draw, wide, deadline):
            side = prepare(plan, case, seat, link, started, draw, records[seat], deadline)
            if side and (draw or is_within(seat, case, side, records[seat], reach)):
                sides[seat] = side
        if deadline.is_over():
            stop_early(records, draw, settings)
            break
        if draw == 0:
            at_once = can_be_at_once(settings, [records[seat] for seat in sides])
        where(list(sides.values()), settings, draw, at_once=at_once)
        watch.begin([side.link.pid for side in sides.values()])
        share = budget / settings.most_processes
        spent += lock_step(list(sides.values()), settings, rng, share, deadline, at_once=at_once)
        watch.end()
        for seat, side in sides.items():
            if not side.broken:
                records[seat].processes.append(side.process())
            elif not (deadline.is_over() and records[seat].processes):  # else it was only cut short
                records[seat].fail(*side.broken)
        draw += 1
        if deadline.is_over():
            stop_early(records, draw, settings)
            break
        for seat, side in sides.items():
            if draw == 1 and not side.broken:
                records[seat].xla = analysis(side, settings, deadline)
            if draw > settings.processes or records[seat].status in ("timed_out", "failed", "out_of_memory"):
                probes.drop(seat, draw - 1, wide)
            else:  # it waits for the next size, and must not keep this one's arrays meanwhile
                ask(side.link, RELEASING_SECONDS, do="release")
    found = list(lines(case, records, watch.found(), bundle.SAMPLED[at_once]))
    learn(reach, case, found, records)
    return found


def learn(reach: Reach, case: PlannedCase, found: Sequence[bundle.Line], records: Mapping[Seat, Record]) -> None:
    """What this size tells of the next one."""
    for line in found:
        if isinstance(line, bundle.Measurement) and line.seconds:
            accelerated = line.device not in ("", "cpu")
            reach.learn(case, line.environment, line.variant, line.seconds, accelerated=accelerated)
    for seat, record in records.items():
        if record.status in ("timed_out", "out_of_memory") and not record.cut_short:
            reach.end(case, seat.place.name, seat.variant, record.status)
        if record.reference_seconds and Seat(seat.place, REFERENCE) not in records:
            reach.learn(case, seat.place.name, REFERENCE, record.reference_seconds)


def takes_part(seat: Seat, case: PlannedCase, records: Mapping[Seat, Record], reach: Reach) -> bool:
    """Whether this side is within reach, and has a result to be compared with; else its record says why not."""
    left_out = reach.beyond(case, seat.place.name, seat.variant)
    if left_out:
        records[seat].fail(*left_out)
    return not left_out and not cannot_be_compared(seat, records)


def is_within(seat: Seat, case: PlannedCase, side: Side, record: Record, reach: Reach) -> bool:
    """Whether a call takes no longer than it may, now that it was timed; else the record says so."""
    if side.call_seconds:
        accelerated = record.device not in ("", "cpu")
        reach.learn(case, seat.place.name, seat.variant, side.call_seconds, accelerated=accelerated)
    left_out = reach.beyond(case, seat.place.name, seat.variant)
    if left_out:
        record.fail(*left_out)
        ask(side.link, RELEASING_SECONDS, do="release")
    return not left_out


def cannot_be_compared(seat: Seat, records: Mapping[Seat, Record]) -> bool:
    """Whether the reference beside it has no result; it then has failed too, and nobody waits for it."""
    reference = records.get(Seat(seat.place, REFERENCE))
    if seat.variant == REFERENCE or reference is None or reference.processes:
        return False
    if reference.status not in ("failed", "timed_out", "out_of_memory"):
        return False
    records[seat].fail("failed", f"cannot be compared: {REFERENCE} {reference.status.replace('_', ' ')}")
    return True


def where(sides: Sequence[Side], settings: Sampling, draw: int, *, at_once: bool) -> None:
    """Where the sides of a draw are sampled: what may use every core is called from one, the same for all of them.

    Cores of one machine can differ in speed by half: a neighbour of a virtual machine sees to that. A side that was
    called from the better core would look better for as long as the system leaves it there. Other draws, other cores.
    """
    if at_once:
        for side in sides:  # they exchange them
            side.cores = machine.cores_of(0, len(sides) * (settings.threads or 1))
    elif settings.threads is None:
        for side in sides:
            side.link.call_from(machine.cores_of(draw, 1) or [])


def seats(plan: Plan, block: Block) -> Iterator[Seat]:
    """Who is measured in a block: each variant in each environment of the group, and in those that repeat the first."""
    return starmap(Seat, plan.variants_of(block))


def wants_more(records: dict[Seat, Record], settings: Sampling, draws: int, seconds_left: float) -> bool:
    """Whether another process would be worth its time."""
    if draws >= settings.most_processes or seconds_left <= 0:
        return False
    return draws < JUDGED_FROM or not is_precise(records, settings.precision)


def stop_early(records: dict[Seat, Record], draws: int, settings: Sampling) -> None:
    """The case's time is spent: what has a process is kept as it is, what has none has no number."""
    spent = f"the time of a case ({settings.case_limit_seconds:g} s) was spent"
    for record in records.values():
        if not record.processes and record.status == "measured":
            record.fail("timed_out", spent)
            record.cut_short = True
        elif record.status == "measured" and draws < settings.processes:
            record.reason = f"{draws} of {settings.processes} processes: {spent}"


def can_be_at_once(settings: Sampling, records: Sequence[Record]) -> bool:
    """Whether these sides are to be sampled at the same time, and each can have cores of its own for it."""
    return (
        settings.at_once
        and settings.threads is not None
        and len(records) > 1
        and all(record.device == "cpu" for record in records)
        and len(records) * settings.threads <= machine.usable_cores()
    )


def prepare(
    plan: Plan,
    case: PlannedCase,
    seat: Seat,
    link: Link,
    started: dict[str, Any],
    draw: int,
    record: Record,
    deadline: Deadline,
) -> Side | None:
    """Prove the place, then prepare the case there; None, with the reason in `record`, where it cannot be timed."""
    settings = plan.settings
    if deadline.is_over():  # then a probe that has not started in what was left says nothing of this variant
        return None
    if started["status"] != "ready":
        record.fail(started["status"], started["reason"])
        return None
    record.device = bundle.device_name(started["device"])
    record.threads = started["threads"]
    cores = machine.cores_of(draw, settings.threads)
    wrong = misplacement(seat.place, started, plan.platform if mode_of(seat.variant) != "numpy" else None, cores)
    if wrong:
        record.fail("misplaced", wrong)
        return None
    link.keep_on(cores or machine.affinity())  # sampling may have moved it
    seed = plan.seed + draw
    answer = ask(
        link,
        deadline.at_most(settings.timeout_seconds),
        do="prepare",
        workload=case.workload,
        case=case.case,
        variant=seat.variant,
        seed=seed,
        sample_seconds=settings.sample_seconds,
        file=plan.file_of(case.workload),
        keep_result=draw == 0,
    )
    if deadline.is_over():  # whatever it answered came too late, and says nothing of this variant
        return None
    record.reference_seconds = answer.get("reference_seconds")
    record.result = answer.get("result") if draw == 0 else record.result
    if "max_error" in answer:
        record.max_error = max(record.max_error or 0.0, finite(answer["max_error"]))
    if answer["status"] != "ready":
        record.fail(answer["status"], answer["reason"])
        return None
    facts = {name: answer.get(name) for name in PREPARED_FACTS} | {name: started[name] for name in STARTED_FACTS}
    calls, timings = answer["calls_per_sample"], answer["timings_per_sample"]
    return Side(link, calls, timings, seed, facts, cores, call_seconds=answer.get("call_seconds", 0.0))


PREPARED_FACTS = ("first_call", "transfer_in_seconds", "transfer_out_seconds", "peak_bytes", "device_peak_bytes")
STARTED_FACTS = ("import_seconds", "start_seconds")


def analysis(side: Side, settings: Sampling, deadline: Deadline) -> dict[str, Any] | None:
    """The compiler's own figures; None where it has none, or where asking would take too long.

    A probe that does not survive the question has given its samples already.
    """
    compiled = (side.facts["first_call"] or {}).get("compile_seconds")
    if not compiled or compiled > ANALYSED_SECONDS:
        return None
    return ask(side.link, deadline.at_most(settings.timeout_seconds), do="analyse").get("xla") or None


def finite(error: float | None) -> float:
    """A relative error as JSON can carry it: an infinite one becomes the largest number there is."""
    return min(error or 0.0, 1.7976931348623157e308)
