"""How a machine is set up, as far as it moves numbers: governor, turbo, hyper-threading, clock source, neighbours."""

from __future__ import annotations

import contextlib
import glob
import os
from typing import Any


def describe() -> dict[str, Any]:
    """What the system says of itself; what it does not say is left out. Linux; almost nothing elsewhere."""
    found = {
        "governor": _text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "turbo": _turbo(),
        "hyper_threading": _flag("/sys/devices/system/cpu/smt/active"),
        "isolated_cores": _text("/sys/devices/system/cpu/isolated"),
        "clock_source": _text("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        "huge_pages": _chosen("/sys/kernel/mm/transparent_hugepage/enabled"),
        "virtual": _is_virtual(),
        "swap_used_bytes": _swap_used(),
        "battery": _on_battery(),
        "usable_cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def _text(path: str) -> str | None:
    with contextlib.suppress(OSError), open(path) as file:
        return file.read().strip()
    return None


def _flag(path: str) -> bool | None:
    return {"0": False, "1": True}.get(_text(path) or "")


def _chosen(path: str) -> str | None:
    """Of `always [madvise] never`, the one in brackets."""
    return (_text(path) or "").partition("[")[2].partition("]")[0] or None


def _turbo() -> bool | None:
    boost = _flag("/sys/devices/system/cpu/cpufreq/boost")
    if boost is not None:
        return boost
    off = _flag("/sys/devices/system/cpu/intel_pstate/no_turbo")
    return None if off is None else not off


def _is_virtual() -> bool | None:
    flags = next((line for line in (_text("/proc/cpuinfo") or "").splitlines() if line.startswith("flags")), None)
    return None if flags is None else " hypervisor" in flags


def _swap_used() -> int | None:
    sizes = dict(line.split(":", 1) for line in (_text("/proc/meminfo") or "").splitlines() if ":" in line)
    if "SwapTotal" not in sizes:
        return None
    return (int(sizes["SwapTotal"].split()[0]) - int(sizes["SwapFree"].split()[0])) * 1024


def _on_battery() -> bool | None:
    mains = [_flag(path) for path in glob.glob("/sys/class/power_supply/A*/online")]
    return None if not mains else not any(mains)
