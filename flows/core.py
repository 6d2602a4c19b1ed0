"""A run from its plan to its rows, as plain functions that know no Prefect: plan, build, measure, store, look."""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows import environments
from flows.home import Home
from flows.measure import load_plan, measure, save_plan
from flows.settings import Settings
from storage import database, queries, record
from workloads import bundle, suite
from workloads.plan import Place, Plan, Sampling, check_at_once, checked, choose_cases, with_again
from workloads.workload import WorkloadError

Say = Callable[[str], None]
RETRY_SECONDS = (1, 2, 5, 10)
PLATFORMS = ("cpu", "gpu", "tpu", "cuda", "rocm", "METAL")  # as JAX names them


class NothingToResume(Exception):
    """There is no unfinished run here."""


@dataclass(frozen=True)
class Choice:
    """What somebody wants measured: a suite, or a part of it, in some environments."""

    suite: str = "quick"
    workloads: tuple[str, ...] = ()
    sizes: tuple[float, ...] = ()
    variants: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()  # specs; none: the current environment
    platform: str | None = None
    sampling: tuple[tuple[str, Any], ...] = ()  # settings of `Sampling` in the place of the suite's


@dataclass(frozen=True)
class Outcome:
    """A stored run: whole, or with what it lacks."""

    run: str
    planned: int
    measured: int
    unsupported: int
    holes: tuple[str, ...]
    finished: bool

    @property
    def is_whole(self) -> bool:
        return self.finished and not self.holes and self.measured + self.unsupported == self.planned

    def summary(self) -> str:
        """One line: `36 of 36 measured`, or what is missing."""
        parts = [f"{self.measured} of {self.planned} measured"]
        if self.unsupported:
            parts.append(f"{self.unsupported} not supported here")
        if self.holes:
            parts.append(f"{len(self.holes)} without a number: " + "; ".join(self.holes))
        if not self.finished:
            parts.append("cut short before its end")
        return ", ".join(parts)


def check(choice: Choice, settings: Settings) -> list[environments.Spec]:
    """Everything about a choice that can be wrong, before anything is built or measured."""
    make_plan(choice, settings, [])
    if choice.platform and choice.platform not in PLATFORMS:
        raise WorkloadError(f"there is no platform {choice.platform!r}. Known: " + ", ".join(PLATFORMS))
    return [environments.parse_spec(text) for text in choice.environments]


def make_plan(choice: Choice, settings: Settings, places: Iterable[Place], run: str | None = None) -> Plan:
    """The plan of a choice, for a new run or for the one named.

    A chosen workload that the suite lacks is measured at all its sizes.
    """
    chosen = settings.suite(choice.suite)
    everything = dict.fromkeys(suite.names(), None) if chosen.workloads == "all" else chosen.workloads
    sizes = {name: None if ladder == "all" else ladder for name, ladder in everything.items()}
    if choice.workloads:
        sizes = {name: sizes.get(name) for name in choice.workloads}
    if choice.sizes:  # then a size counts even where the suite does not hold it
        sizes = dict.fromkeys(sizes, None)
    cases = choose_cases(sizes, sizes=choice.sizes or None, variants=choice.variants or None)
    if not cases:
        raise WorkloadError("nothing is left to measure: these workloads, sizes and variants have no case in common")
    sampling = Sampling(
        processes=chosen.processes,
        most_processes=chosen.most_processes or chosen.processes,
        seconds_per_case=chosen.seconds_per_case,
        precision=chosen.precision,
        threads=chosen.threads,
        peaks=chosen.peaks,
        memory_bytes=chosen.memory_bytes,
        timeout_seconds=chosen.timeout_seconds,
        case_limit_seconds=chosen.case_limit_seconds,
        run_limit_seconds=chosen.run_limit_seconds,
    )
    plan = Plan(
        run=run or str(uuid.uuid4()),
        suite=choice.suite,
        cases=cases,
        places=list(places),
        seed=random.SystemRandom().randrange(2**31),
        settings=checked(replace(sampling, **dict(choice.sampling))),
        platform=choice.platform,
    )
    return check_at_once(with_again(plan, chosen.noise_floor_cases)) if plan.places else plan


def build_places(specs: Iterable[environments.Spec], home: Home, say: Say) -> list[Place]:
    """The environments of a run, built where they are not there yet; the current one where none is asked for."""
    return named_apart([environments.build(spec, home, say) for spec in specs] or [environments.current()])


def named_apart(places: list[Place]) -> list[Place]:
    """Places with names of their own: the same environment twice is how one sees what differs without a reason."""
    seen: Counter[str] = Counter()
    apart = []
    for place in places:
        seen[place.name] += 1
        apart.append(replace(place, name=f"{place.name} ({seen[place.name]})") if seen[place.name] > 1 else place)
    return apart


def start_bundle(plan: Plan, home: Home) -> Path:
    """A place for a new run's bundle, with its plan beside it."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    path = home.bundles / f"{moment}-{plan.suite}-{plan.run[:8]}.jsonl"
    save_plan(plan, path)
    return path


def unfinished_bundle(home: Home) -> Path:
    """The newest bundle that was cut short; NothingToResume where there is none. BundleError for a damaged one."""
    for plan in sorted(home.bundles.glob("*.plan.json"), reverse=True):
        path = home.bundles / f"{plan.name.removesuffix('.plan.json')}.jsonl"
        if not bundle.is_begun(path) or not bundle.is_finished(path):
            load_plan(path)
            return path
    raise NothingToResume(f"nothing to resume: every run in {home.bundles} is finished")


def measure_and_store(path: Path, home: Home, *, label: str, machine: str | None, say: Say) -> Outcome:
    """Measure into the bundle at `path` and store it; what was measured is stored even if measuring was cut short."""
    try:
        measure(path, label=label, machine=machine, say=say)
    except BaseException:
        if bundle.is_begun(path):
            store_patiently(path, home, say)
        raise
    return store_patiently(path, home, say)


def store_patiently(path: Path, home: Home, say: Say) -> Outcome:
    """As `store`, again and again while the database is away; StorageError says where the bundle waits."""
    for seconds in RETRY_SECONDS:
        try:
            return store(path, home)
        except database.StorageError as error:
            say(f"not stored yet: {error}; trying again in {seconds} s")
            time.sleep(seconds)
    try:
        return store(path, home)
    except database.StorageError as error:
        raise database.StorageError(f"{error}. Nothing is lost: `crossover ingest {path}` stores it later") from None


def store(path: Path, home: Home) -> Outcome:
    """Bring a bundle into the database. Doing it twice changes nothing."""
    engine = database.open_database(home.database_url)
    try:
        stored = record.store(engine, path)
        with engine.connect() as connection:
            return outcome(connection, stored.run)
    finally:
        engine.dispose()


def outcome(connection: Any, run_uuid: str) -> Outcome:
    """What a stored run holds and what it lacks."""
    run = queries.run_by_uuid(connection, run_uuid)
    holes = [
        f"{row.workload} {row.variant} at {row.size:g} ({row.status}: {row.reason})"
        for row in queries.measurements(connection, run.id, again=True)
        if row.status in bundle.HOLES
    ]
    return Outcome(run.uuid, run.planned, run.measured, run.unsupported, tuple(holes), run.finished_at is not None)
