"""The process inside an environment: prepares one variant of one case at a time and reads the clock when told to.

The only module that reads a clock. It speaks JSON, one object a line: a request on standard input, one answer on
standard output. Whatever a library prints goes to standard error. The process ends when its input closes, so no probe
outlives its sampler.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import json
import os
import resource
import statistics
import sys
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from time import perf_counter as clock
from typing import Any, Callable

from workloads import calibration, memory
from workloads.lifeline import end_with_parent
from workloads.phases import Phases
from workloads.reasons import disagreement, one_line, with_hint
from workloads.waiting import METHOD, Wait

PROTOCOL = 4


class Probe:
    """The state between requests: one execution, and the call that is prepared."""

    def __init__(self) -> None:
        self._execution: Any = None
        self._call: Callable[[], Any] | None = None
        self._wait: Wait = None
        self._prepared: tuple[Callable[..., Any], Callable[[], Any]] | None = None
        self._phases = Phases(clock)

    def describe(self, **_: Any) -> dict[str, Any]:
        """Import what is measured, timed one after the other, and say all that is known of this environment."""
        imports, broken = {}, {}
        for name in ("numpy", "jax"):
            start = clock()
            try:
                __import__(name)
                imports[name] = clock() - start
            except Exception as error:  # an old release with a new NumPy fails in ways of its own
                broken[name] = one_line(error)
        from workloads import environment

        return {"environment": environment.describe(), "import_seconds": imports, "broken": broken}

    def start(self, mode: str, platform: str | None, asked: list[str], memory_bytes: int | None) -> dict[str, Any]:
        """Import the library and start its device. Answers with what this probe really runs on.

        asked: the packages (and `python`) whose versions the caller will compare with what it asked for.
        memory_bytes: the most data that this process may have.
        """
        memory.limit(memory_bytes)
        start = clock()
        with contextlib.suppress(ImportError):
            __import__("numpy" if mode == "numpy" else "jax")
        import_seconds = clock() - start

        from workloads import environment, execution, machine

        found = environment.versions(asked)
        start = clock()
        try:
            self._execution = execution.execution_of(mode, platform)
        except ImportError as error:
            if "jax" in asked:
                return {"status": "misplaced", "reason": "asked for jax, which cannot be imported: " + one_line(error)}
            return {"status": "unsupported", "reason": f"needs {error.name or 'jax'}"}
        except RuntimeError as error:  # JAX's own words on why there is no such device
            return {"status": "misplaced", "reason": one_line(error)}
        start_seconds = clock() - start
        if mode != "numpy":
            self._phases.listen()
        return {
            "status": "ready",
            "protocol": PROTOCOL,
            "device": self._execution.device,
            "found": found,
            "threads": machine.usable_cores(),
            "cores": machine.affinity(),
            "import_seconds": import_seconds,
            "start_seconds": start_seconds,
        }

    def declare(self, file: str, memory_bytes: int | None) -> dict[str, Any]:
        """What a workload's file says of itself (`Declaration`). Its code runs here, not where it is asked for."""
        from workloads import declaration, outside

        memory.limit(memory_bytes)
        declared = declaration.of(outside.load(file))
        return {"status": "ready", "declared": dataclasses.asdict(declared), "sha256": outside.sha256_of(Path(file))}

    def prepare(
        self,
        workload: str,
        case: dict[str, Any],
        variant: str,
        seed: int,
        sample_seconds: float,
        file: str | None = None,
        keep_result: bool = False,
    ) -> dict[str, Any]:
        """Inputs, placement, first call, agreement with the reference, warm-up: all that comes before sampling.

        file: where the workload is declared, if it is none of the suite. keep_result: say in short what was computed.
        """
        import numpy as np

        from workloads import agreement, calling, outside, suite, values
        from workloads.workload import REFERENCE

        self._call = self._prepared = None
        memory.reset_peak()
        declared = outside.load(file, workload) if file else suite.load(workload)
        chosen = declared.variants[variant]
        missing = chosen.missing()
        if missing:
            return {"status": "unsupported", "reason": "needs " + ", ".join(missing)}

        inputs = declared.make_inputs(np.random.default_rng(seed), case)
        first, again = (calling.with_own_state(inputs, declared.carry) for _ in range(2))
        function = self._execution.prepare(chosen.build(), range(declared.carry if chosen.donates else 0))

        start = clock()
        arguments = self._execution.place(first)
        transfer_in_seconds = clock() - start

        call, next_arguments = calling.call_of(function, arguments, declared.carry)
        self._phases.reset()
        start = clock()
        result = self._execution.wait(call())
        first_call = self._phases.of_call(clock() - start)

        start = clock()
        fetched = self._execution.fetch(result)
        transfer_out_seconds = clock() - start
        peak_bytes = memory.peak_bytes()

        reference = declared.variants[REFERENCE].build()
        start = clock()
        try:
            expected = reference(*again)
        except Exception as error:
            return {"status": "failed", "reason": f"{REFERENCE}, which it is compared with, failed: {one_line(error)}"}
        reference_seconds = clock() - start
        try:
            outcome = agreement.compare(expected, fetched, declared.tolerance, declared.view)
        except Exception as error:  # a comparison that cannot be made is not an agreement
            outcome = agreement.Agreement(False, "could not be compared: " + one_line(error))
        facts = {
            "first_call": first_call,
            "transfer_in_seconds": transfer_in_seconds,
            "transfer_out_seconds": transfer_out_seconds,
            "peak_bytes": peak_bytes,
            "device_peak_bytes": self._execution.peak_bytes(),
            "max_error": outcome.max_error,
            "reference_seconds": reference_seconds,
            "result": values.of_result(fetched, inputs) if outcome.agrees and keep_result else None,
        }
        if not self._execution.computed(result):
            outcome = agreement.Agreement(False, "returns what JAX did not compute; an `np` in the place of `xp`, say")
        if not outcome.agrees:
            reason = disagreement(outcome.reason, outcome.max_error, case.get("dtype", "float32"))
            return {"status": "disagrees", "reason": reason, **facts}
        calling.check_state(result, first[: declared.carry])

        self._prepared = function, next_arguments
        self._call, self._wait = call, self._execution.way_to_wait(result)
        calibrated = calibration.calibrate(
            lambda calls: timed(call, calls, self._wait), sample_seconds, calibration.resolution(clock)
        )
        return {
            "status": "ready",
            "calls_per_sample": calibrated.calls,
            "timings_per_sample": calibrated.timings,
            "call_seconds": calibrated.seconds,
            **facts,
        }

    def sample(self, calls: int, timings: int) -> dict[str, Any]:
        """One sample of the prepared call: seconds per call of the middle timing, and seconds of all of them."""
        if self._call is None:
            raise RuntimeError("nothing is prepared")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        seconds = [timed(self._call, calls, self._wait) for _ in range(timings)]
        switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - before
        return {
            "status": "ready",
            "seconds": statistics.median(seconds) / calls,
            "total_seconds": sum(seconds),
            "switches": switches,
        }

    def release(self) -> dict[str, Any]:
        """Let go of what is prepared, and of its arrays."""
        self._call = self._prepared = None
        return {"status": "ready"}

    def analyse(self) -> dict[str, Any]:
        """What the compiler says that the prepared function costs; compiles it once more, so never while sampling."""
        if self._prepared is None:
            raise RuntimeError("nothing is prepared")
        function, next_arguments = self._prepared
        return {"status": "ready", "xla": self._execution.analyse(function, next_arguments())}

    def peak(self, of: str, dtype: str) -> dict[str, Any]:
        """The most that this library gets out of its device, per second (see `bundle.RESOURCES` for `of`)."""
        from workloads import peak_kernels

        kernel = peak_kernels.kernel_of(of, dtype, self._execution)
        if kernel is None:
            return {"status": "unsupported", "reason": f"no kernel for {of} in {dtype}"}
        wait = self._execution.way_to_wait(kernel.call())
        calls = 1 + int(peak_kernels.TIMING_SECONDS / timed(kernel.call, 1, wait))
        fastest = min(timed(kernel.call, calls, wait) for _ in range(peak_kernels.TRIES)) / calls
        return {"status": "ready", "per_second": kernel.work / fastest, "device": self._execution.device}


def timed(call: Callable[[], Any], calls: int, wait: Wait = None) -> float:
    """Seconds that `calls` calls take, one after the other, each waited for; the garbage collector rests meanwhile."""
    pauses = gc.isenabled()
    gc.disable()
    try:
        repetitions = repeat(None, calls)
        if wait is None:
            start = clock()
            for _ in repetitions:
                call()
            return clock() - start
        if wait == METHOD:  # a loop of its own: a function around the call would cost a tenth of a microsecond
            start = clock()
            for _ in repetitions:
                call().block_until_ready()
            return clock() - start
        start = clock()
        for _ in repetitions:
            wait(call())
        return clock() - start
    finally:
        if pauses:
            gc.enable()


def answer(probe: Probe, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request. What a workload raises is an answer too, so that it costs one case, not the run."""
    try:
        return getattr(probe, request.pop("do"))(**request)
    except MemoryError as error:
        return {"status": "out_of_memory", "reason": one_line(error)}
    except Exception as error:
        full = "RESOURCE_EXHAUSTED" in str(error)
        return {"status": "out_of_memory" if full else "failed", "reason": with_hint(one_line(error))}


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
