"""What the machine did while a case was sampled: load, others' work, steal, switches, frequency, throttling.

Kept with every measurement. A measurement that was taken while others worked, while the hypervisor took the processor
away or while it was throttled is marked as disturbed: it stays, and says so.
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Iterable
from typing import Any

from workloads import accelerator, machine

#: From this share of the machine's cores on, what others used counts as a disturbance.
OTHERS_SHARE = 0.1

#: From this share of the time on, what the hypervisor gave to others counts as one.
STEAL_SHARE = 0.02

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


class Watch:
    """Sums up the spans between `begin` and `end`; only those count, not what lies between them."""

    def __init__(self) -> None:
        self._before: dict[str, float] = {}
        self._sums: dict[str, float] = {}
        self._load = machine.load()

    def begin(self, processes: Iterable[int]) -> None:
        """processes: identities of the probes, whose own work disturbs nobody."""
        self._processes = [*processes, os.getpid()]
        self._before = counters(self._processes)

    def end(self) -> None:
        after = counters(self._processes)
        for name in self._before.keys() & after.keys():
            self._sums[name] = self._sums.get(name, 0.0) + after[name] - self._before[name]

    def found(self) -> dict[str, Any]:
        """The state as the bundle keeps it; what the system does not say is not in it."""
        state: dict[str, Any] = {"load": self._load, "core_mhz": core_mhz(), **accelerator.state()}
        total = self._sums.get("total_seconds", 0.0)
        if total > 0:
            cores = os.cpu_count() or 1
            others = max(0.0, self._sums["busy_seconds"] - self._sums["own_seconds"])
            state["others_cores"] = round(cores * others / total, 3)
            state["steal_share"] = round(self._sums["steal_seconds"] / total, 4)
        for name in ("throttled", "memory_kills"):
            if name in self._sums:
                state[name] = int(self._sums[name])
        return {name: value for name, value in state.items() if value is not None}


def disturbance(state: dict[str, Any]) -> str:
    """Why this was no quiet machine, in a few words; empty where it was one, or where nothing is known."""
    reasons = []
    others = state.get("others_cores", 0.0)
    if others > OTHERS_SHARE * (os.cpu_count() or 1):
        reasons.append(f"others used {others:.1f} of {os.cpu_count()} cores")
    if state.get("steal_share", 0.0) > STEAL_SHARE:
        reasons.append(f"the hypervisor took {state['steal_share']:.0%} of the time")
    if state.get("throttled", 0):
        reasons.append("the processor was throttled")
    if state.get("gpu_throttled"):
        reasons.append("the GPU was throttled: " + ", ".join(state["gpu_throttled"]))
    return "; ".join(reasons)


def counters(processes: Iterable[int]) -> dict[str, float]:
    """What Linux has counted since it started: seconds of all cores, of these processes, and throttling events."""
    found: dict[str, float] = {}
    with contextlib.suppress(OSError, ValueError), open("/proc/stat") as lines:
        # user nice system idle iowait irq softirq steal; guest time is part of user
        ticks = [int(part) for part in lines.readline().split()[1:9]]
        found["total_seconds"] = sum(ticks) * TICK_SECONDS
        found["busy_seconds"] = (sum(ticks) - ticks[3] - ticks[4] - ticks[7]) * TICK_SECONDS
        found["steal_seconds"] = ticks[7] * TICK_SECONDS
        found["own_seconds"] = sum(map(processor_seconds, processes))
    throttled = [_number(path) for path in glob.glob("/sys/devices/system/cpu/cpu*/thermal_throttle/*_throttle_count")]
    if throttled:
        found["throttled"] = sum(throttled)
    return found


def processor_seconds(process: int) -> float:
    """Seconds of processor time that a process, with all its threads, has had; 0 for one that has ended."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{process}/stat") as file:
        fields = file.read().rpartition(")")[2].split()  # the name before it may hold spaces
        return (int(fields[11]) + int(fields[12])) * TICK_SECONDS
    return 0.0


def core_mhz() -> list[int] | None:
    """Each core's frequency as the system reports it now; None where it does not."""
    paths = glob.glob("/sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq")
    if paths:
        return [round(_number(path) / 1000) for path in sorted(paths)]
    with contextlib.suppress(OSError, ValueError), open("/proc/cpuinfo") as lines:
        return [round(float(line.partition(":")[2])) for line in lines if line.startswith("cpu MHz")] or None
    return None


def _number(path: str) -> float:
    with contextlib.suppress(OSError, ValueError), open(path) as file:
        return float(file.read())
    return 0.0
