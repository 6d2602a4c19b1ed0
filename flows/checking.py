"""`crossover check`: can a workload's file be measured, do its variants agree, and how far will a run climb?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flows import environments
from workloads import bringing
from workloads.declaration import Declaration
from workloads.plan import Plan, PlannedCase, Sampling, choose_cases
from workloads.probes import Probes, Seat, ask
from workloads.reach import Reach, ladder_of
from workloads.workload import REFERENCE, WorkloadError

Say = Callable[[str], None]

#: A variant that answers nothing for so long is given up: a check takes seconds.
TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True)
class Found:
    """One variant on one case. seconds: of a call, roughly: one process on a machine as it is now."""

    case: dict[str, Any]
    size: float
    variant: str
    status: str  # `ready`, or what a measurement would have
    reason: str = ""
    seconds: float | None = None
    first_call_seconds: float | None = None


@dataclass(frozen=True)
class Checked:
    """What came of a check."""

    declared: Declaration
    longest_call_seconds: float
    found: list[Found] = field(default_factory=list)

    @property
    def mistakes(self) -> list[Found]:
        """What would have no number in a run, and not by choice."""
        return [one for one in self.found if one.status not in ("ready", "unsupported", "too_large")]


def load(file: Path) -> bringing.Gathered:
    """What a file declares; WorkloadError where that is nothing that could be tried."""
    gathered = bringing.bring([file])
    if gathered.left_out:
        raise WorkloadError(gathered.left_out[0])
    return gathered


def check(gathered: bringing.Gathered, longest_call_seconds: float, say: Say = lambda _: None) -> Checked:
    """Prepare every variant of a file on every case within reach, in this interpreter, a process each."""
    (declared,) = gathered.declared.values()
    plan = Plan(
        run="check",
        suite="check",
        cases=choose_cases(dict.fromkeys(gathered.declared), brought=gathered.declared),
        places=[environments.current()],
        seed=1,
        settings=Sampling(timeout_seconds=TIMEOUT_SECONDS, longest_call_seconds=longest_call_seconds),
        brought=gathered.files,
    )
    checked = Checked(declared, longest_call_seconds)
    for variant in declared.variants:
        say(f"trying {variant}")
        checked.found.extend(climb(plan, variant, tuple(checked.found)))
        if checked.mistakes and variant == REFERENCE:  # there is nothing that the others could be compared with
            break
    return checked


def climb(plan: Plan, variant: str, before: Sequence[Found]) -> Iterator[Found]:
    """One variant, from its smallest size on, until a call takes too long or goes wrong.

    before: what is known of the variants before it, the reference among them.
    """
    seat = Seat(plan.places[0], variant)
    reach = Reach(plan.settings.longest_call_seconds)
    given_up = set()
    with Probes(plan) as probes:
        for case in plan.cases:
            for known in before:
                if known.case == case.case and known.seconds:
                    reach.learn(case, seat.place.name, known.variant, known.seconds)
            ladder = ladder_of(case, seat.place.name, variant)
            if ladder in given_up:
                continue
            left_out = reach.beyond(case, seat.place.name, variant)
            if left_out:
                yield Found(case.case, case.size, variant, *left_out)
                continue
            found = try_out(plan, seat, case, probes)
            if found.status == "timed_out":
                yield replace(found, reason=f"{found.reason}: is there a loop without an end?")
                return
            if found.seconds is None:
                given_up.add(ladder)
            else:
                reach.learn(case, seat.place.name, variant, found.seconds)
                left_out = reach.beyond(case, seat.place.name, variant)
                if left_out:
                    found = replace(found, status=left_out[0], reason=left_out[1])
            yield found


def try_out(plan: Plan, seat: Seat, case: PlannedCase, probes: Probes) -> Found:
    """One variant prepared on one case: run, compared with the reference, and called a few times more."""
    _, link, answer = next(probes.ready([seat], 0, case.is_wide))
    if answer["status"] == "ready":
        answer = ask(
            link,
            plan.settings.timeout_seconds,
            do="prepare",
            workload=case.workload,
            case=case.case,
            variant=seat.variant,
            seed=plan.seed,
            sample_seconds=plan.settings.sample_seconds,
            file=plan.file_of(case.workload),
        )
    first = (answer.get("first_call") or {}).get("seconds")
    reason = answer.get("reason", "")
    return Found(case.case, case.size, seat.variant, answer["status"], reason, answer.get("call_seconds"), first)
