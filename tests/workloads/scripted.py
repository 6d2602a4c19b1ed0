"""Probes that answer by a script and take no time: the clock of what is sampled is the script's."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from workloads.lock_step import Side
from workloads.probes import Seat


class ScriptedLink:
    """Answers like a probe whose samples take these seconds per call, one after the other; writes down what it is told.

    An answer in the place of seconds is given as it is. `events`: (name, what happened, with what).
    """

    pid = os.getpid()

    def __init__(
        self, name: str, seconds: Iterable[Any], events: list[tuple[str, str, Any]], prepared: Any = None
    ) -> None:
        self.name, self.events = name, events
        self._seconds, self._prepared = iter(seconds), prepared
        self._request: dict[str, Any] = {}

    def send(self, **request: Any) -> None:
        self.events.append((self.name, request["do"], request))
        self._request = request

    def receive(self, timeout_seconds: float) -> dict[str, Any]:
        self.events.append((self.name, "heard", timeout_seconds))
        if self._request["do"] == "prepare":
            return {"status": "ready", "calls_per_sample": 1, "timings_per_sample": 1, **(self._prepared or {})}
        if self._request["do"] == "release":
            return {"status": "ready"}
        if self._request["do"] == "analyse":
            return {"status": "ready", "xla": {"flops": 1.0}}
        seconds = next(self._seconds)
        if isinstance(seconds, dict):
            return seconds
        taken = seconds * self._request["calls"] * self._request["timings"]
        return {"status": "ready", "seconds": seconds, "total_seconds": taken, "switches": 1}

    def call_from(self, cores: Iterable[int]) -> None:
        self.events.append((self.name, "call_from", set(cores)))

    def keep_on(self, cores: Iterable[int]) -> None:
        self.events.append((self.name, "keep_on", list(cores)))


def side(name: str, seconds: Iterable[Any], events: list | None = None, **said: Any) -> Side:
    """A side whose calls take these seconds; `said` replaces fields of it."""
    facts = dict.fromkeys(("first_call", "transfer_in_seconds", "transfer_out_seconds", "peak_bytes"))
    fields = {"calls": 1, "timings": 1, "seed": 0, "facts": facts, **said}
    return Side(ScriptedLink(name, seconds, [] if events is None else events), **fields)


def forever(value: Any) -> Iterator[Any]:
    while True:
        yield value


class ScriptedProbes:
    """In the place of `Probes`: `script(seat, draw)` gives the seconds of that process's samples.

    started: replaces fields of the answer to `start`; prepared: of the answer to `prepare`, or a function of the draw.
    """

    def __init__(self, script: Any, started: dict | None = None, prepared: Any = None) -> None:
        self._script, self._prepared = script, prepared
        self._started = {
            "status": "ready",
            "device": {"platform": "cpu", "kind": "cpu", "count": 1},
            "found": {},
            "threads": 1,
            "cores": [0],
            "import_seconds": 0.1,
            "start_seconds": 0.01,
            **(started or {}),
        }
        self.events: list[tuple[str, str, Any]] = []
        self.widths: list[bool] = []
        self.dropped: list[tuple[str, int]] = []
        self._links: dict[tuple[Seat, int], ScriptedLink] = {}

    def ready(
        self, seats: Sequence[Seat], draw: int, wide: bool, deadline: Any = None
    ) -> Iterator[tuple[Seat, ScriptedLink, dict]]:
        self.widths.append(wide)
        for seat in seats:
            key = (seat, draw)
            if key not in self._links:
                prepared = self._prepared(draw) if callable(self._prepared) else self._prepared
                script = self._script(seat, draw)
                self._links[key] = ScriptedLink(f"{seat.variant} {draw}", script, self.events, prepared)
            yield seat, self._links[key], self._started

    def drop(self, seat: Seat, draw: int, wide: bool) -> None:
        self._links.pop((seat, draw), None)
        self.dropped.append((seat.variant, draw))

    def asked(self, do: str) -> list[dict[str, Any]]:
        """The requests of this kind, in order."""
        return [request for _, what, request in self.events if what == do]
