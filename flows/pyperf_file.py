"""A run as pyperf's own JSON, so that its tools can show and compare what was measured here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workloads import bundle

#: Of pyperf's format: one benchmark a measurement, one run a process, one value a sample.
VERSION = "1.0"


class NoSuchEnvironment(Exception):
    """A run was not measured there; the text says where it was."""


def document(
    lines: Iterable[bundle.Line], workload: str | None = None, environment: str | None = None
) -> tuple[dict[str, Any], int]:
    """What pyperf reads of a run: all that was measured in it, or of one workload, or in one environment; and how many
    measurements are not in it because their samples were pruned.

    An environment that was chosen is in no name: so two of a run can be compared. NoSuchEnvironment: it has none of it.
    """
    benchmarks: dict[str, dict[str, Any]] = {}
    header, is_named, pruned = None, False, 0
    for line in lines:
        if isinstance(line, bundle.Header):
            header = line
            names = [one["name"] for one in header.environments]
            if environment is not None and environment not in names:
                raise NoSuchEnvironment(f"no environment {environment!r} in this run: {', '.join(map(repr, names))}")
            is_named = len(names) > 1 and environment is None
        elif not isinstance(line, bundle.Measurement) or header is None:
            continue
        elif workload in (None, line.workload) and environment in (None, line.environment):
            runs = [run(process) for process in line.processes if process.samples_seconds]
            if line.status == "measured" and any(process.samples_pruned for process in line.processes):
                pruned += 1
            elif line.status == "measured" and runs:
                about = metadata(header, line, is_named=is_named)
                if about["name"] in benchmarks:  # measured on two devices
                    about["name"] = f"{about['name']} {line.device} {line.threads} threads"
                benchmarks[about["name"]] = {"metadata": about, "runs": runs}
    return {"version": VERSION, "benchmarks": list(benchmarks.values())}, pruned


def run(process: bundle.Process) -> dict[str, Any]:
    """One process: its samples, and those of its warm-up, as seconds per call."""
    loops = max(process.calls_per_sample or 1, 1)
    facts = {"loops": loops, "mem_max_rss": process.peak_bytes or None, "crossover_seed": process.seed}
    if process.cores:
        facts["cpu_affinity"] = ",".join(map(str, process.cores))
    return {
        "values": process.samples_seconds,
        "warmups": [[loops, seconds] for seconds in process.warm_up_seconds],
        "metadata": given(facts),
    }


def metadata(header: bundle.Header, line: bundle.Measurement, *, is_named: bool) -> dict[str, Any]:
    """What is known of a whole measurement, under pyperf's names where it has one; is_named: its environment is too."""
    environment = next(one for one in header.environments if one["name"] == line.environment)
    found, machine = environment["found"], header.machine
    return given(
        {
            "name": name_of(line, line.environment if is_named else ""),
            "unit": "second",
            "date": line.measured_at.rstrip("Z").replace("T", " "),
            "hostname": machine["name"],
            "cpu_count": machine.get("cores"),
            "cpu_model_name": machine.get("processor"),
            "load_avg_1min": line.load,
            "platform": " ".join(
                str(machine[name]) for name in ("system", "kernel", "architecture") if name in machine
            ),
            "python_version": found["python"],
            "python_implementation": str(found.get("implementation", "")).lower(),
            **{f"{library}_version": version for library, version in found["libraries"].items()},
            "crossover_run": header.run,
            "crossover_seconds": line.seconds,
            "crossover_device": line.device,
            "crossover_threads": line.threads,
        }
    )


def name_of(line: bundle.Measurement, environment: str) -> str:
    """The same in every run for what may be compared; with the environment where several are told together."""
    case = " ".join(f"{name}={value}" for name, value in sorted(line.case.items()))
    return " ".join(filter(None, (line.workload, f"v{line.workload_version}", case, line.variant, environment)))


def given(facts: dict[str, Any]) -> dict[str, Any]:
    """What of these facts is known, as pyperf takes it: numbers, and texts that are not empty and of one line."""
    even = {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in facts.items()}
    return {name: value for name, value in even.items() if isinstance(value, (int, float, str)) and value != ""}
