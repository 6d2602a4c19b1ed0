"""The workloads that ship with Crossover: one file, one workload. A new file in this folder is found by itself."""

from __future__ import annotations

import importlib
import pkgutil

from workloads.workload import REFERENCE, Workload, WorkloadError


def names() -> list[str]:
    """Every workload's name, in alphabetical order, without importing any of them."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> Workload:
    """The workload of this name; WorkloadError names the nearest ones where there is none."""
    if name not in names():
        raise WorkloadError(f"there is no workload {name!r}. Known: " + ", ".join(names()))
    module = importlib.import_module(f"{__name__}.{name}")
    workload: Workload = module.workload
    if REFERENCE not in workload.variants:
        raise WorkloadError(f"{name} has no variant {REFERENCE!r} to compare the others with")
    workload.name = name
    workload.summary = (module.__doc__ or "").strip().partition("\n")[0]
    return workload
