"""History from released wheels: the environments of a backfill, in groups that share an anchor.

Two axes, not a grid: NumPy's variants in every NumPy release, JAX's in every JAX release with what fitted it on the day
after it appeared. Of each axis the newest release is the anchor: it is measured beside every group of the others, so
that a ratio to it means the same in all of them. Groups overlap by one release: each is sampled beside the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from flows import environments
from flows.environments import registry
from flows.environments.registry import Release
from flows.environments.spec import EnvironmentSpecError, Spec
from flows.environments.uv import DiskFull, RegistryAway
from flows.home import Home
from workloads.plan import Place

Say = Callable[[str], None]

LIBRARIES = ("numpy", "jax")


@dataclass(frozen=True)
class Axis:
    """The releases of one library, the oldest first."""

    library: str
    releases: Sequence[Release]


def axes(ranges: dict[str, str | None], *, minor: bool) -> list[Axis]:
    """The releases that `ranges` mean, by library. EnvironmentSpecError where none is asked for, or one has none."""
    asked = {library: text for library, text in ranges.items() if text}
    if not asked:
        raise EnvironmentSpecError("say which releases: --numpy 1.26..2.4, --jax 0.4.18..0.10, or both")
    return [
        Axis(library, registry.chosen(library, text, registry.releases(library), minor=minor))
        for library, text in asked.items()
    ]


def build(axis: Axis, python: str | None, home: Home, say: Say) -> tuple[list[Place], list[str]]:
    """The environments of an axis, and which releases are left out because they cannot be built, and why."""
    places, left_out = [], []
    for release in axis.releases:
        name = f"{axis.library}=={release.version}"
        as_of = release.day_after if axis.library == "jax" else None
        asked = environments.Asked(Spec({axis.library: name}, python), as_of, name=name)
        try:
            place = environments.build(asked, home, say)
        except (environments.MissingInterpreter, RegistryAway, DiskFull):  # then none of the others can be built either
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
