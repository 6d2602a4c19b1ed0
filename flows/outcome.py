"""How a stored run ended: what it holds, and what it lacks, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import starmap
from typing import Any

from storage import queries
from workloads import bundle, figures


@dataclass(frozen=True)
class Outcome:
    """A stored run: whole, or with what it lacks."""

    run: str
    planned: int
    measured: int
    unsupported: int
    too_large: int
    without_number: int
    holes: tuple[str, ...]  # those of one kind together
    finished: bool
    left_out: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        accounted = self.measured + self.unsupported + self.too_large
        return self.finished and not self.holes and not bundle.lacks(self.left_out) and accounted == self.planned

    def summary(self) -> str:
        """One line: `36 of 36 measured`, or what is missing."""
        parts = [f"{self.measured} of {self.planned} measured"]
        if self.unsupported:
            parts.append(f"{self.unsupported} not supported here")
        if self.too_large:
            parts.append(f"{self.too_large} too large for this machine and suite")
        if self.holes:
            parts.append(f"{self.without_number} without a number: " + "; ".join(self.holes))
        if not self.finished:
            parts.append("cut short before its end")
        if self.left_out:
            parts.append("left out: " + "; ".join(self.left_out))
        return ", ".join(parts)


def outcome(connection: Any, run_uuid: str) -> Outcome:
    """What a stored run holds and what it lacks."""
    run = queries.run_by_uuid(connection, run_uuid)
    holes: dict[tuple[str, str, str], list[Any]] = {}
    for row in queries.measurements(connection, run.id, again=True):
        if row.status in bundle.HOLES:
            holes.setdefault((row.workload, row.status, row.reason), []).append(row)
    return Outcome(
        run.uuid,
        run.planned,
        run.measured,
        run.unsupported,
        run.too_large,
        sum(map(len, holes.values())),
        tuple(starmap(hole_text, holes.items())),
        run.finished_at is not None,
        tuple(queries.plan_of(connection, run.id).get("left_out", ())),
    )


def hole_text(kind: tuple[str, str, str], rows: list[Any]) -> str:
    """What has no number for the same reason: `sort jax_eager, jax_jit at 8, 64 (failed: why)`."""
    workload, status, reason = kind
    variants = ", ".join(dict.fromkeys(row.variant for row in rows))
    sizes = ", ".join(dict.fromkeys(figures.size_text(row.size) for row in rows))
    return f"{workload} {variants} at {sizes} ({status}: {reason})"
