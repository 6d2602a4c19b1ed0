"""What JAX reports of its own compilations while a call runs, as seconds per phase."""

from __future__ import annotations

from typing import Any, Callable

#: JAX's own names for the three steps between a Python function and machine code, and ours.
JAX_PHASES = {
    "/jax/core/compile/jaxpr_trace_duration": "trace_seconds",
    "/jax/core/compile/jaxpr_to_mlir_module_duration": "lower_seconds",
    "/jax/core/compile/backend_compile_duration": "compile_seconds",
}
CACHE_HIT = "/jax/compilation_cache/cache_hits"


class Phases:
    """Listens to JAX. `clock`: the probe's, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._spans: dict[str, list[tuple[float, float]]] = {}
        self._cache_hits = 0
        self._listening = False

    def listen(self) -> None:
        """Ask JAX to report; `jax.monitoring` has had these events since before 0.4.18."""
        import jax

        def record_span(event: str, duration: float, **_: Any) -> None:
            if event in JAX_PHASES:
                end = self._clock()
                self._spans.setdefault(JAX_PHASES[event], []).append((end - duration, end))

        def count_hit(event: str, **_: Any) -> None:
            self._cache_hits += event == CACHE_HIT

        jax.monitoring.register_event_duration_secs_listener(record_span)
        jax.monitoring.register_event_listener(count_hit)
        self._listening = True

    def reset(self) -> None:
        self._spans.clear()
        self._cache_hits = 0

    def of_call(self, seconds: float) -> dict[str, Any]:
        """A call of `seconds` that began with `reset`, split: trace, lower, compile, and the rest, its execution.

        Only its seconds for a library that does not compile.
        """
        if not self._listening:
            return {"seconds": seconds}
        parts = {name: covered(self._spans.get(name, [])) for name in JAX_PHASES.values()}
        return {
            "seconds": seconds,
            **parts,
            "execute_seconds": max(0.0, seconds - sum(parts.values())),
            "compilations": len(self._spans.get("compile_seconds", [])),
            "cache_hits": self._cache_hits,
        }


def covered(spans: list[tuple[float, float]]) -> float:
    """Total length of the union of spans: older JAX reports a trace inside a trace, which must not count twice."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
