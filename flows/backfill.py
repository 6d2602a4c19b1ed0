"""History from released wheels: the environments of a backfill, in groups that share an anchor.

Two axes, not a grid: NumPy's variants in every NumPy release, JAX's in every JAX release with what fitted it on the day
after it appeared. Of each axis the newest release is the anchor: it is measured beside every group of the others, so
that a ratio to it means the same in all of them. Groups overlap by one release: each is sampled beside the one before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from flows import core, environments, unfinished
from flows.environments import registry
from flows.environments.registry import Release
from flows.environments.spec import EnvironmentSpecError, Spec
from flows.home import Home
from flows.lock import BUILDING, machine_lock
from flows.measure import load_plan
from flows.settings import Settings
from workloads.plan import Place, Plan

Say = Callable[[str], None]

LIBRARIES = ("numpy", "jax")
PASSING = (environments.RegistryAway, environments.DiskFull)


@dataclass(frozen=True)
class Request:
    """What a backfill is asked for, in the words of whoever asks: the same request goes on with its unfinished run.

    numpy, jax: releases, such as 1.26..2.4. minor: only the last of each minor release. group: new releases that are
    sampled side by side. The rest as in `core.Choice`.
    """

    numpy: str | None = None
    jax: str | None = None
    minor: bool = False
    python: str | None = None
    suite: str = "history"
    workloads: tuple[str, ...] = ()
    sizes: tuple[float, ...] = ()
    variants: tuple[str, ...] = ()
    group: int = 6

    @property
    def text(self) -> str:
        return json.dumps({"backfill": asdict(self)})

    @property
    def choice(self) -> core.Choice:
        return core.Choice(self.suite, workloads=self.workloads, sizes=self.sizes, variants=self.variants)


def planned(
    request: Request, home: Home, settings: Settings, say: Say, *, run: str | None = None, dry_run: bool = False
) -> tuple[Plan, Path]:
    """The plan of a backfill, and where its bundle is: that of its unfinished run, or a new one.

    run: the identity of a new one; none: one that nobody has. dry_run: a plan that is not kept, and whose bundle will
    not be written.
    """
    core.check(request.choice, settings)
    path = None if dry_run else begun(request.text, home, say)
    if path:
        return load_plan(path), path
    places, left_out = build_all(request, home, say)
    plan = replace(core.make_plan(request.choice, settings, places, run=run, left_out=left_out), request=request.text)
    return plan, Path() if dry_run else unfinished.start_bundle(plan, home)


@dataclass(frozen=True)
class Axis:
    """The releases of one library, the oldest first."""

    library: str
    releases: Sequence[Release]


def axes(ranges: dict[str, str | None], home: Home, say: Say, *, minor: bool) -> list[Axis]:
    """The releases that `ranges` mean, by library. EnvironmentSpecError where none is asked for, or one has none."""
    asked = {library: text for library, text in ranges.items() if text}
    if not asked:
        raise EnvironmentSpecError("say which releases: --numpy 1.26..2.4, --jax 0.4.18..0.10, or both")
    folder = home.environments / "releases"
    return [
        Axis(library, registry.chosen(library, text, registry.known_releases(library, folder, say), minor=minor))
        for library, text in asked.items()
    ]


def begun(request: str, home: Home, say: Say) -> Path | None:
    """The unfinished bundle of the same request, its environments seen to; None where there is none to go on with."""
    path = unfinished.unfinished_for(request, home)
    if path is None:
        return None
    try:
        unfinished.see_environments(path, home, say)
    except PASSING:
        raise
    except EnvironmentSpecError as error:
        say(f"cannot go on with {path.name}, so from the start: {error}")
        return None
    say(f"going on with {path.name}")
    return path


def build_all(request: Request, home: Home, say: Say) -> tuple[list[Place], list[str]]:
    """The places of all libraries that are asked for, in groups, and what is left out, with the reason."""
    ranges = {"numpy": request.numpy, "jax": request.jax}
    places: list[Place] = []
    left_out: list[str] = []
    for axis in axes(ranges, home, say, minor=request.minor):
        built, lacking = build(axis, request.python, home, say)
        groups = 1 + max((place.group for place in places), default=-1)
        places += grouped(built, request.group, groups)
        left_out += lacking
    return places, left_out


def build(axis: Axis, python: str | None, home: Home, say: Say) -> tuple[list[Place], list[str]]:
    """The environments of an axis, and which releases are left out because they cannot be built, and why."""
    places, left_out = [], []
    for release in axis.releases:
        name = f"{axis.library}=={release.version}"
        as_of = release.day_after if axis.library == "jax" else None
        asked = environments.Asked(Spec({axis.library: name}, python), as_of, name=name)
        try:
            with machine_lock(BUILDING, say=say):
                place = environments.build(asked, home, say)
        except (environments.MissingInterpreter, *PASSING):  # then none of the others can be built either
            raise
        except EnvironmentSpecError as error:
            left_out.append(str(error))
            say(f"left out: {error}")
        else:
            places.append(replace(place, measures=axis.library))
    if not places:
        raise EnvironmentSpecError(f"no release of {axis.library} can be built: {left_out[-1]}")
    return places, left_out


def grouped(places: Sequence[Place], size: int, first_group: int = 0) -> Iterator[Place]:
    """The places of one axis in groups of at most `size` new ones beside the anchor, which is the newest.

    The anchor stands first in each group. After it comes, in groups after the first, the last of the group before, so
    that every release is sampled beside the one before it. What is there again has a name of its own.
    """
    *others, anchor = places
    anchor = replace(anchor, anchor=True)
    chunks = [others[start : start + size] for start in range(0, len(others), size)] or [[]]
    for number, chunk in enumerate(chunks):
        group = first_group + number
        shared = [anchor, chunks[number - 1][-1]] if number else [anchor]
        for place in shared:
            again = {"name": f"{place.name} (group {number + 1})", "again": True} if number else {}
            yield replace(place, group=group, **again)
        for place in chunk:
            yield replace(place, group=group)
