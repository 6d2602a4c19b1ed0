"""What a bundle's line must look like before any of it is stored. A bundle from outside is not to be trusted."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from storage.header import check_header
from storage.texts import MAX_NAME, check_name, check_time
from workloads import bundle

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, str_max_length=4000)
MAX_SECONDS = 1e7
#: Of an interval: two processes of which one was disturbed leave years open, and what they took is no less measured.
ENDS = ("low_seconds", "high_seconds")
MAX_CASE = 1000
ROUNDING = 1e-6  # samples are kept with the digits of float32
MIN_SAMPLE = float(np.finfo(np.float32).tiny)  # what is less has not all of those digits
MAX_COUNT = 2**62
MAX_DEPTH = 30
MAX_CORES = 2**16

_ADAPTERS = {kind: TypeAdapter(dataclass(shape, frozen=True, config=STRICT)) for kind, shape in bundle.LINES.items()}


def read_valid(path: Path) -> list[bundle.Line]:
    """Every line of a bundle, each checked; BundleError names the first that is wrong."""
    return list(valid_lines(path))


def valid_lines(path: Path) -> Iterator[bundle.Line]:
    """The lines of a bundle one by one, each checked against its shape and limits, and against those before it.

    BundleError for the first that is wrong. Only what tells one line from another is held in memory.
    """
    places: list[str] = []
    measured: dict[tuple[Any, ...], tuple[Any, ...]] = {}  # a ratio is of what was measured last before it
    said: dict[tuple[Any, ...], int] = {}
    for number, document in enumerate(bundle.read(path), 1):
        try:
            check_limits(document)  # first: nothing else bears any depth
            text = json.dumps(document)  # only from JSON does Pydantic's strict mode take an object for a dataclass
            line = _ADAPTERS[document["kind"]].validate_json(text)
            if isinstance(line, bundle.Header):
                places = check_header(line)
            elif isinstance(line, bundle.Measurement):
                side = check_measurement(line, places)
                measured[side] = (*side, line.device, line.threads)
                check_said_once(said, measured[side], text)
            elif isinstance(line, bundle.Ratio):
                check_said_once(said, check_ratio(line, measured), text)
            elif isinstance(line, bundle.Peak):
                check_said_once(said, check_peak(line, places), text)
            else:
                check_time(line.finished_at)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])[:80]
            raise bundle.BundleError(f"{path.name}, line {number}: {where}: {first['msg']}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise bundle.BundleError(
                f"{path.name}, line {number}: {type(error).__name__}: {str(error)[:200]}"
            ) from None
        yield line


def check_said_once(said: dict[tuple[Any, ...], int], identity: tuple[Any, ...], text: str) -> None:
    """The same line may come twice; two that contradict each other may not."""
    if said.setdefault(identity, hash(text)) != hash(text):
        raise ValueError("said before in this bundle, and otherwise")


def check_limits(value: Any, name: str = "", depth: int = 0) -> None:
    """Numbers that a database can hold, and names that a page can show; walks the whole document."""
    if depth > MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, dict):
        for key, inner in value.items():
            if len(str(key)) > MAX_NAME:
                raise ValueError(f"a name longer than {MAX_NAME} characters")
            if "\x00" in str(key):
                raise ValueError("a name holds a NUL character")
            check_limits(inner, str(key), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            check_limits(inner, name, depth + 1)
    elif isinstance(value, str):
        if "\x00" in value:
            raise ValueError(f"{name} holds a NUL character")
    elif isinstance(value, (int, float)):
        most = math.inf if name in ENDS else MAX_SECONDS
        if name.endswith("seconds") and not 0 <= value <= most:
            raise ValueError(f"{name} is {value}: not a number of seconds")
        if abs(value) > MAX_COUNT if isinstance(value, int) else not math.isfinite(value):
            raise ValueError(f"{name} is too large")


def check_measurement(line: bundle.Measurement, places: list[str]) -> tuple[Any, ...]:
    """The measurement's identity inside its run, once its parts are known to fit each other."""
    for name in ("workload", "variant"):
        check_name(getattr(line, name), name)
    if max(len(line.size_name), len(line.device)) > MAX_NAME:
        raise ValueError(f"size_name and device have at most {MAX_NAME} characters")
    check_case(line.case)
    if line.status not in bundle.STATUSES:
        raise ValueError(f"status {line.status!r} is not one of " + ", ".join(bundle.STATUSES))
    if line.environment not in places:
        raise ValueError(f"environment {line.environment!r} is not in the header")
    if (line.seconds is not None) != (line.status == "measured"):
        raise ValueError("a measurement has seconds if and only if its status is `measured`")
    if line.seconds is not None:
        check_samples(line)
        check_interval(line.low_seconds, line.seconds, line.high_seconds)
    if line.sampled not in bundle.SAMPLED:
        raise ValueError(f"sampled {line.sampled!r} is not one of " + ", ".join(bundle.SAMPLED))
    if line.resource not in ("", *bundle.RESOURCES):
        raise ValueError(f"resource {line.resource!r} is not one of " + ", ".join(bundle.RESOURCES))
    for name in ("flops", "bytes_moved"):
        amount = getattr(line, name)
        if amount is not None and amount <= 0:
            raise ValueError(f"{name} of a call must be greater than 0")
    for process in line.processes:
        check_process(process)
    check_time(line.measured_at)
    return _side(line, line.environment, line.variant)


