"""The folder of built environments: one folder each, named by its content, with a lock beside it.

An environment is there if and only if it has its marker, which is written last: a build that was cut short is never
used. The marker says what was built; when it was touched last is when the environment was used last.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARKER = "built.json"
STARTING_SECONDS = 3600
DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class Kept:
    """One built environment. Sizes are of its files, in bytes; hard links to uv's cache count in full."""

    folder: Path
    spec: str
    python: str
    packages: list[dict[str, Any]]
    build_seconds: float
    size_bytes: int
    used_at: float  # seconds since the epoch
    image: str | None = None  # where the environment is in an image, whose size it then is

    @property
    def key(self) -> str:
        return self.folder.name


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else builds or removes `folder` meanwhile; waits for whoever does."""
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_built(folder: Path) -> bool:
    """Whether there is a whole environment whose interpreter is still there."""
    return (folder / MARKER).is_file() and (folder / "bin" / "python").exists()


def mark(folder: Path, spec: str, python: str, packages: list[dict[str, Any]], build_seconds: float) -> None:
    """Say that `folder` is whole, with the environment in it."""
    size = sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
    mark_as(Kept(folder, spec, python, packages, build_seconds, size, used_at=0.0))


def mark_as(one: Kept) -> None:
    """Say of a folder that it is whole, and what it stands for."""
    folder, document = (
        one.folder,
        {name: value for name, value in vars(one).items() if name not in ("folder", "used_at")},
    )
    with open(folder / MARKER, "w") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def use(folder: Path) -> None:
    """Note that an environment is used now."""
    (folder / MARKER).touch()


def all_in(folder: Path) -> list[Kept]:
    """What has been built under `folder`, the last used first."""
    found = []
    for marker in folder.glob(f"*/{MARKER}"):
        with contextlib.suppress(OSError, ValueError):  # removed meanwhile, or cut off: not there
            found.append(Kept(marker.parent, used_at=marker.stat().st_mtime, **json.loads(marker.read_text())))
    return sorted(found, key=lambda one: one.used_at, reverse=True)


def prune(folder: Path, *, days: float, most_bytes: float, needed: Iterable[Path] = ()) -> list[Kept]:
    """Remove what was not used for `days`, then the longest unused until the rest is no larger than `most_bytes`.

    needed: environments that stay whatever their age; so does what somebody builds just now, or has asked for in the
    last hour: a run may be about to start there. What a killed build left behind goes too. Returns what was removed.
    """
    needed, removed, found = set(needed), [], all_in(folder)
    kept_bytes = sum(one.size_bytes for one in found)
    for one in reversed(found):  # the longest unused first
        unused = time.time() - one.used_at
        too_old = unused > days * DAY_SECONDS
        if (
            one.folder not in needed
            and unused > STARTING_SECONDS
            and (too_old or kept_bytes > most_bytes)
            and remove(one.folder)
        ):
            removed.append(one)
            kept_bytes -= one.size_bytes
    for lock in folder.glob("*.lock"):
        rest = lock.with_suffix("")
        if rest.is_dir() and not (rest / MARKER).exists():
            remove(rest)
    return removed


def remove(folder: Path) -> bool:
    """Remove an environment, its marker first, so that half of it is never used. False: it is being built now."""
    with open(folder.with_suffix(".lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        (folder / MARKER).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
    return True
