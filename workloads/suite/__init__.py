"""The workloads that ship with Crossover: one file, one workload. A new file in this folder is found by itself."""

from __future__ import annotations

import importlib
import pkgutil

from workloads.workload import Workload, WorkloadError, named, nearest


def names() -> list[str]:
    """Every workload's name, in alphabetical order, without importing any of them."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> Workload:
    """The workload of this name; WorkloadError names the nearest ones where there is none."""
    if name not in names():
        raise WorkloadError(f"there is no workload {name!r}.{nearest(name, names())} Known: " + ", ".join(names()))
    module = importlib.import_module(f"{__name__}.{name}")
    return named(module.workload, name, module.__doc__)
