"""What a bundle's line must look like before any of it is stored. A bundle from outside is not to be trusted."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

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
MAX_COUNT = 2**62
MAX_CORES = 2**16

_ADAPTERS = {kind: TypeAdapter(dataclass(shape, frozen=True, config=STRICT)) for kind, shape in bundle.LINES.items()}


def read_valid(path: Path) -> list[bundle.Line]:
    """Every line of a bundle, each checked against its shape and its limits, and against the header before it.

    BundleError names the first line that is wrong.
    """
    lines: list[bundle.Line] = []
    places: list[str] = []
    measured: set[tuple[Any, ...]] = set()
    for number, document in enumerate(bundle.read(path), 1):
        try:
            # as JSON: only there does Pydantic's strict mode take an object for a dataclass
            line = _ADAPTERS[document["kind"]].validate_json(json.dumps(document))
            check_limits(document)
            if isinstance(line, bundle.Header):
                places = check_header(line)
            elif isinstance(line, bundle.Measurement):
                measured.add(check_measurement(line, places))
            elif isinstance(line, bundle.Ratio):
                check_ratio(line, measured)
            elif isinstance(line, bundle.Peak):
                check_peak(line, places)
            else:
                check_time(line.finished_at)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])[:80]
            raise bundle.BundleError(f"{path.name}, line {number}: {where}: {first['msg']}") from None
        except (ValueError, KeyError, TypeError) as error:
            raise bundle.BundleError(
                f"{path.name}, line {number}: {type(error).__name__}: {str(error)[:200]}"
            ) from None
        lines.append(line)
    return lines


def check_limits(value: Any, name: str = "") -> None:
    """Numbers that a database can hold, and names that a page can show; walks the whole document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if len(str(key)) > MAX_NAME:
                raise ValueError(f"a name longer than {MAX_NAME} characters")
            if "\x00" in str(key):
                raise ValueError("a name holds a NUL character")
            check_limits(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            check_limits(inner, name)
    elif isinstance(value, str):
        if "\x00" in value:
            raise ValueError(f"{name} holds a NUL character")
    elif isinstance(value, (int, float)):
        most = math.inf if name in ENDS else MAX_SECONDS
        if name.endswith("seconds") and not 0 <= value <= most:
            raise ValueError(f"{name} is {value}: not a number of seconds")
        if not math.isfinite(value) or (isinstance(value, int) and abs(value) > MAX_COUNT):
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
        samples = [sample for process in line.processes for sample in process.samples_seconds]
        if not samples or min(samples) <= 0:
            raise ValueError("a measurement needs samples, all of them greater than 0")
        if not min(samples) * (1 - ROUNDING) <= line.seconds <= max(samples) * (1 + ROUNDING):
            raise ValueError("its seconds are not among its samples")
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
    return (line.environment, line.workload, line.workload_version, bundle.case_key(line.case), line.variant)


def check_process(process: bundle.Process) -> None:
    """What is stored of one process; its seconds are known to be seconds already."""
    if process.timings_per_sample < 1:
        raise ValueError("timings_per_sample must be at least 1")
    for name in ("switches", "peak_bytes", "device_peak_bytes"):
        count = getattr(process, name)
        if count is not None and count < 0:
            raise ValueError(f"{name} must not be negative")
    cores = process.cores or []
    if len(cores) > MAX_CORES or not all(0 <= core < MAX_CORES for core in cores):
        raise ValueError(f"cores are numbers from 0 to {MAX_CORES - 1}")
    for name, value in (process.first_call or {}).items():
        if name.endswith("seconds") and value is not None and type(value) not in (int, float):
            raise ValueError(f"first_call.{name} is not a number of seconds")


def check_ratio(line: bundle.Ratio, measured: set[tuple[Any, ...]]) -> None:
    case = (line.workload, line.workload_version, bundle.case_key(line.case))
    for side in ((line.environment, *case, line.variant), (line.baseline_environment, *case, line.baseline_variant)):
        if side not in measured:
            raise ValueError("a ratio of something that was not measured before it")
    check_interval(line.low, line.ratio, line.high)


def check_peak(line: bundle.Peak, places: list[str]) -> None:
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
