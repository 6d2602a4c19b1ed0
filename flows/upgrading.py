"""An old and a new environment in lock step, looked at again and again where the first look does not settle it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis import upgrade
from analysis.compare import Verdict
from flows import core, environments, unfinished
from flows.home import Home
from flows.outcome import outcome
from flows.settings import Settings
from storage import database, queries
from storage.values import results
from workloads import bundle, figures
from workloads.plan import Plan, PlannedCase

Say = Callable[[str], None]
Key = tuple[str, str, str]  # workload, case, variant

#: Each further look takes so many times as many processes, and as much time, as the one before.
GROWTH = 2

#: Looks at one case, the first among them. What they do not settle, this machine cannot tell.
MOST_LOOKS = 4


@dataclass(frozen=True)
class Judged:
    """One variant on one case: its looks, what they come to, and whether it computes the same values."""

    workload: str
    case_key: str
    size_name: str
    variant: str
    ratio: float
    low: float | None
    high: float | None
    verdict: Verdict
    looks: int


@dataclass(frozen=True)
class Changed:
    """A result that is not the same in the new environment; `difference` is relative, None where the inputs differ."""

    workload: str
    case_key: str
    variant: str
    difference: float | None


@dataclass(frozen=True)
class Check:
    """What an upgrade would bring. `broken`: twice measured in the old environment, without a number in the new one.

    planned: how many comparisons there were to make. lacking: why some could not be made.
    """

    old: str
    new: str
    tolerance: float
    judged: Sequence[Judged]
    changed: Sequence[Changed]
    broken: Sequence[str]
    planned: int
    lacking: Sequence[str]
    runs: Sequence[str]

    def those(self, verdict: Verdict) -> list[Judged]:
        return [one for one in self.judged if one.verdict == verdict]

    @property
    def is_safe(self) -> bool:
        """Whether something was compared, and nothing is known to get slower by more than the tolerance, or to fail."""
        return bool(self.judged) and not self.those("slower") and not self.broken


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
    looks: dict[Key, list[upgrade.Look]] = {}
    names: dict[Key, str] = {}
    runs: list[str] = []
    changed: list[Changed] = []
    broken: dict[Key, str] = {}
    lacking: list[str] = []
    planned = sum(len(case.variants) for case in plan.cases)
    while True:
        if len(runs) < len(remembered):
            run = remembered[len(runs)]
            say(f"look {len(runs) + 1} was finished before: run {figures.run_text(run)}")
        else:
            path = unfinished.unfinished_like(plan, home) or unfinished.start_bundle(plan, home)
            label = "crossover upgrade-check"
            run = core.measure_and_store(path, home, label=label, machine=machine, say=say).run
            notes.write_text(json.dumps([*runs, run]))
        runs.append(run)
        across, values, failed, lacks = stored(home, run)
        processes = fewest_processes(values)
        for row in across:
            key = row.workload, row.case_key, row.variant
            look = upgrade.Look(row.ratio, row.ratio_low, row.ratio_high, processes.get(key, 0))
            looks.setdefault(key, []).append(look)
            names[key] = row.size_name
        if len(runs) == 1:
            changed, broken, lacking = changes(values), failed, lacks
        elif len(runs) == 2:  # what failed once may have been the machine's doing
            broken = {key: reason for key, reason in failed.items() if key in broken}
        chance = upgrade.CHANCE / max(1, planned) / (most_looks - 1)
        judged = [judgement(key, found, names[key], tolerance, chance) for key, found in looks.items()]
        unsure = {(one.workload, one.case_key, one.variant) for one in judged if one.verdict == "unsure"}
        again = cases_of(plan.cases, unsure.union(broken if len(runs) == 1 else ()))
        if not again or len(runs) == most_looks:
            notes.unlink(missing_ok=True)
            names_of = [place.name for place in plan.places]
            return Check(*names_of[:2], tolerance, judged, changed, [*broken.values()], planned, lacking, runs)
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


def judgement(key: Key, found: Sequence[upgrade.Look], size_name: str, tolerance: float, chance: float) -> Judged:
    figure, verdict = upgrade.settled(found, tolerance, chance)
    workload, case_key, variant = key
    return Judged(workload, case_key, size_name, variant, figure.ratio, figure.low, figure.high, verdict, len(found))


def fewest_processes(values: Sequence[Any]) -> dict[Key, int]:
    """Of how many processes the ratio of each comparison is: those that both sides have."""
    counts: dict[Key, list[int]] = {}
    for row in values:
        counts.setdefault((row.workload, row.case_key, row.variant), []).append(len(row.processes))
    return {key: min(found) for key, found in counts.items()}


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


def stored(home: Home, run_uuid: str) -> tuple[Sequence[Any], Sequence[Any], dict[Key, str], list[str]]:
    """Of a stored run: ratios across environments, results in short, what works in the old one alone, what it lacks."""
    with database.reading(home.database_url) as connection:
        run = queries.run_by_uuid(connection, run_uuid)
        rows = queries.measurements(connection, run.id)
        ended = outcome(connection, run_uuid)
        lacks = [*ended.holes, *ended.left_out, *([] if ended.finished else ["the run was cut short"])]
        return queries.ratios_across(connection, run.id), results(connection, run.id), lost(rows), lacks


def lost(rows: Sequence[Any]) -> dict[Key, str]:
    """What was measured in the old environment and has no number in the new one, with the reason."""
    works = {(row.workload, row.case_key, row.variant) for row in rows if row.place == 0 and row.status == "measured"}
    return {
        key: f"{row.workload} {row.case_key} {row.variant}: {row.status}: {row.reason}"
        for row in rows
        for key in [(row.workload, row.case_key, row.variant)]
        if row.place == 1 and row.status != "measured" and key in works
    }


def changes(values: Sequence[Any]) -> list[Changed]:
    """Which results are not the same, bit for bit, in the second place; those without one in both are passed over."""
    found: dict[Key, dict[int, dict[str, Any]]] = {}
    for row in values:
        found.setdefault((row.workload, row.case_key, row.variant), {})[row.place] = row.result
    changed = []
    for key, by_place in found.items():
        old, new = by_place.get(0), by_place.get(1)
        if old and new and old["sha256"] != new["sha256"]:
            same_inputs = old["inputs_sha256"] == new["inputs_sha256"]
            changed.append(Changed(*key, upgrade.difference(old["numbers"], new["numbers"]) if same_inputs else None))
    return changed
