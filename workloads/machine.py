"""Describe the computer that this runs on, and the load that others put on it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import socket
from typing import Any

from workloads import conditions


def describe(name: str | None = None) -> dict[str, Any]:
    """The machine by nickname (default: its host name) with its fingerprint: what has to be equal to be the same."""
    hardware = {
        "processor": processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(memory_bytes() / 2**30),
    }
    return {
        "name": nickname(name or socket.gethostname()),
        "fingerprint": hashlib.sha256(json.dumps(hardware, sort_keys=True).encode()).hexdigest()[:16],
        **hardware,
        "memory_bytes": memory_bytes(),
        "system": platform.system(),
        "kernel": platform.release(),
        "conditions": conditions.describe(),
    }


def nickname(text: str) -> str:
    """A machine's name as it stands in links and queue names: lower case, digits and dashes, at most 40 characters."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "machine"


def processor() -> str:
    """The processor's model as the system names it."""
    try:
        with open("/proc/cpuinfo") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def memory_bytes() -> int:
    """Physical memory; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0


def usable_memory_bytes() -> int:
    """Memory that processes started here may have in sum: the machine's, or less where a container has a limit."""
    limits = [memory_bytes()]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError), open(path) as file:  # `max` is no number
            limits.append(int(file.read()))
    return min(limits)


def usable_cores() -> int:
    """Cores that this process may run on: what both libraries take as their number of threads."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1


def affinity() -> list[int]:
    """The cores that this process may run on, by number; empty where the system does not say."""
    try:
        return sorted(os.sched_getaffinity(0))
    except AttributeError:
        return []


def cores_of(draw: int, threads: int | None) -> list[int] | None:
    """The cores that the probes of a draw are kept on: other ones for each draw, so that none decides alone.

    None where they may use all that there are.
    """
    if threads is None:
        return None
    cores = affinity()
    return [cores[(draw * threads + position) % len(cores)] for position in range(min(threads, len(cores)))]


def load() -> float | None:
    """Processes running or waiting, averaged over the last minute; None where the system does not say."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None
