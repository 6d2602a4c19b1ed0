"""Workloads from outside, before they are measured: what a file declares is asked in a process of its own.

Its code never runs in the process that plans a run: it may take for ever, end its process, or change what it imports.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workloads import outside
from workloads.declaration import Declaration
from workloads.link import Link
from workloads.plan import Brought
from workloads.probes import ask
from workloads.workload import WorkloadError

#: Longest time that a file may take to be loaded.
LOADING_SECONDS = 30.0

#: The entry points by which an installed package offers its workloads: `name = package.module`.
GROUP = "crossover.workloads"


@dataclass(frozen=True)
class Gathered:
    """Workloads from outside, by name, and what could not be used of them, each file with its reason."""

    files: dict[str, Brought] = field(default_factory=dict)
    declared: dict[str, Declaration] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    installed: frozenset[str] = frozenset()  # which of them belong to installed packages
    brought: bool = False  # whether somebody named files

    def choose(self, names: Sequence[str], ladders: Mapping[str, Any]) -> dict[str, Any]:
        """Sizes by workload: of those that are named; else of the files that were brought; else all of `ladders`.

        names: a file's own name means the workload that it holds. ladders: the sizes that a suite chooses.
        """
        known = [*self.declared, *ladders]
        if names:
            meant = {one: None for name in names for one in named_by_users(name, known) or [name]}
            return {name: ladders.get(name) for name in meant}
        if self.brought:
            return {name: None for name in self.declared if name not in self.installed}
        return {one: sizes for name, sizes in ladders.items() for one in named_by_users(name, known) or [name]}


def bring(files: Iterable[Path] = (), *, packages: bool = False) -> Gathered:
    """The workloads of these files, and, if asked, those that installed packages offer."""
    files = [Path(file).absolute() for file in files]
    found = Gathered()
    offered: dict[Path, str] = {}
    if packages:
        for entry in importlib.metadata.entry_points(group=GROUP):
            path = module_file(entry.value.partition(":")[0])
            if path is None:
                found.left_out.append(f"{entry.value}: an installed package offers it, and it has no such module")
            else:
                offered[path] = entry.value
    installed = set()
    for file in dict.fromkeys([*files, *offered]):
        try:
            declaration = declared_in(file)
        except WorkloadError as error:
            found.left_out.append(f"{file.name}: {error}")
            continue
        name = declaration.name
        found.files[name] = Brought(str(file), file.name, hashlib.sha256(file.read_bytes()).hexdigest())
        found.declared[name] = declaration
        if file in offered and file not in files:
            installed.add(name)
    return Gathered(found.files, found.declared, found.left_out, frozenset(installed), bool(files))


def module_file(module: str) -> Path | None:
    """Where an installed module lies, found without running any of its package's code; None where it does not."""
    top, *rest = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin) if not rest else Path(spec.origin).parent.joinpath(*rest).with_suffix(".py")
    return path if path.is_file() else None


def declared_in(file: Path) -> Declaration:
    """What a file declares. WorkloadError, in words that say what to mend, where that cannot be told."""
    outside.name_of(file)  # a file that is not there is better told without a process
    link = Link(sys.executable, label=f"loading {file.name}")
    try:
        answer = ask(link, LOADING_SECONDS, do="declare", file=str(file))
    finally:
        link.close()
    if answer["status"] != "ready":
        raise WorkloadError(explained(answer))
    return Declaration(**answer["declared"])


def explained(answer: Mapping[str, Any]) -> str:
    """What went wrong while a file was loaded, and what to do about it where that is known."""
    reason = str(answer["reason"])
    if reason.startswith("WorkloadError: "):
        return reason.partition(": ")[2]
    if answer["status"] == "timed_out":
        return f"was still loading after {LOADING_SECONDS:g} s: what stands at the top of a file runs when it is loaded"
    if reason.startswith("ModuleNotFoundError"):
        return f"{reason}; import it inside the variant that needs it, and name it there: requires=[...]"
    return reason


def named_by_users(name: str, known: Iterable[str]) -> list[str]:
    """Of the `known` workloads those that somebody means by `name`: itself, or a file's name without its content."""
    exact = [one for one in known if one == name]
    return exact or [one for one in dict.fromkeys(known) if one.partition(outside.MARK)[0] == name]
