"""Workloads from outside: files that somebody brings, loaded where they are measured and named by their content."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from functools import lru_cache
from pathlib import Path

from workloads.workload import Workload, WorkloadError, named

#: Between a file's own name and the beginning of its SHA-256: no workload of the suite can have it in its name.
MARK = "@"
DIGITS = 8


def name_of(path: Path) -> str:
    """`my.py` as `my@1a2b3c4d`: another content is another workload, so that two are never taken for one."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WorkloadError(f"cannot read {path} ({error.strerror})") from None
    return f"{path.stem}{MARK}{hashlib.sha256(content).hexdigest()[:DIGITS]}"


@lru_cache  # a probe is asked for one case after the other
def load(file: str, expected: str | None = None) -> Workload:
    """The workload that a file declares; runs its code.

    expected: the name it must have, so that a file that was edited meanwhile is not measured under its old name.
    WorkloadError where it has no `workload`, or one that cannot be measured; whatever else the file raises passes.
    """
    path = Path(file)
    name = name_of(path)
    if expected is not None and name != expected:
        raise WorkloadError(f"{path.name} was changed since this run was planned: it is now {name}, not {expected}")
    spec = importlib.util.spec_from_file_location(f"crossover_workload_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise WorkloadError(f"{path.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickles look their module up there
    spec.loader.exec_module(module)
    workload = getattr(module, "workload", None)
    if not isinstance(workload, Workload):
        raise WorkloadError(f"{path.name} declares no workload: it needs a line `workload = Workload(...)`")
    return named(workload, name, module.__doc__)
