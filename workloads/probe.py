"""The process inside an environment: prepares one variant of one case at a time and reads the clock when told to.

The only module that reads a clock. It speaks JSON, one object a line: a request on standard input, one answer on
standard output. Whatever a library prints goes to standard error. The process ends when its input closes, so no probe
outlives its sampler.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import sys
from collections.abc import Iterator
from itertools import repeat
from time import perf_counter as clock
from typing import Any, Callable

from workloads.lifeline import end_with_parent

PROTOCOL = 1

#: JAX's own names for the three steps between a Python function and machine code, and ours.
JAX_PHASES = {
    "/jax/core/compile/jaxpr_trace_duration": "trace_seconds",
    "/jax/core/compile/jaxpr_to_mlir_module_duration": "lower_seconds",
    "/jax/core/compile/backend_compile_duration": "compile_seconds",
}


class Probe:
    """The state between requests: one execution, and the call that is prepared."""

    def __init__(self) -> None:
        self._execution: Any = None
        self._call: Callable[[], Any] | None = None
        self._phases = Phases()

    def describe(self, **_: Any) -> dict[str, Any]:
        """Import what is measured, timed one after the other, and say all that is known of this environment."""
        imports = {}
        for name in ("numpy", "jax"):
            start = clock()
            with contextlib.suppress(ImportError):
                __import__(name)
                imports[name] = clock() - start
        from workloads import environment

        return {"environment": environment.describe(), "import_seconds": imports}

    def start(self, mode: str, platform: str | None, asked: list[str]) -> dict[str, Any]:
        """Import the library and start its device. Answers with what this probe really runs on.

        asked: the packages (and `python`) whose versions the caller will compare with what it asked for.
        """
        from workloads import environment, execution, machine

        found = environment.versions(asked)
        try:
            self._execution = execution.execution_of(mode, platform)
        except ImportError as error:
            if "jax" in asked:
                return {"status": "misplaced", "reason": "asked for jax, which cannot be imported: " + one_line(error)}
            return {"status": "unsupported", "reason": f"needs {error.name or 'jax'}"}
        except RuntimeError as error:  # JAX's own words on why there is no such device
            return {"status": "misplaced", "reason": one_line(error)}
        if mode != "numpy":
            self._phases.listen()
        return {
            "status": "ready",
            "protocol": PROTOCOL,
            "device": self._execution.device,
            "found": found,
            "threads": machine.usable_cores(),
        }

    def prepare(
        self, workload: str, case: dict[str, Any], variant: str, seed: int, sample_seconds: float
    ) -> dict[str, Any]:
        """Inputs, placement, first call, agreement with the reference, warm-up: all that comes before sampling."""
        import numpy as np

        from workloads import agreement, suite
        from workloads.workload import REFERENCE

        self._call = None
        reset_peak_memory()
        declared = suite.load(workload)
        chosen = declared.variants[variant]
        missing = chosen.missing()
        if missing:
            return {"status": "unsupported", "reason": "needs " + ", ".join(missing)}

        inputs = declared.make_inputs(np.random.default_rng(seed), case)
        function = self._execution.prepare(chosen.build())

        start = clock()
        arguments = self._execution.place(inputs)
        transfer_in_seconds = clock() - start

        call = self._execution.bind(function, arguments)
        self._phases.reset()
        start = clock()
        result = call()
        first_call = {"seconds": clock() - start, **self._phases.seconds()}

        start = clock()
        fetched = self._execution.fetch(result)
        transfer_out_seconds = clock() - start
        peak_bytes = peak_memory_bytes()

        reference = declared.variants[REFERENCE].build()(*inputs)
        try:
            outcome = agreement.compare(reference, fetched, declared.tolerance)
        except Exception as error:  # a comparison that cannot be made is not an agreement
            outcome = agreement.Agreement(False, "could not be compared: " + one_line(error))
        facts = {
            "first_call": first_call,
            "transfer_in_seconds": transfer_in_seconds,
            "transfer_out_seconds": transfer_out_seconds,
            "peak_bytes": peak_bytes,
            "max_error": outcome.max_error,
        }
        if not outcome.agrees:
            return {"status": "disagrees", "reason": outcome.reason, **facts}

        self._call = self._execution.bind(function, arguments, single=not isinstance(result, (tuple, list, dict)))
        calls, seconds = calibrate(self._call, sample_seconds)
        return {"status": "ready", "calls_per_sample": calls, "warm_sample_seconds": seconds, **facts}

    def sample(self, calls: int) -> dict[str, Any]:
        """One sample of the prepared call."""
        if self._call is None:
            raise RuntimeError("nothing is prepared")
        return {"status": "ready", "seconds": timed(self._call, calls)}


class Phases:
    """What JAX reports of its own compilations while a call runs, as seconds per phase."""

    def __init__(self) -> None:
        self._spans: dict[str, list[tuple[float, float]]] = {}
        self._compilations: int | None = None

    def listen(self) -> None:
        """Ask JAX to report; `jax.monitoring` has had these events since before 0.4.18."""
        import jax

        def record(event: str, duration: float, **_: Any) -> None:
            if event in JAX_PHASES:
                end = clock()
                self._spans.setdefault(JAX_PHASES[event], []).append((end - duration, end))

        jax.monitoring.register_event_duration_secs_listener(record)
        self._compilations = 0

    def reset(self) -> None:
        self._spans.clear()

    def seconds(self) -> dict[str, Any]:
        """Seconds of each phase since `reset`, and the number of compilations; empty for a library that has none."""
        if self._compilations is None:
            return {}
        found: dict[str, Any] = {name: covered(self._spans.get(name, [])) for name in JAX_PHASES.values()}
        found["compilations"] = len(self._spans.get("compile_seconds", []))
        return found


def covered(spans: list[tuple[float, float]]) -> float:
    """Total length of the union of spans: older JAX reports a trace inside a trace, which must not count twice."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def timed(call: Callable[[], Any], calls: int) -> float:
    """Seconds that `calls` calls take, one after the other, each waited for; the garbage collector rests meanwhile."""
    pauses = gc.isenabled()
    gc.disable()
    try:
        repetitions = repeat(None, calls)
        start = clock()
        for _ in repetitions:
            call()
        return clock() - start
    finally:
        if pauses:
            gc.enable()


