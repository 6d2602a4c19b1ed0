"""A run from its plan to its rows, as plain functions that know no Prefect: plan, build, measure, store, look."""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import starmap
from pathlib import Path
from typing import Any

from flows import environments
from flows.home import Home
from flows.measure import load_plan, measure, save_plan
from flows.settings import Settings
from storage import database, queries, record
from workloads import bundle, figures, suite
from workloads.bringing import Gathered, bring
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
    dtypes: tuple[str, ...] = ()
    gathered: Gathered = field(default_factory=Gathered)  # workloads that are none of the suite


@dataclass(frozen=True)
class Outcome:
    """A stored run: whole, or with what it lacks."""

    run: str
    planned: int
    measured: int
    unsupported: int
    too_large: int
    without_number: int
    holes: tuple[str, ...]  # those of one kind together
    finished: bool
    left_out: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        accounted = self.measured + self.unsupported + self.too_large
        return self.finished and not self.holes and not self.left_out and accounted == self.planned

    def summary(self) -> str:
        """One line: `36 of 36 measured`, or what is missing."""
        parts = [f"{self.measured} of {self.planned} measured"]
        if self.unsupported:
            parts.append(f"{self.unsupported} not supported here")
        if self.too_large:
            parts.append(f"{self.too_large} too large for this machine and suite")
        if self.holes:
            parts.append(f"{self.without_number} without a number: " + "; ".join(self.holes))
        if not self.finished:
            parts.append("cut short before its end")
        if self.left_out:
            parts.append("left out: " + "; ".join(self.left_out))
        return ", ".join(parts)


def check(choice: Choice, settings: Settings) -> list[environments.Spec]:
    """Everything about a choice that can be wrong, before anything is built or measured."""
    make_plan(choice, settings, [])
    if choice.platform and choice.platform not in PLATFORMS:
        raise WorkloadError(f"there is no platform {choice.platform!r}. Known: " + ", ".join(PLATFORMS))
    return [environments.parse_spec(text) for text in choice.environments]


def gather(settings: Settings, suite_name: str, names: Iterable[str] = (), files: Iterable[Path] = ()) -> Gathered:
    """The workloads from outside that a choice needs: of files; of packages only for a suite of all, or for a name.

    A package that cannot be used costs only the runs that would have measured it.
    """
    files, names = list(files), list(names)
    gathered = bring(files)
    unknown = [name for name in names if gathered.meant(name, suite.names()) == [name] and name not in suite.names()]
    everything = not files and not names and settings.suite(suite_name).workloads == "all"
    if not everything and not unknown:
        return gathered
    both = bring(files, packages=True)
    return both if everything else replace(both, left_out=gathered.left_out)


def make_plan(choice: Choice, settings: Settings, places: Iterable[Place], run: str | None = None) -> Plan:
    """The plan of a choice, for a new run or for the one named.

    A chosen workload that the suite lacks is measured at all its sizes.
    """
    chosen = settings.suite(choice.suite)
    gathered = choice.gathered
    if chosen.workloads == "all":
        ladders = dict.fromkeys([*suite.names(), *sorted(gathered.installed)])
    else:
        ladders = {name: None if ladder == "all" else ladder for name, ladder in chosen.workloads.items()}
    sizes = gathered.choose(choice.workloads, ladders)
    if gathered.left_out and not sizes:
        raise WorkloadError("; ".join(gathered.left_out))
    if choice.sizes:  # then a size counts even where the suite does not hold it
        sizes = dict.fromkeys(sizes, None)
    cases = choose_cases(
        sizes,
        sizes=choice.sizes or None,
        variants=choice.variants or None,
        dtypes=choice.dtypes or chosen.dtypes,
        brought=gathered.declared,
    )
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
        longest_call_seconds=chosen.longest_call_seconds,
    )
    plan = Plan(
        run=run or str(uuid.uuid4()),
        suite=choice.suite,
        cases=cases,
        places=list(places),
        seed=random.SystemRandom().randrange(2**31),
        settings=checked(replace(sampling, **dict(choice.sampling))),
        platform=choice.platform,
        brought={name: file for name, file in gathered.files.items() if name in sizes},
        left_out=gathered.left_out,
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
    holes: dict[tuple[str, str, str], list[Any]] = {}
    for row in queries.measurements(connection, run.id, again=True):
        if row.status in bundle.HOLES:
            holes.setdefault((row.workload, row.status, row.reason), []).append(row)
    return Outcome(
        run.uuid,
        run.planned,
        run.measured,
        run.unsupported,
        run.too_large,
        sum(map(len, holes.values())),
        tuple(starmap(hole_text, holes.items())),
        run.finished_at is not None,
        tuple(queries.plan_of(connection, run.id).get("left_out", ())),
    )


def hole_text(kind: tuple[str, str, str], rows: list[Any]) -> str:
    """What has no number for the same reason: `sort jax_eager, jax_jit at 8, 64 (failed: why)`."""
    workload, status, reason = kind
    variants = ", ".join(dict.fromkeys(row.variant for row in rows))
    sizes = ", ".join(dict.fromkeys(figures.size_text(row.size) for row in rows))
    return f"{workload} {variants} at {sizes} ({status}: {reason})"
