"""What the processes of a measurement gave, as rows hold it: one figure per phase, and all samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from statistics import median
from typing import Any

import numpy as np

from workloads import bundle


def over_processes(processes: list[bundle.Process]) -> dict[str, Any]:
    """One figure per phase, the middle one, and the highest peaks of memory; empty where no process has it."""

    def given(values: Iterable[Any]) -> list[Any]:
        return [value for value in values if value is not None]

    def middle(values: Iterable[Any]) -> Any:
        return median(given(values) or [None])

    def each(name: str) -> Iterator[Any]:
        return (getattr(process, name) for process in processes)

    calls = [process.first_call or {} for process in processes]
    first_calls = [call for call in calls if not call.get("cache_hits")]  # those that did compile
    phases = {
        f"{name}_seconds": middle(call.get(key) for call in first_calls)
        for name, key in (
            ("first_call", "seconds"),
            ("trace", "trace_seconds"),
            ("lower", "lower_seconds"),
            ("compile", "compile_seconds"),
            ("execute", "execute_seconds"),
        )
    }
    of_processes = ("transfer_in_seconds", "transfer_out_seconds", "import_seconds", "start_seconds")
    return {
        **phases,
        **{name: middle(each(name)) for name in of_processes},
        **{name: max(given(each(name)), default=None) for name in ("peak_bytes", "device_peak_bytes")},
    }


def samples(processes: list[bundle.Process]) -> dict[str, Any]:
    """Their samples as little-endian float32, one process after the other, and the facts of each."""
    seconds = np.concatenate([np.asarray(process.samples_seconds, "<f4") for process in processes])
    facts = [asdict(process) for process in processes]
    for one in facts:  # in the place of the samples, how many there are, or were before they were pruned
        one["samples_seconds"] = len(one["samples_seconds"]) or one["samples_pruned"]
        del one["samples_pruned"]
    return {"seconds": seconds.tobytes(), "processes": facts}
