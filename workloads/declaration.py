"""What a workload says of itself, as plain data: for plans, lists and pages, without its code."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workloads.workload import Workload, WorkloadError, exact, size_of


@dataclass(frozen=True)
class DeclaredCase:
    """One case: its parameters, its place on the size axis, and the work of a call (see `workload.Work`) if declared."""

    case: dict[str, Any]
    size: float
    work: dict[str, Any] | None


@dataclass(frozen=True)
class Declaration:
    """A workload without its code. `file`: where it is declared on this machine; None for those of the suite."""

    name: str
    version: int
    summary: str
    expectation: str
    family: str
    stresses: list[str]
    situations: list[str]
    size_name: str  # empty where there is only one size
    variants: dict[str, list[str]]  # the packages that each requires
    cases: list[DeclaredCase]
    file: str | None = None
