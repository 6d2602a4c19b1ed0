"""From a spec to a place to measure in: resolved, built, with what its probe will have to find."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.environments import interpreters, uv_builder
from flows.environments.interpreters import Interpreter
from flows.environments.resolution import Resolution, of_record, resolve
from flows.environments.spec import EnvironmentSpecError, Spec
from flows.environments.uv import RegistryAway
from flows.home import Home
from workloads.environment import PLUGINS
from workloads.plan import Place

CURRENT = "current"

#: Of an environment's name; a longer one is shortened, because a bundle has no room for it.
MOST_CHARACTERS = 90

Say = Callable[[str], None]


def current() -> Place:
    """The interpreter that this runs in, as it is."""
    return Place(CURRENT, sys.executable)


@dataclass(frozen=True)
class Asked:
    """One environment as it is asked for.

    as_of: resolve as on that day. prereleases: take them too. name: what the place is called; None: its versions.
    track: the slot of crossover.toml that this is. builder: uv, or docker for containers. record: of an environment
    that is to be built as it was; nothing is resolved then.
    """

    spec: Spec
    as_of: date | None = None
    prereleases: bool = False
    name: str | None = None
    track: str | None = None
    builder: str = "uv"
    record: Sequence[Mapping[str, Any]] = ()

    @property
    def text(self) -> str:
        return f"{self.spec.name} as of {self.as_of}" if self.as_of else self.spec.name


def build(asked: Asked, home: Home, say: Say = lambda _: None) -> Place:
    """The environment, resolved and built unless it is there already.

    EnvironmentSpecError where it cannot be resolved or installed, MissingInterpreter where this machine has no such
    Python.
    """
    find, make = builder(asked.builder)
    interpreter = find(asked.spec.python)
    resolution = of_record(asked.record) if asked.record else resolved(asked, interpreter, home, say)
    devices = [package.name for package in resolution.packages if package.name.startswith(PLUGINS)]
    if devices and asked.builder == "docker":
        raise EnvironmentSpecError(f"{asked.text}: a container sees no accelerator ({devices[0]}): build it with uv")
    name = asked.name or named(asked.spec, resolution) + ("" if asked.builder == "uv" else f" ({asked.builder})")
    folder = make(resolution, interpreter, home.environments, name, say)
    return Place(
        name,
        str(folder / "bin" / "python"),
        {**resolution.asked, "python": interpreter.version},
        spec=asked.text,
        track=asked.track,
        builder=asked.builder,
        resolution=resolution.record,
        contained=asked.builder == "docker",
    )


def asked_again(name: str, python: str, builder: str, record: Sequence[Mapping[str, Any]]) -> Asked:
    """An environment of an earlier run, by its record alone; EnvironmentSpecError where the run kept none."""
    if not record:
        raise EnvironmentSpecError(f"{name} cannot be built again: it was the one that Crossover ran in, as it was")
    requirements = {package["name"]: f"{package['name']}=={package['version']}" for package in record}
    return Asked(Spec(requirements, python or None), name=name, builder=builder, record=tuple(record))


def builder(name: str) -> tuple[Callable[..., Interpreter], Callable[..., Path]]:
    """How a builder finds an interpreter of a version, and how it builds an environment for that.

    What two builders make of one spec is told apart by the description that their probes give: it holds the very build
    of Python, which for docker is that of the base image. The bundle says which builder it was.
    """
    if name == "docker":
        from flows.environments import docker_builder  # its SDK takes a while to import

        return docker_builder.find, docker_builder.build
    return interpreters.find, uv_builder.build


def rebuild(place: Place, home: Home, say: Say = lambda _: None) -> None:
    """See that the environment of a place is there, from its own record: it may have been pruned since."""
    if place.builder == CURRENT:
        return
    find, make = builder(place.builder)
    interpreter = find(place.asked["python"])
    folder = make(of_record(place.resolution), interpreter, home.environments, place.name, say)
    if folder != Path(place.python).parent.parent:
        raise EnvironmentSpecError(f"{place.name} cannot be built as it was: Python {interpreter.version} has changed")


def needed_by(plans: list[list[Place]]) -> list[Path]:
    """The folders of environments that unfinished runs go on with."""
    return [Path(place.python).parent.parent for places in plans for place in places if place.builder != CURRENT]


def resolved(asked: Asked, interpreter: Interpreter, home: Home, say: Say) -> Resolution:
    """What a spec comes to. Exact versions, and what was asked for as of a day, are resolved once and remembered.

    Anything else is resolved anew each time; without a registry it is what it was the last time, and that is said.
    """
    question = [asked.text, interpreter.version, interpreter.platform, asked.prereleases]
    key = hashlib.sha256(json.dumps(question).encode()).hexdigest()[:16]
    record = home.environments / "resolved" / f"{key}.json"
    if (asked.spec.is_exact or asked.as_of) and record.exists():
        return remembered(record)
    try:
        found = resolve(asked.spec, interpreter, as_of=asked.as_of, prereleases=asked.prereleases)
    except RegistryAway as error:
        if not record.exists():
            raise
        say(f"{error}; taking what it was the last time")
        return remembered(record)
    record.parent.mkdir(exist_ok=True)
    new = record.with_suffix(f".{uuid.uuid4()}")  # others may ask for the same at the same time
    new.write_text(json.dumps(found.record, indent=1))
    os.replace(new, record)
    return found


def remembered(record: Path) -> Resolution:
    """EnvironmentSpecError where the record is damaged."""
    try:
        return of_record(json.loads(record.read_text()))
    except (OSError, ValueError) as error:
        raise EnvironmentSpecError(f"cannot read {record} ({error}): remove it, and it is made anew") from None


def named(spec: Spec, resolution: Resolution) -> str:
    """What was asked for by the versions that it came to: `numpy==2.4.3,jax[cuda13]==0.9.2`."""
    versions = {package.name: package.version for package in resolution.packages}
    python = [f"python=={spec.python}"] if spec.python else []
    whole = ",".join([*(f"{label}=={versions[name]}" for name, label in spec.labels.items()), *python])
    if len(whole) <= MOST_CHARACTERS:
        return whole
    telling = [f"{name}=={versions[name]}" for name in ("numpy", "jax") if name in spec.requirements]
    return ",".join([*telling, *python, hashlib.sha256(whole.encode()).hexdigest()[:8]])
