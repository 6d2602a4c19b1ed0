"""Runs on the disk: where one begins, and those that were cut short and can be gone on with."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows import environments
from flows.home import Home
from flows.lock import BUILDING, machine_lock
from flows.measure import MeasuringFailed, load_plan, save_plan
from workloads import bundle, figures
from workloads.plan import Place, Plan

Say = Callable[[str], None]


class NothingToResume(Exception):
    """There is no unfinished run here."""


def start_bundle(plan: Plan, home: Home) -> Path:
    """A place for a new run's bundle, with its plan beside it."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    path = home.bundles / f"{moment}-{plan.suite}-{figures.run_text(plan.run)}.jsonl"
    save_plan(plan, path)
    return path


def essence(plan: Plan) -> dict[str, Any]:
    """What a plan is about: all of it but its identity, its seed, what its seed chose, and when it has to end."""
    sampling = replace(plan.settings, run_limit_seconds=None)
    cases = [replace(case, again=False) for case in plan.cases]
    return json.loads(json.dumps(asdict(replace(plan, run="", seed=0, settings=sampling, cases=cases))))


def key_of(plan: Plan) -> str:
    """The same for plans of the same essence."""
    return hashlib.sha256(json.dumps(essence(plan), sort_keys=True).encode()).hexdigest()[:16]


def unfinished_like(plan: Plan, home: Home) -> Path | None:
    """The newest bundle that was cut short and whose plan has the same essence as this one; None: there is none."""
    wanted = essence(plan)
    for path in unfinished_bundles(home):
        with contextlib.suppress(MeasuringFailed):
            if essence(load_plan(path)) == wanted:
                return path
    return None


def unfinished_for(request: str, home: Home) -> Path | None:
    """The newest bundle that was cut short and that this request began; None: there is none."""
    for path in unfinished_bundles(home):
        with contextlib.suppress(MeasuringFailed):
            if load_plan(path).request == request:
                return path
    return None


def change_time_limit(path: Path, seconds: float | None) -> None:
    """Let the run of an unfinished bundle take so long from now on; what it measures stays the same."""
    plan = load_plan(path)
    save_plan(replace(plan, settings=replace(plan.settings, run_limit_seconds=seconds)), path)


def unfinished_bundles(home: Home) -> Iterator[Path]:
    """Those that were cut short, the newest first."""
    for plan in sorted(home.bundles.glob("*.plan.json"), reverse=True):
        path = home.bundles / f"{plan.name.removesuffix('.plan.json')}.jsonl"
        if not bundle.is_begun(path) or not bundle.is_finished(path):
            yield path


def places(home: Home, say: Say) -> list[list[Place]]:
    """The environments that each unfinished run goes on with; a plan that cannot be read is said, and passed over."""
    found = []
    for path in unfinished_bundles(home):
        try:
            found.append(load_plan(path).places)
        except MeasuringFailed as error:
            say(str(error))
    return found


def unfinished_bundle(home: Home, say: Say = lambda _: None) -> Path:
    """The newest bundle that was cut short, with its environments; NothingToResume where there is none.

    BundleError for a damaged one.
    """
    for path in unfinished_bundles(home):
        if bundle.is_begun(path):
            next(bundle.read(path))
        see_environments(path, home, say)
        return path
    raise NothingToResume(f"nothing to resume: every run in {home.bundles} is finished")


def see_environments(path: Path, home: Home, say: Say) -> None:
    """See that every environment of an unfinished bundle is there; EnvironmentSpecError for one that cannot be."""
    for place in load_plan(path).places:
        with machine_lock(BUILDING, say=say):
            environments.rebuild(place, home, say)
