"""The probes of a run: which process sits where, started when first needed, ended together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from workloads.link import Link, ProbeDied, ProbeSilent
from workloads.plan import Place, Plan
from workloads.workload import mode_of


@dataclass(frozen=True)
class Seat:
    """One side of a comparison: a variant in an environment."""

    place: Place
    variant: str


class Probes:
    """The probes of one workload, started when first needed and kept, one set of processes per draw."""

    def __init__(self, plan: Plan, hold: Sequence[int]) -> None:
        self._plan = plan
        self._hold = hold
        self._links: dict[tuple, tuple[Link, dict[str, Any]]] = {}

    def __enter__(self) -> Probes:
        return self

    def __exit__(self, *_: object) -> None:
        for link, _ in self._links.values():
            link.close()

    def ready(self, seats: Sequence[Seat], draw: int, wide: bool) -> Iterator[tuple[Seat, Link, dict[str, Any]]]:
        """A live probe for each seat, with its answer to `start`. Those that are missing start up at the same time."""
        timeout = self._plan.settings.timeout_seconds
        starting = []
        for seat in seats:
            key = (seat, draw, wide)
            if key not in self._links:
                link = Link(seat.place.python, variables=variables(wide, self._plan.platform), hold=self._hold)
                link.send(do="start", mode=mode_of(seat.variant), platform=self._plan.platform)
                starting.append((key, link))
        for key, link in starting:
            try:
                link.receive(timeout)  # the greeting, which names the protocol
                self._links[key] = link, link.receive(timeout)
            except (ProbeDied, ProbeSilent) as error:
                self._links[key] = link, {"status": "failed", "reason": str(error)}
        for seat in seats:
            yield (seat, *self._links[(seat, draw, wide)])

    def drop(self, seat: Seat, draw: int, wide: bool) -> None:
        """End a probe that misbehaved; the next case gets a fresh one."""
        self._links.pop((seat, draw, wide))[0].close()


def variables(wide: bool, platform: str | None) -> dict[str, str]:
    """Environment variables that must be set before a library is imported."""
    chosen = {
        "JAX_ENABLE_X64": "1" if wide else "0",
        "JAX_ENABLE_COMPILATION_CACHE": "0",  # else a first call would depend on what ran before this run
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",  # several probes share one accelerator
    }
    if platform == "cpu":  # other platforms are asked for by alias (`gpu`), which this variable does not know
        chosen["JAX_PLATFORMS"] = platform
    return chosen


def describe(plan: Plan, hold: Sequence[int] = ()) -> list[dict[str, Any]]:
    """Each place's environment as its own interpreter finds it, one at a time so that import times are honest."""
    described = []
    for place in plan.places:
        link = Link(place.python, variables=variables(False, plan.platform), hold=hold)
        try:
            link.receive(plan.settings.timeout_seconds)
            found = link.ask(plan.settings.timeout_seconds, do="describe")
        finally:
            link.close()
        if "environment" not in found:
            raise ProbeDied(f"environment {place.name} cannot be described: {found.get('reason')}")
        described.append(
            {
                "name": place.name,
                "asked": place.asked,
                "found": found["environment"],
                "import_seconds": found["import_seconds"],
            }
        )
    return described


def ask(link: Link, timeout_seconds: float, **request: Any) -> dict[str, Any]:
    """As `Link.ask`, with a dead or silent probe as an answer like any other."""
    try:
        return link.ask(timeout_seconds, **request)
    except ProbeSilent as error:
        return {"status": "timed_out", "reason": str(error)}
    except ProbeDied as error:
        return {"status": "failed", "reason": str(error)}
