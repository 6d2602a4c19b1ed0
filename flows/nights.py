"""One night on a machine: what it is to measure, within what it may take. Knows no Prefect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from analysis import budget
from flows.home import Home
from flows.settings import Nightly
from storage import database, nights
from workloads import bundle
from workloads.plan import Plan, PlannedCase, with_again

Say = Callable[[str], None]

OVERRUN = 1.25

#: Nights among which the last two of a series are looked for.
LOOK_BACK = 14

#: What a case takes beside its samples: a run of the whole suite took 3.4 s a case for starting and compiling.
STARTING_SECONDS = 4.0


@dataclass(frozen=True)
class Budgeted:
    """A night's plan, and what it leaves for other nights."""

    plan: Plan
    tonight: budget.Tonight


def budgeted(plan: Plan, home: Home, nightly: Nightly, machine: str, today: date, say: Say = print) -> Budgeted:
    """The plan of a night with as many of its workloads as its budget holds, the most important ones first.

    Where it holds all, what the nights before lacked comes first, else each keeps its place. What is postponed stands
    in the plan, with the reason. Whole workloads, because a curve is of one night. Estimates fail, so no case is begun
    any more when the night has taken `OVERRUN` times its budget. `say` hears if the database is away: then what is
    measured is chosen as in a first night.
    """
    try:
        known = history(home, machine, plan.suite)
    except database.StorageError as error:
        say(f"nothing is known of earlier nights: {error}")
        known = [], [], []
    candidates = budget.candidates(expected(plan), *known, today)
    found = budget.tonight(candidates, nightly.budget_seconds, nightly.every_nights)
    plan = replace(plan, request=nights.REQUEST)
    if nightly.budget_seconds is not None:
        limits = (nightly.budget_seconds * OVERRUN, plan.settings.run_limit_seconds)
        limit = min(limit for limit in limits if limit is not None)
        plan = replace(plan, settings=replace(plan.settings, run_limit_seconds=limit))
    if not found.postponed:
        order = budget.stalest_first(candidates)
        if known[0] and known[0][0].finished_at is None and not known[0][0].measured:  # what came first ended it
            order = [one.name for one in candidates]
        return Budgeted(replace(plan, cases=[case for name in order for case in of(plan, name)]), found)
    chosen = [replace(case, again=False) for name in found.chosen for case in of(plan, name)]
    left_out = [*plan.left_out, *reasons(found, nightly)]
    places = [place for place in plan.places if not place.again]
    # noise floors are of cases that are measured tonight
    count = sum(case.again for case in plan.cases)
    return Budgeted(with_again(replace(plan, cases=chosen, places=places, left_out=left_out), count), found)


def of(plan: Plan, workload: str) -> list[PlannedCase]:
    return [case for case in plan.cases if case.workload == workload]


def history(home: Home, machine: str, suite: str) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
    """The earlier nights of a machine with this suite, what each measured, and the last two of each series."""
    with database.reading(home.database_url) as connection:
        runs = [run for run in nights.of_machine(connection, machine=machine) if run.suite == suite]
        ids = [run.id for run in runs]
        return runs, nights.workloads_of(connection, ids), nights.last_two(connection, ids[:LOOK_BACK])


def expected(plan: Plan) -> dict[str, float]:
    """Seconds that each workload of a plan is taken to last before any night has shown it: rather more than less."""
    cases = Counter(case.workload for case in plan.cases)
    return {name: count * (plan.settings.seconds_per_case + STARTING_SECONDS) for name, count in cases.items()}


def reasons(found: budget.Tonight, nightly: Nightly) -> Iterable[str]:
    """What is postponed and why; and what has waited for too long already."""
    yield (
        f"{bundle.POSTPONED}: {', '.join(found.postponed)}: a night holds {nightly.budget_seconds:g} s; "
        f"each has its turn every {nightly.every_nights} nights"
    )
    if found.overdue:
        yield (
            f"overdue: {', '.join(found.overdue)}: the budget is too small to measure each every "
            f"{nightly.every_nights} nights"
        )
