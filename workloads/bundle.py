"""The document that a run produces, line by line: its shape, its version, reading and writing.

JSON Lines. The first line is the header; then follow the machine's peaks, and one line per measurement and per paired
ratio, appended and synced as soon as it is made; the footer closes it. A bundle without a footer belongs to a run that
was cut short.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import IO, Any, Union

import numpy as np

VERSION = 5
#: Version 1 lacks what has a default below, 1 and 2 know no `too_large`, 1 to 3 no groups, 1 to 4 no pruned samples.
READABLE = (1, 2, 3, 4, 5)

#: `unsupported` is a fact about an environment, `too_large` a choice; what else is not `measured` is a hole in the run.
UNSUPPORTED, POSTPONED = "unsupported", "postponed"
STATUSES = ("measured", UNSUPPORTED, "too_large", "disagrees", "misplaced", "failed", "timed_out", "out_of_memory")
HOLES = STATUSES[3:]

#: How the sides of a case were sampled: one after the other, or all at the same time.
SAMPLED = ("in_turn", "at_once")

#: What a machine has a peak of: memory traffic, matrix products, chains of elementwise operations.
RESOURCES = ("bandwidth", "matrix", "elementwise")

MAX_LINE_BYTES = 16 * 2**20
MAX_BYTES = 2**30  # of a whole bundle, once it is decompressed
FOOTER_BYTES = 1000  # at most, with the end of the line before


class BundleError(Exception):
    """A bundle that cannot be read; the text names the file and the line."""


@dataclass(frozen=True)
class Header:
    """What was planned, where, and in which environments.

    Of each environment: name, asked, found, import_seconds, and how it takes part (see `plan.Place`): again, group,
    anchor, measures, spec, track, builder, resolution.
    """

    run: str  # UUID: the run's identity, whoever sends it how often
    started_at: str  # UTC, ISO 8601
    machine: dict[str, Any]
    environments: list[dict[str, Any]]
    plan: dict[str, Any]
    version: int = VERSION
    kind: str = "header"


@dataclass(frozen=True)
class Process:
    """What one process contributed to a measurement; seconds are seconds per call.

    A sample is the middle one of `timings_per_sample` timings, each of `calls_per_sample` calls, taken in one turn.
    Sample k of one side was taken in the same round as sample k of every other side of its case: their log-ratios are
    the paired ones.
    """

    seed: int
    samples_seconds: list[float]
    calls_per_sample: int | None
    first_call: dict[str, Any] | None
    transfer_in_seconds: float | None
    transfer_out_seconds: float | None
    peak_bytes: int | None
    settled: bool  # whether sampling ended because every median and ratio was known well enough, before time was up
    timings_per_sample: int = 1
    mean_seconds: float | None = None  # over all timings: more than the median where a few calls are much slower
    warm_up_seconds: list[float] = field(default_factory=list)  # samples of rounds in which a side still got faster
    steady: bool | None = None  # whether that ended; None: not looked at
    import_seconds: float | None = None  # of the library, in this very process
    start_seconds: float | None = None  # of the library's device
    device_peak_bytes: int | None = None  # where the device counts its memory
    cores: list[int] | None = None  # the cores that this process was kept on; None: all that there are
    switches: int | None = None  # involuntary context switches while it was sampled
    samples_pruned: int = 0  # so many there were, and they are not kept any more: `samples_seconds` is empty then


@dataclass(frozen=True)
class Measurement:
    """Everything learned of one variant on one case in one environment in one run. Only `measured` carries seconds."""

    environment: str
    workload: str
    workload_version: int
    case: dict[str, Any]
    size_name: str
    size: float
    variant: str
    status: str
    reason: str
    device: str
    threads: int
    measured_at: str
    seconds: float | None = None
    low_seconds: float | None = None
    high_seconds: float | None = None
    max_error: float | None = None
    load: float | None = None
    processes: list[Process] = field(default_factory=list)
    sampled: str = "in_turn"  # or `at_once`: all sides at the same time, each on cores of its own
    disturbed: str = ""  # why the machine was not quiet enough meanwhile; empty where it was
    meanwhile: dict[str, Any] | None = None  # what the machine did while this was sampled (see meanwhile.py)
    flops: float | None = None  # floating-point operations of one call, as the workload declares them
    bytes_moved: float | None = None  # bytes that one call has to read and write at least
    resource: str = ""  # which peak those operations are measured against, one of RESOURCES
    xla: dict[str, Any] | None = None  # XLA's own cost and memory analysis of the compiled function
    result: dict[str, Any] | None = None  # what the first process computed, in short (see values.py)
    kind: str = "measurement"


@dataclass(frozen=True)
class Ratio:
    """Candidate / baseline seconds of two measurements of one case that were sampled in lock step."""

    workload: str
    workload_version: int
    case: dict[str, Any]
    baseline_environment: str
    baseline_variant: str
    environment: str
    variant: str
    ratio: float
    low: float | None
    high: float | None
    kind: str = "ratio"


@dataclass(frozen=True)
class Peak:
    """The most that was seen of one device in one environment: what a share of the peak is a share of."""

    environment: str
    device: str
    threads: int
    library: str  # numpy or jax: what reached it
    resource: str  # one of RESOURCES
    dtype: str
    per_second: float  # bytes for bandwidth, floating-point operations for the others
    kind: str = "peak"


@dataclass(frozen=True)
class Footer:
    """Closes a bundle: the plan was gone through to its end."""

    finished_at: str
    kind: str = "footer"


Line = Union[Header, Measurement, Ratio, Peak, Footer]
LINES = {"header": Header, "measurement": Measurement, "ratio": Ratio, "peak": Peak, "footer": Footer}


def now() -> str:
    """This moment as it stands in a bundle: UTC, to the millisecond."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def kept(seconds: float) -> float:
    """A sample with the digits that are kept of it: those of float32, so that a database can hold it in four bytes."""
    return float(str(np.float32(seconds)))


