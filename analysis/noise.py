"""What a machine can tell from nothing: noise floors from measurements of the same thing against itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.estimate import noise_floor

#: From these shares on a machine is not quiet; the same as mark a measurement (`workloads/meanwhile.py`).
OTHERS_SHARE = 0.1
STEAL_SHARE = 0.02


@dataclass(frozen=True)
class Floors:
    """The smallest change that could be told from none, as a share: 0.05 is 5 %. `worst`: of all series; None: unknown.

    spread: root mean square of the log ratios of what was measured against itself, whose true ratio is 1.
    """

    typical: float | None
    worst: float | None
    spread: float | None


def floors(ratios: Sequence[tuple[float, float | None, float | None]]) -> Floors:
    """Of A/A ratios with their intervals, one for each series."""
    known = [found for _, low, high in ratios if (found := noise_floor(low, high)) is not None]
    logs = [math.log(ratio) for ratio, _, _ in ratios]
    return Floors(
        typical=float(np.median(known)) if known else None,
        worst=max(known, default=None),
        spread=float(np.sqrt(np.mean(np.square(logs)))) if logs else None,
    )


@dataclass(frozen=True)
class Alarms:
    """How often the same thing was told from itself: `false` of `compared`, as a share with its 95 % interval."""

    false: int
    compared: int
    share: float
    low: float
    high: float


def false_alarms(ratios: Iterable[tuple[float | None, float | None]]) -> Alarms | None:
    """Of the intervals of A/A ratios; None without any.

    An interval that does not hold 1 tells a thing from itself: of 95 % intervals that rightly happens to one in twenty.
    The share's own interval is Wilson's (1927), which takes each comparison as independent of the others.
    """
    known = [(low, high) for low, high in ratios if low is not None and high is not None]
    if not known:
        return None
    false, count = sum(low > 1 or high < 1 for low, high in known), len(known)
    share, z = false / count, 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return Alarms(false, count, share, max(0.0, middle - half), min(1.0, middle + half))


def advice(conditions: Mapping[str, Any], states: Iterable[Mapping[str, Any]], cores: int) -> list[str]:
    """What would make the numbers of this machine sharper, the most telling first.

    conditions: how the machine is set up. states: what it did during each measurement. cores: how many it has.
    """
    states = list(states)
    found = []
    others = max((state.get("others_share", 0.0) for state in states), default=0.0)
    if others > OTHERS_SHARE:
        found.append(f"Neighbours: other processes used up to {others:.0%} of the cores meanwhile. Stop them.")
    steal = max((state.get("steal_share", 0.0) for state in states), default=0.0)
    if steal > STEAL_SHARE:
        found.append(f"Steal: the hypervisor gave up to {steal:.0%} of the time to others.")
    if any(state.get("throttled") or state.get("gpu_throttled") for state in states):
        found.append("Throttling: a processor slowed itself down. Cool the machine, or cap its clock below that point.")
    if conditions.get("governor") not in (None, "performance"):
        found.append(f"Governor: {conditions['governor']}. `cpupower frequency-set -g performance` keeps the clock up.")
    if conditions.get("turbo"):
        found.append("Turbo: on. Off, the clock no longer depends on what the other cores do.")
    if conditions.get("hyper_threading"):
        found.append("Hyper-threading: on. Off, no core shares its units with another.")
    if conditions.get("clock_source") not in (None, "tsc", "arch_sys_counter"):
        found.append(f"Clock: {conditions['clock_source']} is slow to read; tsc is not.")
    if conditions.get("swap_used_bytes"):
        found.append("Swap: in use. A page that has to come back from the disk is no sample.")
    if conditions.get("battery"):
        found.append("Power: on battery.")
    if conditions.get("virtual"):
        found.append("Virtual machine: its cores may share a real one with somebody else, and differ in speed.")
    if "isolated_cores" not in conditions and cores > 2:
        found.append("Pinning: no core is isolated (`isolcpus=`). --threads keeps both sides on the same cores.")
    return found
