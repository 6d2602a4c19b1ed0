"""A process's memory: its limit, its peak, and whether the kernel killed for want of it, where the system says so."""

from __future__ import annotations

import contextlib
import resource
import sys

#: What libraries say before they end because they got no memory.
WORDS = ("RESOURCE_EXHAUSTED", "out of memory", "bad_alloc", "Cannot allocate memory", "MemoryError")


def limit(size_bytes: int | None) -> None:
    """Refuse this process more data than this, and let the kernel end it first when the machine itself runs short.

    RLIMIT_DATA counts what may be written to, not what XLA merely reserves: RLIMIT_AS would count both.
    """
    with contextlib.suppress(OSError):  # else the kernel might choose whoever started this
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    if size_bytes is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = size_bytes if hard == resource.RLIM_INFINITY else min(size_bytes, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def reset_peak() -> None:
    """Forget the peak of earlier cases, where Linux lets a process do that."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def peak_bytes() -> int:
    """Largest resident memory that this process has had since `reset_peak`, or in its life where that fails.

    From /proc where there is one: what `getrusage` says begins with the peak of the process that started this one.
    """
    with contextlib.suppress(OSError), open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def kills() -> int:
    """How many processes the kernel has killed for want of memory since it started; 0 where it does not say."""
    with contextlib.suppress(OSError), open("/proc/vmstat") as lines:
        for line in lines:
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
