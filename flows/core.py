"""A run from its plan to its rows, as plain functions that know no Prefect: plan, build, measure, store, look."""

from __future__ import annotations

import os
import random
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from flows import delivery, deriving, environments
from flows.home import Home
from flows.lock import BUILDING, machine_lock
from flows.measure import measure
from flows.outcome import Outcome, outcome
from flows.settings import Settings, Track
from storage import database, recorded
from workloads import bundle, suite
from workloads.bringing import Gathered, bring
from workloads.plan import Place, Plan, Sampling, check_at_once, checked, choose_cases, with_again
from workloads.reasons import told
from workloads.workload import WorkloadError

Say = Callable[[str], None]
RETRY_SECONDS = (1, 2, 5, 10)
#: What tracks, which all machines share, need on this one: cuda13 or tpu, as JAX names what it installs for a device.
EXTRA = "CROSSOVER_JAX_EXTRA"
PLATFORMS = ("cpu", "gpu", "tpu", "cuda", "rocm", "METAL")  # as JAX names them


@dataclass(frozen=True)
class Choice:
    """What somebody wants measured: a suite, or a part of it, in some environments."""

    suite: str = "quick"
    workloads: tuple[str, ...] = ()
    sizes: tuple[float, ...] = ()
    variants: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()  # specs; with no track either: the current environment
    platform: str | None = None
    sampling: tuple[tuple[str, Any], ...] = ()  # settings of `Sampling` in the place of the suite's
    dtypes: tuple[str, ...] = ()
    gathered: Gathered = field(default_factory=Gathered)  # workloads that are none of the suite
    tracks: tuple[str, ...] = ()  # of crossover.toml, after the environments
    as_of: date | None = None  # resolve all of them as on that day
    again: tuple[environments.Asked, ...] = ()  # of an earlier run, before the environments
    builder: str | None = None  # of all of them; None: uv, or what a track says


def check(choice: Choice, settings: Settings) -> list[environments.Asked]:
    """The environments of a choice, once all of it that can be wrong is known not to be; nothing is built yet."""
    make_plan(choice, settings, [])
    if choice.platform and choice.platform not in PLATFORMS:
        raise WorkloadError(f"there is no platform {choice.platform!r}. Known: " + ", ".join(PLATFORMS))
    if choice.as_of and not (choice.environments or choice.tracks):
        raise environments.EnvironmentSpecError("a day needs something to resolve: name environments or tracks")
    if choice.builder and not (choice.environments or choice.tracks):
        raise environments.EnvironmentSpecError("a builder needs something to build: name environments or tracks")
    specs = [environments.Asked(environments.read_spec(text), choice.as_of) for text in choice.environments]
    asked = [*choice.again, *specs] + [asked_by(name, settings.track(name), choice.as_of) for name in choice.tracks]
    return [replace(one, builder=choice.builder or one.builder) for one in asked]


def asked_by(name: str, track: Track, as_of: date | None) -> environments.Asked:
    """The environment that a track asks for tonight; on a machine with an accelerator, with what JAX needs for it."""
    spec = environments.parse_spec(track.spec)
    extra = os.environ.get(EXTRA)
    if extra:
        spec = environments.with_extra(spec, "jax", extra)
    when = as_of or track.as_of
    return environments.Asked(spec, when, track.prereleases, name=name, track=name, builder=track.builder)


def asked_in(connection: Any, run_id: int) -> tuple[environments.Asked, ...]:
    """The environments of a stored run, each once, to be built as they were."""
    return tuple(
        environments.asked_again(row.name, row.asked.get("python", ""), row.builder, row.resolution or ())
        for row in recorded.environments(connection, run_id)
    )


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


def make_plan(
    choice: Choice,
    settings: Settings,
    places: Iterable[Place],
    run: str | None = None,
    left_out: Iterable[str] = (),
) -> Plan:
    """The plan of a choice, for a new run or for the one named. `left_out`: environments that cannot be had.

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
        variants=choice.variants or chosen.variants,
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
        seed=a_seed(),
        settings=checked(replace(sampling, **dict(choice.sampling))),
        platform=choice.platform,
        brought={name: file for name, file in gathered.files.items() if name in sizes},
        left_out=[*gathered.left_out, *map(public, left_out)],
    )
    return check_at_once(with_again(plan, chosen.noise_floor_cases)) if plan.places else plan


def public(reason: str) -> str:
    """A reason that may leave this machine: without its paths, and without the address of its registry."""
    return told(re.sub(r"\w+://\S+", "(address)", reason))


def renewed(plan: Plan) -> Plan:
    """The same plan for another run, with other random numbers."""
    return replace(plan, run=str(uuid.uuid4()), seed=a_seed())


def a_seed() -> int:
    return random.SystemRandom().randrange(2**31)


def build_places(asked: Sequence[environments.Asked], home: Home, say: Say) -> tuple[list[Place], list[str]]:
    """The environments of a run, built where they are not there yet; the current one where none is asked for.

    Also what is left out, with the reason: a Python that this machine has not, a track that cannot be built tonight.
    EnvironmentSpecError where something else cannot be built, or nothing is left. Waits while somebody measures.
    """
    if not asked:
        return [environments.current()], []
    places, left_out = build_all(asked, home, say)
    if not places:
        raise environments.EnvironmentSpecError("; ".join(left_out))
    return named_apart(places), left_out


def build_all(asked: Sequence[environments.Asked], home: Home, say: Say) -> tuple[list[Place], list[str]]:
    """The environments that can be built, and what is left out, with the reason."""
    places, left_out = [], []
    for one in asked:
        try:
            with machine_lock(BUILDING, say=say):
                places.append(build_patiently(one, home, say) if one.track else environments.build(one, home, say))
        except environments.DiskFull:
            raise
        except environments.EnvironmentSpecError as error:
            is_missing = isinstance(error, environments.MissingInterpreter)
            if not one.track and not is_missing:
                raise
            kind = f"{bundle.UNSUPPORTED}: " if is_missing else ""
            left_out.append(f"{kind}{one.name or one.text}: {error}")
            say(f"left out: {left_out[-1]}")
    return places, left_out


def build_patiently(asked: environments.Asked, home: Home, say: Say) -> Place:
    """As `environments.build`, again and again while the registry is away: at night nobody is there to try again."""
    for seconds in RETRY_SECONDS:
        try:
            return environments.build(asked, home, say)
        except environments.RegistryAway as error:
            say(f"{asked.name} is not built yet: {error}; trying again in {seconds} s")
            time.sleep(seconds)
    return environments.build(asked, home, say)


def named_apart(places: list[Place]) -> list[Place]:
    """Places with names of their own: the same environment twice is how one sees what differs without a reason."""
    seen: Counter[str] = Counter()
    apart = []
    for place in places:
        seen[place.name] += 1
        apart.append(replace(place, name=f"{place.name} ({seen[place.name]})") if seen[place.name] > 1 else place)
    return apart


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
    """As `store`, again and again while the database is away; StorageError says where the bundle waits.

    A role that may not store is not tried again.
    """
    for seconds in RETRY_SECONDS:
        try:
            return store(path, home)
        except database.Refused:  # nobody has to wait for that
            break
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
        size = path.stat().st_size
        stored = deriving.store(engine, path)
        if path.parent == home.bundles:
            delivery.note(path, size, home)
        with database.explained(engine), engine.connect() as connection:
            return outcome(connection, stored.run)
    finally:
        engine.dispose()
