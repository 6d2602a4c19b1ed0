"""What a run is to measure, decided and checked before anything is measured."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from workloads import bundle, declaration, machine, suite
from workloads.declaration import Declaration
from workloads.workload import WorkloadError, exact


@dataclass(frozen=True)
class Sampling:
    """How long and how exactly to measure; the same for every case of a run."""

    processes: int = 3  # per measurement, at least
    most_processes: int = 10  # more are taken until every interval is as narrow as asked, or the time is spent
    seconds_per_case: float = 3.0  # sampling time of one case: all its variants and processes together
    precision: float = 0.01  # half the width of the intervals that are narrow enough
    sample_seconds: float = 0.002  # length of one sample
    longest_call_seconds: float | None = None  # sizes at which a call would take longer are left out; None: none are
    threads: int | None = None  # cores of each side, which is then kept on them; None: all that there are
    at_once: bool = False  # sample the sides of a case at the same time, where there are cores for all of them
    compilation_cache: bool = False  # keep JAX's compiled functions from process to process, within this run
    peaks: bool = False  # measure what the machine can do at most
    memory_bytes: int | None = None  # of one probe; None: four fifths of the machine's
    timeout_seconds: float = 60.0  # longest wait for one answer of a probe
    case_limit_seconds: float = 600.0  # longest time of one case, whatever it does
    run_limit_seconds: float | None = None  # no further case is begun after this time


def checked(settings: Sampling) -> Sampling:
    """The same settings; WorkloadError where they cannot be kept to."""
    for name in ("processes", "seconds_per_case", "precision", "sample_seconds", "timeout_seconds"):
        if not getattr(settings, name) > 0:
            raise WorkloadError(f"{name} must be greater than 0")
    for name in ("threads", "memory_bytes", "run_limit_seconds", "longest_call_seconds"):
        if getattr(settings, name) is not None and not getattr(settings, name) > 0:
            raise WorkloadError(f"{name} must be greater than 0")
    cores = machine.affinity()
    if settings.threads is not None and not cores:
        raise WorkloadError("this system cannot keep a process on some of its cores: leave threads out")
    if settings.threads is not None and settings.threads > len(cores):
        raise WorkloadError(f"threads is {settings.threads}, and there are {len(cores)} cores")
    if settings.at_once and settings.threads is None:
        raise WorkloadError("at once needs a number of threads: each side is kept on cores of its own")
    return settings


@dataclass(frozen=True)
class PlannedCase:
    """One case and the variants that are measured side by side on it."""

    workload: str
    version: int
    case: dict[str, Any]
    size_name: str  # the parameter along which a crossover is sought; empty where there is none
    size: float
    variants: list[str]
    again: bool = False  # measured against itself too, in the places that are there for this
    work: dict[str, Any] | None = None  # of one call, as its workload declares it: the fields of `Work`
    tolerance: float | None = None  # relative error that is allowed in its dtype; None: none, or several

    @property
    def is_wide(self) -> bool:
        """Whether JAX computes with 64 bits, which it has to be told before it is imported."""
        return str(self.case.get("dtype", "")) in ("float64", "complex128", "int64", "uint64")


@dataclass(frozen=True)
class Place:
    """An environment to measure in. `asked`: package versions that must be found there, by name.

    again: the first environment a second time. What it differs by from itself is the noise floor.
    group: places of one group are sampled side by side, the first of them as their baseline.
    anchor: the baseline of its group, and the same environment in others: what makes groups comparable. Where there is
    one, each place is compared with the one before it, too. In a group after the first, `again` is an environment that
    an earlier group has as well.
    measures: only the variants of this library, `numpy` or `jax`; None: all of them.
    spec, track, builder, resolution: how it was asked for, under which name that resolves anew each night, what built
    it, and the record of every package from which it can be built again.
    contained: `python` stands for an interpreter in a container, as `Link` says.
    """

    name: str
    python: str  # the interpreter's path: never leaves this machine
    asked: dict[str, str] = dataclasses.field(default_factory=dict, hash=False)
    again: bool = False
    group: int = 0
    anchor: bool = False
    measures: str | None = None
    spec: str = ""
    track: str | None = None
    builder: str = "current"
    resolution: list[dict[str, Any]] = dataclasses.field(default_factory=list, hash=False)
    contained: bool = False

    def takes(self, case: PlannedCase) -> list[str]:
        """The variants of a case that are measured here."""
        return bundle.taken(case.variants, case_again=case.again, again=self.again, group=self.group, of=self.measures)


@dataclass(frozen=True)
class Block:
    """What is sampled side by side, as a block of an experiment's design: one case in the places of one group."""

    case: PlannedCase
    group: int = 0


