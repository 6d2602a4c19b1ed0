"""What the probe adds to a call: its timing loop against a bare loop over the same call between two `perf_counter_ns`.

    python benchmarks/probe_overhead.py

Both loops run in turn, in random order, in one process kept on one core; the ratio is taken pair by pair. Takes half a
minute. Goal: under 1 % at 10 µs a call, under 5 % at 1 µs.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Callable
from functools import partial
from time import perf_counter_ns
from typing import Any

import numpy as np

from workloads import calling, estimate, figures, machine, probe
from workloads.execution import JaxExecution, NumpyExecution
from workloads.waiting import Wait

TIMING_SECONDS = 0.002


def bare(function: Callable[..., Any], argument: Any, calls: int) -> float:
    """Seconds of `calls` direct calls."""
    repetitions = range(calls)
    start = perf_counter_ns()
    for _ in repetitions:
        function(argument)
    return (perf_counter_ns() - start) / 1e9


def bare_waiting(function: Callable[..., Any], argument: Any, calls: int) -> float:
    """Seconds of `calls` direct calls of JAX, each waited for."""
    repetitions = range(calls)
    start = perf_counter_ns()
    for _ in repetitions:
        function(argument).block_until_ready()
    return (perf_counter_ns() - start) / 1e9


def cases() -> list[tuple[str, Callable[..., Any], Any, Wait, Callable[..., float]]]:
    """(name, function, its argument, how the probe waits, the bare loop) of calls around 1, 5 and 10 µs."""
    found = []
    numpy, jax = NumpyExecution(), JaxExecution(jit=True, platform="cpu")
    for name, size in (("numpy, about 1 µs", 8_000), ("numpy, about 10 µs", 140_000)):
        x = np.ones(size, np.float32)
        found.append((name, np.negative, x, numpy.way_to_wait(x), bare))
    double = jax.prepare(lambda x: x + x)
    (y,) = jax.place([np.ones(16, np.float32)])
    found.append(("jax_jit, dispatch alone", double, y, jax.way_to_wait(y), bare_waiting))
    return found


def handing_on(pairs: int) -> float:
    """Seconds that a call takes longer because its result is the next call's state; the call itself does nothing."""
    x, calls = np.ones(8, np.float32), 5_000

    def nothing(state: Any, _: Any) -> Any:
        return state

    sides = {carry: calling.call_of(nothing, (x, x), carry)[0] for carry in (0, 1)}
    wait = NumpyExecution().way_to_wait(x)
    taken: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(pairs):
        for carry in random.sample(list(sides), 2):
            taken[carry].append(probe.timed(sides[carry], calls, wait) / calls)
    return float(np.median(np.subtract(taken[1], taken[0])))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=2_000, help="timings of each loop")
    options = parser.parse_args()
    if machine.affinity():
        os.sched_setaffinity(0, machine.affinity()[:1])
    print(f"{'call':26}{'bare loop':14}probe / bare loop")
    for name, function, argument, wait, loop in cases():
        calls = max(1, round(TIMING_SECONDS / (loop(function, argument, 1000) / 1000)))
        call = partial(function, argument)
        sides = {"bare": partial(loop, function, argument, calls), "probe": partial(probe.timed, call, calls, wait)}
        taken: dict[str, list[float]] = {"bare": [], "probe": []}
        for _ in range(options.pairs):
            for side in random.sample(list(sides), 2):
                taken[side].append(sides[side]() / calls)
        pairs = sorted(estimate.log_ratios(taken["probe"], taken["bare"]))
        low, high = (float(np.exp(end)) for end in estimate.median_interval(pairs))
        ratio = float(np.exp(pairs[len(pairs) // 2]))
        print(
            f"{name:26}{figures.seconds_text(float(np.median(taken['bare']))):14}"
            f"{figures.ratio_text(ratio, low, high)}",
            flush=True,
        )
    print(f"{'handing on a state':26}{handing_on(options.pairs) * 1e6:.3f} µs more a call")
    print("load", *(f"{load:.1f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
