"""An old and a new environment in lock step, looked at again and again where the first look does not settle it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.upgrade_check import GROWTH, MOST_LOOKS, Check, Key, Seen, changes, fewest_processes
from analysis.upgrade_check import check as judge
from flows import core, environments, unfinished
from flows.home import Home
from flows.outcome import outcome
from flows.settings import Settings
from storage import database, queries
from storage.values import results
from workloads import bundle, figures
from workloads.plan import Plan, PlannedCase

Say = Callable[[str], None]


def asked(text: str, settings: Settings) -> environments.Asked:
    """A side of the comparison: a track of crossover.toml, a requirements or lock file, or a spec."""
    if text in settings.tracks:
        return core.asked_by(text, settings.track(text), None)
    try:
        return environments.Asked(environments.read_spec(text))
    except environments.EnvironmentSpecError as error:
        tracks = f"; or the name of a track: {', '.join(settings.tracks)}" if settings.tracks else ""
        raise environments.EnvironmentSpecError(f"{error}{tracks}") from None


def check(
    plan: Plan, home: Home, *, tolerance: float, machine: str | None, say: Say, most_looks: int = MOST_LOOKS
) -> Check:
    """Measure the plan, whose two places are the old and the new environment, and what it leaves open again.

    Stopped in its middle, the same check goes on: looks that were finished are remembered until it is done.
    """
    notes = home.scratch / f"upgrade-check-{unfinished.key_of(plan)}.json"
    remembered = read_notes(notes, home)
    seen: list[Seen] = []
    planned = sum(len(case.variants) for case in plan.cases)
    while True:
        if len(seen) < len(remembered):
            run = remembered[len(seen)]
            say(f"look {len(seen) + 1} was finished before: run {figures.run_text(run)}")
        else:
            path = unfinished.unfinished_like(plan, home) or unfinished.start_bundle(plan, home)
            label = "crossover upgrade-check"
            run = core.measure_and_store(path, home, label=label, machine=machine, say=say).run
            notes.write_text(json.dumps([*(one.run for one in seen), run]))
        seen.append(look(home, run))
        old, new = (place.name for place in plan.places)
        found = judge(seen, old=old, new=new, tolerance=tolerance, planned=planned, most_looks=most_looks)
        unsure = {(one.workload, one.case_key, one.variant) for one in found.those("unsure")}
        again = cases_of(plan.cases, unsure.union(seen[0].lost if len(seen) == 1 else ()))
        if not again or len(seen) == most_looks:
            notes.unlink(missing_ok=True)
            return found
        plan = next_look(plan, again)
        count = sum(len(case.variants) for case in again)
        say(f"looking again at {count} of {planned}: what stood out, is not settled, or failed once")


def read_notes(notes: Path, home: Home) -> list[str]:
    """The runs of the finished looks of a check that was stopped, as far as the database still has them."""
    try:
        runs = json.loads(notes.read_text())
    except (OSError, ValueError):
        return []
    with database.reading(home.database_url) as connection:
        known = [queries.run_by_uuid(connection, run) for run in runs]
    return runs if all(run and run.finished_at for run in known) else []


def cases_of(cases: Sequence[PlannedCase], keys: Set[Key]) -> list[PlannedCase]:
    """The cases, each with those of its variants that are among `keys`."""
    left = [
        replace(
            case,
            variants=[name for name in case.variants if (case.workload, bundle.case_key(case.case), name) in keys],
            again=False,
        )
        for case in cases
    ]
    return [case for case in left if case.variants]


def next_look(plan: Plan, cases: list[PlannedCase]) -> Plan:
    """The plan of the next look at these cases: more processes, more time, other random numbers."""
    settings = replace(
        plan.settings,
        processes=plan.settings.processes * GROWTH,
        most_processes=plan.settings.most_processes * GROWTH,
        seconds_per_case=plan.settings.seconds_per_case * GROWTH,
        peaks=False,
    )
    return core.renewed(replace(plan, cases=cases, settings=settings))


def look(home: Home, run_uuid: str) -> Seen:
    """What a stored run gave of its two environments."""
    with database.reading(home.database_url) as connection:
        run = queries.run_by_uuid(connection, run_uuid)
        across, values = queries.ratios_across(connection, run.id), results(connection, run.id)
        ended = outcome(connection, run_uuid)
        return Seen(
            run_uuid,
            ratios={
                (row.workload, row.case_key, row.variant): (row.ratio, row.ratio_low, row.ratio_high) for row in across
            },
            size_names={(row.workload, row.case_key, row.variant): row.size_name for row in across},
            processes=fewest_processes(values),
            changed=changes(values),
            lost=lost(queries.measurements(connection, run.id)),
            lacks=[*ended.holes, *ended.left_out, *([] if ended.finished else ["the run was cut short"])],
        )


def lost(rows: Sequence[Any]) -> dict[Key, str]:
    """What was measured in the old environment and has no number in the new one, with the reason."""
    works = {(row.workload, row.case_key, row.variant) for row in rows if row.place == 0 and row.status == "measured"}
    return {
        key: f"{row.workload} {row.case_key} {row.variant}: {row.status}: {row.reason}"
        for row in rows
        for key in [(row.workload, row.case_key, row.variant)]
        if row.place == 1 and row.status != "measured" and key in works
    }