def check_samples(line: bundle.Measurement) -> None:
    """Its seconds are among its samples, unless all of those have been pruned."""
    samples = [sample for process in line.processes for sample in process.samples_seconds]
    pruned = any(process.samples_pruned > 0 for process in line.processes)
    if pruned and samples:
        raise ValueError("the samples of a measurement are pruned in all of its processes or in none")
    if pruned:
        return
    if not samples or min(samples) < MIN_SAMPLE:
        raise ValueError("a measurement needs samples, all of them greater than 0")
    if not min(samples) * (1 - ROUNDING) <= (line.seconds or 0) <= max(samples) * (1 + ROUNDING):
        raise ValueError("its seconds are not among its samples")


def check_process(process: bundle.Process) -> None:
    """What is stored of one process; its seconds are known to be seconds already."""
    if process.timings_per_sample < 1:
        raise ValueError("timings_per_sample must be at least 1")
    for name in ("switches", "peak_bytes", "device_peak_bytes", "samples_pruned"):
        count = getattr(process, name)
        if count is not None and count < 0:
            raise ValueError(f"{name} must not be negative")
    cores = process.cores or []
    if len(cores) > MAX_CORES or not all(0 <= core < MAX_CORES for core in cores):
        raise ValueError(f"cores are numbers from 0 to {MAX_CORES - 1}")
    for name, value in (process.first_call or {}).items():
        if name.endswith("seconds") and value is not None and type(value) not in (int, float):
            raise ValueError(f"first_call.{name} is not a number of seconds")


def check_ratio(line: bundle.Ratio, measured: Mapping[tuple[Any, ...], tuple[Any, ...]]) -> tuple[Any, ...]:
    """The ratio's identity inside its run, once both of its sides are known to have been measured before it."""
    candidate = _side(line, line.environment, line.variant)
    baseline = _side(line, line.baseline_environment, line.baseline_variant)
    if candidate not in measured or baseline not in measured:
        raise ValueError("a ratio of something that was not measured before it")
    check_interval(line.low, line.ratio, line.high)
    return ("ratio", *measured[candidate], *measured[baseline])


def check_peak(line: bundle.Peak, places: list[str]) -> tuple[Any, ...]:
    """The peak's identity inside its run, once its parts are known to fit each other."""
    for name in ("device", "library", "dtype"):
        check_name(getattr(line, name), name)
    if line.environment not in places:
        raise ValueError(f"environment {line.environment!r} is not in the header")
    if line.threads < 0:
        raise ValueError("threads must not be negative")
    if line.resource not in bundle.RESOURCES:
        raise ValueError(f"resource {line.resource!r} is not one of " + ", ".join(bundle.RESOURCES))
    if line.per_second <= 0:
        raise ValueError("per_second must be greater than 0")
    return ("peak", line.environment, line.device, line.threads, line.library, line.resource, line.dtype)


def check_case(case: dict[str, Any]) -> None:
    """Parameters that are single values, few enough to be a key."""
    if not all(isinstance(value, (str, int, float)) for value in case.values()):
        raise ValueError("the parameters of a case are texts and numbers")
    if len(bundle.case_key(case)) > MAX_CASE:
        raise ValueError(f"a case is at most {MAX_CASE} characters long")


def check_interval(low: float | None, value: float, high: float | None) -> None:
    """Greater than 0, and inside its interval if it has one."""
    if value <= 0:
        raise ValueError("a figure must be greater than 0")
    if (low is None) != (high is None):
        raise ValueError("an interval has two ends")
    if low is not None and high is not None and not 0 < low <= value <= high:
        raise ValueError("a figure must lie inside its interval")


def _side(line: bundle.Measurement | bundle.Ratio, environment: str, variant: str) -> tuple[Any, ...]:
    return (environment, line.workload, line.workload_version, bundle.case_key(line.case), variant)
