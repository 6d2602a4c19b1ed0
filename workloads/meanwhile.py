"""What the machine did while a case was sampled: load, others' work, steal, switches, frequency, throttling.

Kept with every measurement. A measurement that was taken while others worked, while the hypervisor took the processor
away or while it was throttled is marked as disturbed: it stays, and says so.
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Collection, Iterable
from typing import Any

from workloads import accelerator, machine

#: From this share of the machine's cores on, what others used counts as a disturbance.
OTHERS_SHARE = 0.1

#: From this share of the time on, what the hypervisor gave to others counts as one.
STEAL_SHARE = 0.02

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


#: Less watched time than this, in seconds of all watched cores together, is too little to judge by: Linux counts in
#: steps of a hundredth.
LEAST_SECONDS = 1.0

Counters = dict[str, float]


class Watch:
    """Sums up the spans between `begin` and `end`; only those count, not what lies between them."""

    def __init__(self) -> None:
        self._sums: Counters = {}
        self._last: dict[str, Any] = {"load": machine.load()}

    def begin(self, processes: Iterable[int]) -> None:
        """processes: identities of the probes, whose own work disturbs nobody."""
        self._processes = [*processes, os.getpid()]
        self._own = {process: processor_seconds(process) for process in self._processes}
        self._before = counters(machine.affinity())

    def end(self) -> None:
        after = counters(machine.affinity())
        own = {process: processor_seconds(process) for process in self._processes}
        after["own_seconds"] = sum(  # one that has ended in between is left out, with what it used
            now - then for process, then in self._own.items() if then is not None and (now := own[process]) is not None
        )
        for name in after:
            self._sums[name] = self._sums.get(name, 0.0) + after[name] - self._before.get(name, 0.0)
        gpu = accelerator.state()  # now, while it still has the clock that it computed with
        gpu["gpu_throttled"] = sorted({*gpu.get("gpu_throttled", []), *self._last.get("gpu_throttled", [])})
        self._last.update({"core_mhz": core_mhz(), **gpu})

    def found(self) -> dict[str, Any]:
        """The state as the bundle keeps it; what the system does not say is not in it."""
        state: dict[str, Any] = dict(self._last)
        total = self._sums.get("total_seconds", 0.0)
        if total > 0:
            others = max(0.0, self._sums["busy_seconds"] - self._sums["own_seconds"])
            state["watched_seconds"] = round(total, 2)
            state["others_share"] = round(others / total, 4)
            state["steal_share"] = round(self._sums["steal_seconds"] / total, 4)
        if "throttled" in self._sums:
            state["throttled"] = int(self._sums["throttled"])
        return {name: value for name, value in state.items() if value not in (None, [])}


def disturbance(state: dict[str, Any]) -> str:
    """Why this was no quiet machine, in a few words; empty where it was one, or where nothing is known."""
    reasons = []
    watched = state.get("watched_seconds", 0.0) >= LEAST_SECONDS
    if watched and state["others_share"] > OTHERS_SHARE:
        reasons.append(f"others used {state['others_share']:.0%} of the cores")
    if watched and state["steal_share"] > STEAL_SHARE:
        reasons.append(f"the hypervisor took {state['steal_share']:.0%} of the time")
    if state.get("throttled"):
        reasons.append("the processor was throttled")
    if state.get("gpu_throttled"):
        reasons.append("the GPU was throttled: " + ", ".join(state["gpu_throttled"]))
    return "; ".join(reasons)


def counters(cores: Collection[int]) -> Counters:
    """What Linux has counted since it started: seconds of these cores, and throttling events. Empty where it does not.

    cores: those that may be used here; what happens on others disturbs less. None given: all.
    """
    found: Counters = {}
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/stat") as lines:
        for line in lines:
            name, *counts = line.split()
            if name == "cpu" if not cores else name.startswith("cpu") and name[3:] in map(str, cores):
                # user nice system idle iowait irq softirq steal; guest time is part of user
                ticks = [int(count) for count in counts[:8]]
                idle_or_away = ticks[3] + ticks[4] + ticks[7]
                for figure, value in (
                    ("total_seconds", sum(ticks)),
                    ("busy_seconds", sum(ticks) - idle_or_away),
                    ("steal_seconds", ticks[7]),
                ):
                    found[figure] = found.get(figure, 0.0) + value * TICK_SECONDS
    throttled = [_number(path) for path in glob.glob("/sys/devices/system/cpu/cpu*/thermal_throttle/*_throttle_count")]
    if throttled:
        found["throttled"] = sum(throttled)
    return found


def processor_seconds(process: int) -> float | None:
    """Seconds of processor time that a process, with all its threads, has had; None for one that has ended."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{process}/stat") as file:
        fields = file.read().rpartition(")")[2].split()  # the name before it may hold spaces
        return (int(fields[11]) + int(fields[12])) * TICK_SECONDS
    return None


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
