"""Which processes are there, read from /proc: no package is needed for it, and nothing is missed."""

from __future__ import annotations

import os
import time
from pathlib import Path


def processes_of(mark: str | Path) -> list[int]:
    """The living processes, other than this one, whose command line or environment holds `mark`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        try:
            told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:  # gone, or somebody else's
            continue
        if str(mark).encode() in told:
            found.append(int(folder.name))
    return found


def remaining(mark: str | Path, seconds: float = 10.0) -> list[int]:
    """Those of `processes_of` that do not end within a while: what was killed needs a moment to give up its memory."""
    end = time.monotonic() + seconds
    while (found := processes_of(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    return found
