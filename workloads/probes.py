"""The probes of a run: which process sits where, started when first needed, ended together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from workloads import machine
from workloads.limits import Deadline
from workloads.link import Link, ProbeDied, ProbeSilent
from workloads.plan import Place, Plan
from workloads.probe import PROTOCOL
from workloads.workload import mode_of

#: What a bundle says of a place beside what was found there.
PLACE_FACTS = ("again", "group", "anchor", "measures", "spec", "track", "builder", "resolution")

#: Of the machine's memory: what one probe may have, unless the plan says otherwise.
MEMORY_SHARE = 0.8


@dataclass(frozen=True)
class Seat:
    """One side of a comparison: a variant in an environment."""

    place: Place
    variant: str


class Probes:
    """The probes of one workload, started when first needed and kept, one set of processes per draw.

    cache: a folder for JAX's compiled functions; None: nothing is kept from process to process.
    """

    def __init__(self, plan: Plan, hold: Sequence[int] = (), cache: str | None = None) -> None:
        self._plan = plan
        self._hold = hold
        self._cache = cache
        self._links: dict[tuple, tuple[Link, dict[str, Any]]] = {}

    def __enter__(self) -> Probes:
        return self

    def __exit__(self, *_: object) -> None:
        for link, _ in self._links.values():
            link.close()

    def ready(
        self, seats: Iterable[Seat], draw: int, wide: bool, deadline: Deadline | None = None
    ) -> Iterator[tuple[Seat, Link, dict[str, Any]]]:
        """A live probe for each seat, with its answer to `start`. Those that are missing start one after the other.

        One at a time, because what a library takes to import and to start is measured too.
        """
        settings = self._plan.settings
        for seat in seats:
            key = (seat, draw, wide)
            if key in self._links and self._links[key][0].has_ended():
                self.drop(*key)  # whatever ended it is told where it happened, and not to this case
            if key not in self._links:
                cores = machine.cores_of(draw, settings.threads)
                link = _link(self._plan, seat.place, wide, self._hold, cores, self._cache)
                answer = ask(
                    link,
                    settings.timeout_seconds if deadline is None else deadline.at_most(settings.timeout_seconds),
                    do="start",
                    mode=mode_of(seat.variant),
                    platform=self._plan.platform,
                    asked=list(seat.place.asked),
                    memory_bytes=memory_bytes(settings.memory_bytes),
                )
                self._links[key] = link, spoken(answer)
            yield (seat, *self._links[key])

    def drop(self, seat: Seat, draw: int, wide: bool) -> None:
        """End a probe that misbehaved, or that no other case needs; the next case gets a fresh one."""
        if (seat, draw, wide) in self._links:
            self._links.pop((seat, draw, wide))[0].close()


def memory_bytes(chosen: int | None) -> int | None:
    """The most data that one probe may have: what was chosen, else a share of the machine's; None: not limited."""
    return chosen or int(machine.usable_memory_bytes() * MEMORY_SHARE) or None


def variables(wide: bool, platform: str | None, cache: str | None = None) -> dict[str, str]:
    """Environment variables that must be set before a library is imported."""
    chosen = {
        "JAX_ENABLE_X64": "1" if wide else "0",
        "JAX_ENABLE_COMPILATION_CACHE": "0",  # else a first call would depend on what ran before this run
        "JAX_DEFAULT_MATMUL_PRECISION": "float32",  # else an accelerator may do less: round factors to TF32, bfloat16
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",  # several probes share one accelerator
    }
    if cache:
        chosen |= {
            "JAX_ENABLE_COMPILATION_CACHE": "1",
            "JAX_COMPILATION_CACHE_DIR": cache,
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0",
        }
    if platform == "cpu":  # other platforms are asked for by alias (`gpu`), which this variable does not know
        chosen["JAX_PLATFORMS"] = platform
    return chosen


def describe(plan: Plan, hold: Sequence[int] = ()) -> list[dict[str, Any]]:
    """Each place's environment as its own interpreter finds it, one at a time so that import times are honest.

    ProbeDied, with the reason, where an interpreter cannot say.
    """
    described: dict[str, dict[str, Any]] = {}
    for place in plan.places:  # those that are there several times are asked once
        if place.python not in described:
            described[place.python] = describe_place(plan, place, hold)
    return [
        {
            "name": place.name,
            "asked": place.asked,
            "found": described[place.python]["environment"],
            "import_seconds": described[place.python]["import_seconds"],
            **{fact: getattr(place, fact) for fact in PLACE_FACTS},
        }
        for place in plan.places
    ]


def describe_place(plan: Plan, place: Place, hold: Sequence[int] = ()) -> dict[str, Any]:
    """`environment`, all that its interpreter knows of it, and `import_seconds`. ProbeDied where it cannot say."""
    link = _link(plan, place, False, hold)
    try:
        found = ask(link, plan.settings.timeout_seconds, do="describe")
    finally:
        link.close()
    if "environment" not in found:
        raise ProbeDied(f"environment {place.name} cannot be described: {found.get('reason')}")
    return found


def ask(link: Link, timeout_seconds: float, **request: Any) -> dict[str, Any]:
    """A probe's answer to a request; a dead or silent probe is an answer like any other."""
    return tell(link, **request) or hear(link, timeout_seconds)


def tell(link: Link, **request: Any) -> dict[str, Any]:
    """Send a request without waiting; what went wrong, or nothing."""
    try:
        link.send(**request)
    except ProbeDied as error:
        return dead(error)
    return {}


def hear(link: Link, timeout_seconds: float) -> dict[str, Any]:
    """The answer to the last request."""
    try:
        return link.receive(timeout_seconds)
    except ProbeSilent as error:
        return {"status": "timed_out", "reason": str(error)}
    except ProbeDied as error:
        return dead(error)


def dead(error: ProbeDied) -> dict[str, Any]:
    return {"status": "out_of_memory" if error.out_of_memory else "failed", "reason": str(error)}


def spoken(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer to `start`, unless it comes from a probe of another version of this package."""
    if answer.get("protocol", PROTOCOL) != PROTOCOL:
        return {"status": "failed", "reason": f"the probe speaks protocol {answer['protocol']}, not {PROTOCOL}"}
    return answer


def _link(
    plan: Plan,
    place: Place,
    wide: bool,
    hold: Sequence[int],
    cores: Sequence[int] | None = None,
    cache: str | None = None,
) -> Link:
    return Link(
        place.python,
        label=f"run {plan.run}",
        variables=variables(wide, plan.platform, cache),
        cores=cores,
        hold=hold,
        contained=allowed(plan, cache) if place.contained else None,
    )


def allowed(plan: Plan, cache: str | None) -> dict[str, Any]:
    """What a container may have of this machine."""
    return {
        "read": [brought.path for brought in plan.brought.values()],
        "write": [cache] if cache else [],
        "memory_bytes": memory_bytes(plan.settings.memory_bytes),
    }
