"""What a workload says of itself, as plain data: for plans, lists and pages, without its code."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workloads.workload import Work, Workload, WorkloadError, exact, size_of

#: What a bundle, and the database behind it, can hold.
MAX_NAME, MAX_CASE = 120, 1000

#: What operations can be measured against.
RESOURCES = ("matrix", "elementwise")

#: In the place of a dtype: whichever a workload has first, its usual one.
FIRST = "first"


@dataclass(frozen=True)
class Declaration:
    """A workload without its code.

    cases: the parameters of each. work: of each case, the fields of `workload.Work`, or None where it is not said.
    variants: the packages that each requires, by name.
    """

    name: str
    version: int
    summary: str
    expectation: str
    family: str
    stresses: list[str]
    situations: list[str]
    size_name: str  # the parameter along which a crossover is sought; empty where there is none
    variants: dict[str, list[str]]
    cases: list[dict[str, Any]]
    work: list[dict[str, Any] | None]
    tolerance: dict[str, float]  # relative error that is allowed, by dtype
    carry: int

    def size(self, case: Mapping[str, Any]) -> float:
        """The case's position on the size axis; 1 where the workload has none."""
        return size_of(case, self.size_name or None)

    @property
    def sizes(self) -> list[float]:
        """Every size once, in the ladder's order."""
        return list(dict.fromkeys(self.size(case) for case in self.cases))

    @property
    def dtypes(self) -> list[str]:
        """Every dtype once, in the ladder's order; empty where the cases have none."""
        return list(dict.fromkeys(case["dtype"] for case in self.cases if "dtype" in case))

    def cases_of(
        self, sizes: Iterable[float] | None = None, dtypes: Iterable[str] | None = None
    ) -> list[dict[str, Any]]:
        """The cases of these sizes and dtypes, in the ladder's order, or all.

        WorkloadError names a size that is not there. A case without a dtype is of every dtype; `first` among the dtypes
        means the one that comes first.
        """
        wanted = None if sizes is None else list(sizes)
        if dtypes is not None:
            dtypes = [*dtypes, *self.dtypes[:1]] if FIRST in dtypes else list(dtypes)
        for size in wanted or []:
            if not any(math.isclose(size, known) for known in self.sizes):
                raise WorkloadError(
                    f"{self.name} has no size {exact(size)}. Its sizes: " + ", ".join(map(exact, self.sizes))
                )
        return [
            case
            for case in self.cases
            if (wanted is None or any(math.isclose(self.size(case), size) for size in wanted))
            and (dtypes is None or case.get("dtype") in (None, *dtypes))
        ]


def of(workload: Workload) -> Declaration:
    """What a loaded workload says of itself. WorkloadError where a bundle could not hold it."""
    for name in (workload.name, workload.size or "", *workload.variants):
        if len(name) > MAX_NAME:
            raise WorkloadError(f"a name has at most {MAX_NAME} characters: {name[:40]}...")
    if any(len(json.dumps(case)) > MAX_CASE for case in workload.cases):
        raise WorkloadError(f"the parameters of a case are at most {MAX_CASE} characters long")
    return Declaration(
        name=workload.name,
        version=workload.version,
        summary=workload.summary,
        expectation=workload.expectation,
        family=workload.family,
        stresses=list(workload.stresses),
        situations=list(workload.situations),
        size_name=workload.size or "",
        variants={name: list(variant.requires) for name, variant in workload.variants.items()},
        cases=workload.cases,
        work=[plain_work(workload, case) for case in workload.cases],
        tolerance=workload.tolerance,
        carry=workload.carry,
    )


def plain_work(workload: Workload, case: Mapping[str, Any]) -> dict[str, Any] | None:
    """The work of one call as plain numbers; WorkloadError where it is none."""
    work = workload.work_of(case)
    if work is None:
        return None
    if not isinstance(work, Work) or work.resource not in RESOURCES:
        raise WorkloadError(f"the function of work must return a Work with a resource of {' or '.join(RESOURCES)}")
    for name in ("flops", "bytes_moved"):
        amount = getattr(work, name)
        if not (name == "flops" and amount is None) and not 0 < amount < math.inf:
            raise WorkloadError(f"{name} of a call must be a number greater than 0, not {amount!r}")
    flops = None if work.flops is None else float(work.flops)
    return {"flops": flops, "bytes_moved": float(work.bytes_moved), "resource": work.resource}
