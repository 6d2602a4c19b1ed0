"""How near a measurement comes to what its machine can do: the roofline model.

Source: Williams, Waterman and Patterson, *Roofline: an insightful visual performance model for multicore
architectures* (2009). The roofs are measured on the machine itself, never taken from a data sheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Roofs:
    """The most that one device did per second: bytes moved, and operations by (resource, dtype)."""

    bandwidth: float | None
    operations: dict[tuple[str, str], float]


def roofs(peaks: Iterable[tuple[str, str, float]]) -> Roofs:
    """From (resource, dtype, per second) of one device, whatever reached it: the best of each counts."""
    best: dict[tuple[str, str], float] = {}
    for resource, dtype, per_second in peaks:
        best[resource, dtype] = max(per_second, best.get((resource, dtype), 0.0))
    moved = [per_second for (resource, _), per_second in best.items() if resource == "bandwidth"]
    return Roofs(max(moved, default=None), {key: value for key, value in best.items() if key[0] != "bandwidth"})


def share_of_peak(
    seconds: float, flops: float | None, bytes_moved: float | None, resource: str, dtype: str, roofs: Roofs
) -> float | None:
    """The time that the machine would need at its best / the time that it took; above 1 where data stay in a cache.

    flops, bytes_moved: of one call. The roof that needs longer decides. None where neither is known.
    """
    needed = []
    peak = roofs.operations.get((resource, dtype))
    if flops and peak:
        needed.append(flops / peak)
    if bytes_moved and roofs.bandwidth:
        needed.append(bytes_moved / roofs.bandwidth)
    return max(needed) / seconds if needed and seconds > 0 else None