@dataclass(frozen=True)
class Brought:
    """A workload's file from outside the suite. `path` never leaves this machine."""

    path: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Plan:
    """The whole of a run: cases in order, environments (the first is the baseline), settings, seed.

    brought: the files of workloads that are none of the suite, by the workload's name.
    left_out: what was asked for and cannot be measured, each with its reason.
    request: what was asked for, in the words of whoever asked; who asks it again goes on with this very plan, whatever
    it would come to by now. Empty: it is found by what it holds.
    """

    run: str  # UUID: the identity of the run that this plan is for
    suite: str
    cases: list[PlannedCase]
    places: list[Place]
    seed: int
    settings: Sampling = Sampling()
    platform: str | None = None  # JAX's device; None: the one JAX chooses
    brought: dict[str, Brought] = dataclasses.field(default_factory=dict)
    left_out: list[str] = dataclasses.field(default_factory=list)
    request: str = ""

    def public(self) -> dict[str, Any]:
        """The plan as the bundle carries it: without paths of this machine."""
        plan = dataclasses.asdict(self)
        plan["environments"] = [place["name"] for place in plan.pop("places")]  # described in the header
        for brought in plan["brought"].values():
            del brought["path"]
        for case in plan["cases"]:
            del case["work"]  # stands with each measurement
        return plan

    def blocks(self) -> list[Block]:
        """All of the run, in order: workload by workload, and of each workload one group of places after the other."""
        groups = sorted({place.group for place in self.places})
        return [
            Block(case, group)
            for _, cases in groupby(self.cases, key=lambda case: case.workload)
            for members in [list(cases)]
            for group in groups
            for case in members
            if self.variants_of(Block(case, group))
        ]

    def variants_of(self, block: Block) -> list[tuple[Place, str]]:
        """Who takes part in a block: each place of its group with the variants that are measured there."""
        here = [place for place in self.places if place.group == block.group]
        return [(place, variant) for place in here for variant in place.takes(block.case)]

    def file_of(self, workload: str) -> str | None:
        """Where a workload is declared; None for those of the suite."""
        return self.brought[workload].path if workload in self.brought else None


def read_plan(document: Mapping[str, Any]) -> Plan:
    """A plan from its JSON form (`dataclasses.asdict`)."""
    return Plan(
        run=document["run"],
        suite=document["suite"],
        cases=[PlannedCase(**case) for case in document["cases"]],
        places=[Place(**place) for place in document["places"]],
        seed=document["seed"],
        settings=Sampling(**document["settings"]),
        platform=document["platform"],
        brought={name: Brought(**brought) for name, brought in document.get("brought", {}).items()},
        left_out=list(document.get("left_out", [])),
        request=document.get("request", ""),
    )


def check_at_once(plan: Plan) -> Plan:
    """The same plan; WorkloadError where its sides cannot all have cores of their own, though it says so."""
    if not plan.settings.at_once:
        return plan
    for block in plan.blocks():
        needed = len(plan.variants_of(block)) * (plan.settings.threads or 1)
        if needed > machine.usable_cores():
            raise WorkloadError(
                f"at once needs {needed} cores for the sides of {block.case.workload}, and there are "
                f"{machine.usable_cores()}: choose fewer variants, environments or threads"
            )
    return plan


def with_again(plan: Plan, count: int) -> Plan:
    """`plan` with `count` of its cases measured against themselves too: other ones in each run, by its seed.

    For that the first environment gets a second place. What it differs by from itself is the noise floor.
    """
    if count <= 0 or any(place.again for place in plan.places):
        return plan
    chosen = set(random.Random(f"{plan.seed} again").sample(range(len(plan.cases)), min(count, len(plan.cases))))
    cases = [dataclasses.replace(case, again=number in chosen) for number, case in enumerate(plan.cases)]
    first = plan.places[0]
    places = [*plan.places, dataclasses.replace(first, name=f"{first.name} (again)", again=True)]
    return dataclasses.replace(plan, cases=cases, places=places)


def choose_cases(
    sizes_by_workload: Mapping[str, Iterable[float] | None],
    *,
    sizes: Iterable[float] | None = None,
    variants: Iterable[str] | None = None,
    dtypes: Iterable[str] | None = None,
    brought: Mapping[str, Declaration] | None = None,
) -> list[PlannedCase]:
    """The cases of some workloads. WorkloadError, naming what is known, for anything that is not.

    sizes_by_workload: sizes for each workload, None for its whole ladder.
    sizes, variants, dtypes: if given, only these; each must be one of at least one of the workloads, or the dtype
        `first`.
    brought: declarations of the workloads that are none of the suite.
    """
    wanted_sizes, wanted_variants, wanted_dtypes = (
        None if wanted is None else list(wanted) for wanted in (sizes, variants, dtypes)
    )
    known = [(brought or {}).get(name) or declaration.of(suite.load(name)) for name in sizes_by_workload]
    _check_known(wanted_variants, sorted({variant for one in known for variant in one.variants}), "variant")
    dtypes_known = sorted({dtype for one in known for dtype in one.dtypes})
    _check_known(wanted_dtypes, [*dtypes_known, declaration.FIRST], "dtype")
    known_sizes = sorted({size for one in known for size in one.sizes})
    for size in wanted_sizes or []:
        if size not in known_sizes:
            raise WorkloadError(f"no size {exact(size)} here. Known: " + ", ".join(map(exact, known_sizes)))

    chosen = []
    for one in known:
        ladder = one.cases_of(sizes_by_workload[one.name] if wanted_sizes is None else None, wanted_dtypes)
        for case in ladder:
            size = one.size(case)
            if wanted_sizes is None or size in wanted_sizes:
                names = [name for name in one.variants if wanted_variants is None or name in wanted_variants]
                work = one.work[one.cases.index(case)]
                tolerance = one.tolerance.get(str(case.get("dtype")))
                chosen.append(
                    PlannedCase(one.name, one.version, case, one.size_name, size, names, work=work, tolerance=tolerance)
                )
    return [case for case in chosen if case.variants]


def _check_known(wanted: Iterable[str] | None, known: Sequence[str], what: str) -> None:
    for name in wanted or []:
        if name not in known:
            raise WorkloadError(f"there is no {what} {name!r}. Known here: " + ", ".join(known))