def kept_facts(facts: Any) -> Any:
    """What was found of a process, each figure with the digits that are kept of a sample: more would fill disks."""
    if isinstance(facts, dict):
        return {name: kept_facts(value) for name, value in facts.items()}
    return kept(facts) if isinstance(facts, float) else facts


def device_name(device: dict[str, Any]) -> str:
    """A device as it stands in a series: `cpu`, `cuda:NVIDIA H100`."""
    return device["platform"] if device["platform"] == device["kind"] else "{platform}:{kind}".format(**device)


def case_key(case: dict[str, Any]) -> str:
    """A case as text: the same parameters give the same text, whatever their order."""
    return json.dumps(case, sort_keys=True, separators=(",", ":"))


def lacks(left_out: Iterable[str]) -> list[str]:
    """Of what a plan left out, what makes its run less than whole.

    Not: what a machine does not have, which is a fact about it, and what is measured another night.
    """
    return [reason for reason in left_out if not reason.startswith((f"{UNSUPPORTED}: ", f"{POSTPONED}: "))]


def taken(variants: Sequence[str], *, case_again: bool, again: bool, group: int, of: str | None) -> list[str]:
    """The variants of a case that are measured in an environment that takes part in a run like this (`plan.Place`).

    In the first group an environment is there `again` for some cases only, in the others for all. of: one library's.
    """
    if again and not (group or case_again):
        return []
    return [variant for variant in variants if of in (None, variant.partition("_")[0])]


def write(stream: IO[str], lines: Sequence[Line]) -> None:
    """Append lines in one piece and, where the stream is a file, wait until the disk has them."""
    documents = [json.dumps(dataclasses.asdict(line), separators=(",", ":"), allow_nan=False) for line in lines]
    stream.write("".join(document + "\n" for document in documents))
    stream.flush()
    with contextlib.suppress(OSError):  # a pipe or a terminal has no disk behind it
        os.fsync(stream.fileno())


def replace(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    """Put these lines in the place of the whole file, or leave the file as it was."""
    new = path.with_suffix(".new")
    with open(new, "w") as stream:
        stream.write("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(new, path)


def is_begun(path: Path) -> bool:
    """Whether a bundle has at least begun to be written."""
    return path.exists() and path.stat().st_size > 0


def is_finished(path: Path) -> bool:
    """Whether a bundle ends with its footer, however long it is and whatever stands before."""
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - FOOTER_BYTES))
        last = file.read().rpartition(b"\n")[0].rpartition(b"\n")[2]
    try:
        return json.loads(last)["kind"] == "footer"
    except (ValueError, TypeError, KeyError):
        return False


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a bundle, each a JSON object of a known kind, header first and nothing after the footer.

    A last line that was cut off in the middle is left out: its measurement was in flight when the run ended. A file
    whose name ends in `.gz` is read through gzip.
    """
    seen, total = "", 0
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
        for number, raw in enumerate(_raw_lines(path, file), 1):
            where = f"{path.name}, line {number}"
            total += len(raw)
            if total > MAX_BYTES:
                raise BundleError(f"{where}: the bundle is longer than {MAX_BYTES // 2**20} MiB: no run is")
            if len(raw) > MAX_LINE_BYTES:
                raise BundleError(f"{where}: longer than {MAX_LINE_BYTES // 2**20} MiB")
            if not raw.endswith(b"\n"):
                break
            try:
                line = json.loads(raw, parse_constant=_refuse_constant)
            except (ValueError, RecursionError) as error:
                raise BundleError(f"{where}: damaged, not a line of JSON ({str(error)[:80]})") from None
            kind = line.get("kind") if isinstance(line, dict) else None
            if not isinstance(kind, str) or kind not in LINES:
                raise BundleError(f"{where}: not a line of a bundle")
            if (number == 1) != (kind == "header"):
                raise BundleError(f"{where}: a bundle has one header, as its first line")
            if kind == "header" and line.get("version") not in READABLE:
                known = " and ".join(map(str, READABLE))
                raise BundleError(f"{where}: bundle version {line.get('version')!r}; this Crossover reads {known}")
            if seen == "footer":
                raise BundleError(f"{where}: stands after the footer")
            seen = kind
            yield line
    if not seen:
        raise BundleError(f"{path.name}: empty, or cut off before the end of its first line")


def _raw_lines(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    """Lines as they stand, none read further than its limit."""
    try:
        yield from iter(partial(file.readline, MAX_LINE_BYTES + 1), b"")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BundleError(f"{path.name}: damaged, cannot be decompressed ({error})") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")
