"""A run as a table for people and as a document for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from analysis import noise, roofline
from analysis.compare import verdict
from storage import capability, queries, recorded
from workloads import figures

STYLE = {"faster": "green", "slower": "red", "same": "", "unsure": "dim"}
LEGEND = """\
first call: the first of this case in a process, with compilation; kept apart.
ratio: seconds of this variant / seconds of numpy, sampled in lock step; below 1
it is faster. [ ]: 95 % interval over processes. unsure: it could be either.
~: others used the machine meanwhile."""
WIDTHS = (15, 22, 10, 21, 7)  # with one column between; the first is wider where there is room
LEAST_WIDTH = 80


def table(rows: Sequence[Any], letters: dict[str, str], width: int = LEAST_WIDTH) -> RenderableType:
    """The measurements of one run, case by case, in `width` columns. `letters`: the short names of its environments."""
    longest = max((len(name_of(row, letters)) for row in rows), default=0)
    names = max(WIDTHS[0], min(longest, width - LEAST_WIDTH + WIDTHS[0]))
    parts: list[RenderableType] = [
        _grid([("", "seconds per call", "first call", "ratio to numpy", "verdict")], "dim", names)
    ]
    for (workload, case), group in groupby(rows, key=lambda row: (row.workload, row.case_key)):
        members = list(group)
        told = figures.case_text(ordered(json.loads(case), members[0].size_name))
        title = Text(workload, style="bold").append(f"  {told}", "dim")
        if all(row.status == "too_large" for row in members):  # a choice, not a failure: one line is enough
            parts.append(title.append(f"  too large: {members[0].reason.partition(';')[0]}", "dim"))
            continue
        parts.append(title)
        for row in members:
            if row.status == "measured":
                name = name_of(row, letters)
                if len(name) > names:
                    parts.append(Text(name))
                    name = ""
                parts.append(_grid([(name, *cells(row))], names=names))
        for (status, reason), alike in without_number(members).items():
            listed = ", ".join(name_of(row, letters).strip() for row in alike)
            parts.append(Text(f"  {listed}  ").append(f"{status}: {reason}", "yellow"))
    return Group(*parts)


def name_of(row: Any, letters: dict[str, str]) -> str:
    """A variant as it stands in the table: marked if disturbed, with its environment's letter if there are several."""
    mark = "~ " if row.disturbed else "  "
    return mark + (f"{letters[row.environment]} {row.variant}" if len(letters) > 1 else row.variant)


def without_number(rows: Sequence[Any]) -> dict[tuple[str, str], list[Any]]:
    """The rows that have none, those with the same status and reason together."""
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        if row.status != "measured":
            found.setdefault((row.status, row.reason), []).append(row)
    return found


def across(rows: Sequence[Any], letters: dict[str, str]) -> RenderableType:
    """Each variant in another environment against itself in the first one; nothing for a run of one environment."""
    parts: list[RenderableType] = []
    for (workload, case), group in groupby(rows, key=lambda row: (row.workload, row.case_key)):
        members = list(group)
        told = figures.case_text(ordered(json.loads(case), members[0].size_name))
        parts.append(Text(workload, style="bold").append(f"  {told}", "dim"))
        for row in members:
            word = verdict(row.ratio, row.ratio_low, row.ratio_high)
            ratio = figures.ratio_text(row.ratio, row.ratio_low, row.ratio_high)
            name = f"  {letters[row.environment]} {row.variant}"
            parts.append(_grid([(name, f"against A {row.variant}", "", ratio, Text(word, style=STYLE[word]))]))
    return Group(*parts)


def cells(row: Any) -> tuple[RenderableType, ...]:
    """What the table says of one measurement."""
    seconds = figures.seconds_text(row.seconds, row.low_seconds, row.high_seconds)
    first_call = figures.seconds_text(row.first_call_seconds)
    if row.ratio is None:
        return seconds, first_call, "", ""
    word = verdict(row.ratio, row.ratio_low, row.ratio_high)
    ratio = figures.ratio_text(row.ratio, row.ratio_low, row.ratio_high)
    return seconds, first_call, ratio, Text(word, style=STYLE[word])


def _grid(rows: list[tuple[RenderableType, ...]], style: str = "", names: int = WIDTHS[0]) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    for width, justify in zip((names, *WIDTHS[1:]), ("left", "left", "right", "left", "left"), strict=True):
        grid.add_column(width=width, justify=justify, style=style)
    for row in rows:  # as Text: a name that looks like markup is still a name
        grid.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return grid


def ordered(case: dict[str, Any], size_name: str) -> dict[str, Any]:
    """The size first, then other numbers, the rest (dtype and the like) behind."""
    return dict(sorted(case.items(), key=lambda item: (item[0] != size_name, not isinstance(item[1], (int, float)))))


def heading(run: Any, environments: Sequence[Any]) -> str:
    """Which run, where, when and in what."""
    machine = run.machine_description
    letters = letters_of(environments)
    versions = [
        f"{letters[e.name]}: {versions_text(e)}" if len(letters) > 1 else versions_text(e) for e in environments
    ]
    return (
        f"run {figures.run_text(run.uuid)} ({run.suite}) on {run.machine}: {machine.get('processor', '')}, "
        f"{machine.get('cores', '?')} cores, {run.started_at:%Y-%m-%d %H:%M} UTC"
        + "".join(f"\n{line}" for line in versions)
    )


def letters_of(environments: Sequence[Any]) -> dict[str, str]:
    """A, B, ... Z, AA, AB ... for the environments of a run, by name."""
    return {environment.name: letter(place) for place, environment in enumerate(environments)}