def calibrate(call: Callable[[], Any], sample_seconds: float) -> tuple[int, float]:
    """Calls that fill a sample, and its seconds: doubles until a sample is long enough, which also warms up."""
    calls = 1
    while True:
        seconds = timed(call, calls)
        if seconds >= sample_seconds:
            return calls, seconds
        calls *= 2


def reset_peak_memory() -> None:
    """Forget the peak of earlier cases, where Linux lets a process do that."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def peak_memory_bytes() -> int:
    """Largest resident memory that this process has had since `reset_peak_memory`, or in its life where that fails.

    From /proc where there is one: what `getrusage` says begins with the peak of the process that started this one.
    """
    with contextlib.suppress(OSError), open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def one_line(error: BaseException) -> str:
    """An error as one line of at most 300 characters."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


def answer(probe: Probe, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request. What a workload raises is an answer too, so that it costs one case, not the run."""
    try:
        return getattr(probe, request.pop("do"))(**request)
    except MemoryError as error:
        return {"status": "out_of_memory", "reason": one_line(error)}
    except Exception as error:
        full = "RESOURCE_EXHAUSTED" in str(error)
        return {"status": "out_of_memory" if full else "failed", "reason": one_line(error)}


def requests() -> Iterator[dict[str, Any]]:
    """The sampler's requests, until it closes the pipe."""
    for line in sys.stdin:
        yield json.loads(line)


def main() -> None:
    """Serve requests. Standard output is moved away first, so that nothing but answers can reach the sampler."""
    end_with_parent()
    wire = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    probe = Probe()
    for request in requests():
        print(json.dumps(answer(probe, request)), file=wire)
