"""Workloads from outside: files that somebody brings, loaded where they are measured and named by their content."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from workloads.workload import Workload, WorkloadError, named

#: Between a file's own name and the beginning of its SHA-256: no workload of the suite can have it in its name.
MARK = "@"
DIGITS = 8


def name_of(path: Path) -> str:
    """`my.py` as `my@1a2b3c4d`: another content is another workload, so that two are never taken for one."""
    return _named(path, content_of(path))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(content_of(path)).hexdigest()


def content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WorkloadError(f"cannot be read ({error.strerror})") from None


@lru_cache  # a probe is asked for one case after the other
def load(file: str, expected: str | None = None) -> Workload:
    """The workload that a file declares; runs its code.

    expected: the name it must have, so that a file that was edited meanwhile is not measured under its old name.
    WorkloadError where it has no `workload`, or one that cannot be measured; whatever else the file raises passes.
    """
    path = Path(file)
    content = content_of(path)
    name = _named(path, content)
    if expected is not None and name != expected:
        raise WorkloadError(f"{path.name} was changed since this run was planned: it is now {name}, not {expected}")
    module = ModuleType(f"crossover_workload_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses and pickles look their module up there
    # what runs is what was hashed: an import would read the file again, or what is left of an older one
    exec(compile(content, path.name, "exec"), module.__dict__)
    workload = getattr(module, "workload", None)
    if not isinstance(workload, Workload):
        raise WorkloadError("declares no workload: it needs a line `workload = Workload(...)`")
    return named(workload, name, module.__doc__)


def _named(path: Path, content: bytes) -> str:
    return f"{path.stem}{MARK}{hashlib.sha256(content).hexdigest()[:DIGITS]}"
