"""Workloads from outside, before they are measured: what a file declares is asked in a process of its own.

Its code never runs in the process that plans a run: it may take for ever, end its process, or change what it imports.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workloads import outside, suite
from workloads.declaration import Declaration
from workloads.link import Link
from workloads.plan import Brought
from workloads.probes import ask, memory_bytes
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
        WorkloadError for a name that means several.
        """
        known = [*self.declared, *ladders]
        if names:
            meant = {one: None for name in names for one in self.meant(name, known)}
            return {name: ladders.get(name) for name in meant}
        if self.brought:
            return {name: None for name in self.declared if name not in self.installed}
        return {one: sizes for name, sizes in ladders.items() for one in self.meant(name, known)}

    def meant(self, name: str, known: Iterable[str]) -> list[str]:
        """The workloads that a name means; itself where it is unknown, so that whoever loads it says what is known."""
        held = [one for one in self.declared if one.partition(outside.MARK)[0] == name]
        if held and name in suite.names():
            raise WorkloadError(f"{name} is in the suite, and in a file too: say {held[0]} for that of the file")
        return named_by_users(name, known) or [name]


def bring(files: Iterable[Path] = (), *, packages: bool = False) -> Gathered:
    """The workloads of these files, and, if asked, those that installed packages offer."""
    wanted = dict.fromkeys(Path(file).absolute() for file in files)
    brought: dict[str, Brought] = {}
    declared: dict[str, Declaration] = {}
    left_out = []
    installed = set()
    offered, unusable = offers() if packages else ({}, [])
    for file in dict.fromkeys([*wanted, *offered]):
        try:
            declaration, brought_file = declared_in(file)
        except WorkloadError as error:
            left_out.append(f"{file.name}: {error}")
            continue
        brought[declaration.name], declared[declaration.name] = brought_file, declaration
        if file not in wanted:
            installed.add(declaration.name)
    return Gathered(brought, declared, left_out + unusable, frozenset(installed), bool(wanted))


def offers() -> tuple[dict[Path, str], list[str]]:
    """The files that installed packages offer, found without running any of their code; and what cannot be used."""
    found, unusable = {}, []
    for entry in importlib.metadata.entry_points(group=GROUP):
        path = module_file(entry.value)
        if path is None:
            unusable.append(f"{entry.value}: offered by an installed package, but no module in a file")
        else:
            found[path] = entry.value
    return found, unusable


def module_file(module: str) -> Path | None:
    """Where an installed module lies; None where there is no such file, or where it is a package."""
    top, *rest = module.split(".")
    spec = importlib.util.find_spec(top) if top.isidentifier() else None
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent.joinpath(*rest).with_suffix(".py") if rest else Path(spec.origin)
    return path if path.is_file() and path.stem != "__init__" else None


def declared_in(file: Path) -> tuple[Declaration, Brought]:
    """What a file declares. WorkloadError, in words that say what to mend, where that cannot be told."""
    outside.name_of(file)  # a file that is not there is better told without a process
    link = Link(sys.executable, label=f"loading {file.name}")
    try:
        answer = ask(link, LOADING_SECONDS, do="declare", file=str(file), memory_bytes=memory_bytes(None))
    finally:
        link.close()
    if answer["status"] != "ready":
        raise WorkloadError(explained(answer, file))
    return Declaration(**answer["declared"]), Brought(str(file), file.name, answer["sha256"])


def explained(answer: Mapping[str, Any], file: Path) -> str:
    """What went wrong while a file was loaded, and what to do about it where that is known."""
    reason = str(answer["reason"])
    if reason.startswith("WorkloadError: "):
        return reason.partition(": ")[2]
    if answer["status"] == "timed_out":
        return f"was still loading after {LOADING_SECONDS:g} s: what stands at the top of a file runs when it is loaded"
    absent = re.match(r"ModuleNotFoundError: No module named '([\w.]+)'", reason)
    if absent and (file.with_name(f"{absent[1]}.py").exists() or file.with_name(absent[1]).is_dir()):
        return f"{absent[0]}; a workload is one file, and what lies beside it cannot be imported: put it in"
    if absent:
        return f"{absent[0]}; import it inside the variant that needs it, and name it there: requires=[...]"
    return reason


def named_by_users(name: str, known: Iterable[str]) -> list[str]:
    """Of the `known` workloads those that somebody means by `name`: itself, or a file's name without its content."""
    exact = [one for one in known if one == name]
    return exact or [one for one in dict.fromkeys(known) if one.partition(outside.MARK)[0] == name]