def letter(place: int) -> str:
    before, last = divmod(place, 26)
    return (letter(before - 1) if before else "") + chr(ord("A") + last)


def versions_text(environment: Any) -> str:
    jax = f"JAX {environment.jax}" if environment.jax else "no JAX"
    return f"Python {environment.python}, NumPy {environment.numpy}, {jax}"


def verdicts(rows: Sequence[Any]) -> list[str]:
    """One sentence per variant: in how many cases it is faster, slower, the same, or not known to be any."""
    counted: dict[str, Counter[str]] = {}
    for row in rows:
        if row.ratio:
            counts = counted.setdefault(row.variant, Counter())
            counts[verdict(row.ratio, row.ratio_low, row.ratio_high)] += 1
    return [
        f"{variant} against numpy: " + ", ".join(f"{word} in {counts[word]}" for word in STYLE if counts[word])
        for variant, counts in counted.items()
    ]


@dataclass(frozen=True)
class Report:
    """Everything that is shown of a run, as rows of the database."""

    run: Any
    environments: Sequence[Any]
    rows: Sequence[Any]  # its measurements
    between: Sequence[Any] = ()  # each variant in another environment against itself in the first
    floors: Sequence[Any] = ()  # what was measured against itself
    peaks: Sequence[Any] = ()
    recorded: Sequence[Any] = ()  # how its environments were asked for, and what they resolved to
    left_out: Sequence[str] = ()  # what was asked for and could not be measured, each with its reason


def gather(connection: Any, run: Any) -> Report:
    """The report of a run, as `queries.runs` gives it."""
    return Report(
        run,
        queries.environments_of_runs(connection, [run.id]),
        queries.measurements(connection, run.id),
        queries.ratios_across(connection, run.id),
        capability.noise_floors(connection, run.id),
        capability.peaks(connection, run.id),
        recorded.environments(connection, run.id),
        queries.plan_of(connection, run.id).get("left_out", ()),
    )


def print_run(console: Console, report: Report) -> None:
    console.print(Text(heading(report.run, report.environments)))
    console.print(table(report.rows, letters_of(report.environments), console.width))
    if report.between:
        console.print(across(report.between, letters_of(report.environments)))
    console.print(Text(LEGEND, style="dim"))
    for sentence in (*verdicts(report.rows), *remarks(report)):
        console.print(Text(sentence))


def remarks(report: Report) -> list[str]:
    """What the run lacks, and how far its figures can be trusted: what disturbed them, what differed from itself."""
    run, found = report.run, [f"left out: {reason}" for reason in report.left_out]
    if run.finished_at is None:
        found.append(f"cut short before its end, or measuring still: {run.measured} of {run.planned} measured")
    disturbed = [row for row in report.rows if row.disturbed]
    if disturbed:
        reason, _ = Counter(row.disturbed.partition(";")[0] for row in disturbed).most_common(1)[0]
        found.append(f"~ {len(disturbed)} of {len(report.rows)} were measured on a busy machine, such as: {reason}")
    floors = noise.floors([(row.ratio, row.low, row.high) for row in report.floors])
    if floors.typical is not None and floors.worst is not None:
        typical, worst = (f"{floor:.1%}".replace("%", " %") for floor in (floors.typical, floors.worst))
        found.append(
            f"noise floor: {len(report.floors)} series against themselves, typically {typical}, at worst {worst}"
        )
    best: dict[tuple[str, str], float] = {}
    for peak in report.peaks:
        key = peak.resource, peak.dtype
        best[key] = max(peak.per_second, best.get(key, 0.0))
    if best:
        units = {"bandwidth": "GB/s"}
        parts = [
            f"{resource} {figure / 1e9:.3g} {units.get(resource, f'GFLOP/s {dtype}')}"
            for (resource, dtype), figure in sorted(best.items())
        ]
        found.append("measured peaks: " + ", ".join(parts))
    return found


def document(report: Report) -> dict[str, Any]:
    """A run as JSON: every figure in seconds, ratios or bytes; first calls apart from seconds per call."""
    measurements = []
    for row in report.rows:
        fields = {**row._mapping, "case": json.loads(row.case_key)}
        fields["verdict"] = verdict(row.ratio, row.ratio_low, row.ratio_high) if row.ratio else None
        fields["share_of_peak"] = share_of_peak(row, report.peaks)
        measurements.append({name: fields[name] for name in fields if name not in ("case_key", "run_id", "place")})
    return {
        "run": {**report.run._mapping},
        "environments": [
            {**environment._mapping, **record._mapping}
            for environment, record in zip(report.environments, report.recorded, strict=True)
        ],
        "measurements": measurements,
        "against_first_environment": [
            {**row._mapping, "verdict": verdict(row.ratio, row.ratio_low, row.ratio_high)} for row in report.between
        ],
        "noise_floors": [{**row._mapping} for row in report.floors],
        "peaks": [{**row._mapping} for row in report.peaks],
        "left_out": list(report.left_out),
    }


def share_of_peak(row: Any, peaks: Sequence[Any]) -> float | None:
    """How near a measurement came to what its device can do; None where either is unknown."""
    if row.seconds is None:
        return None
    of_device = [
        (peak.resource, peak.dtype, peak.per_second)
        for peak in peaks
        if (peak.device, peak.threads) == (row.device, row.threads)
    ]
    dtype = json.loads(row.case_key).get("dtype", "")
    return roofline.share_of_peak(
        row.seconds, row.flops, row.bytes_moved, row.resource, dtype, roofline.roofs(of_device)
    )
