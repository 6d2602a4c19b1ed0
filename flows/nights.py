"""One night on a machine: what it is to measure, within what it may take. Knows no Prefect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from analysis import budget
from flows.home import Home
from flows.settings import Nightly
from storage import database, nights
from workloads import bundle
from workloads.plan import Plan, with_again


@dataclass(frozen=True)
class Budgeted:
    """A night's plan, and what it leaves for other nights."""

    plan: Plan
    tonight: budget.Tonight


def budgeted(plan: Plan, home: Home, nightly: Nightly, machine: str, today: date) -> Budgeted:
    """The plan of a night with as many of its workloads as its budget holds, the most important ones first.

    What is postponed stands in the plan, with the reason. Whole workloads, because a curve is of one night.
    """
    engine = database.open_for_reading(home.database_url)
    try:
        with engine.connect() as connection:
            runs = nights.of_suite(connection, machine=machine, suite=plan.suite)
            workloads = nights.workloads_of(connection, [run.id for run in runs])
            levels = nights.last_two(connection, machine=machine, suite=plan.suite)
    finally:
        engine.dispose()
    names = dict.fromkeys(case.workload for case in plan.cases)
    found = budget.tonight(
        budget.candidates(names, runs, workloads, levels, today), nightly.budget_seconds, nightly.every_nights
    )
    if not found.postponed:
        return Budgeted(plan, found)
    chosen = [replace(case, again=False) for name in found.chosen for case in plan.cases if case.workload == name]
    left_out = [*plan.left_out, *reasons(found, nightly)]
    places = [place for place in plan.places if not place.again]
    # noise floors are of cases that are measured tonight
    count = sum(case.again for case in plan.cases)
    return Budgeted(with_again(replace(plan, cases=chosen, places=places, left_out=left_out), count), found)


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
