"""A run as a table for people and as a document for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from analysis.compare import verdict
from workloads import figures

STYLE = {"faster": "green", "slower": "red", "same": "", "unsure": "dim"}
LEGEND = """\
first call: the first of this case in a process, with compilation; kept apart.
ratio: seconds of this variant / seconds of numpy, sampled in lock step; below 1
it is faster. [ ]: 95 % interval over processes. unsure: it could be either."""
WIDTHS = (15, 22, 10, 21, 7)  # of 80 columns, with one between


def table(rows: list[Any], letters: dict[str, str]) -> RenderableType:
    """The measurements of one run, case by case; fits 80 columns. `letters`: the short names of its environments."""
    parts: list[RenderableType] = [_grid([("", "seconds per call", "first call", "ratio to numpy", "verdict")], "dim")]
    for (workload, case), group in groupby(rows, key=lambda row: (row.workload, row.case_key)):
        parts.append(Text(workload, style="bold").append(f"  {figures.case_text(ordered(json.loads(case)))}", "dim"))
        for row in group:
            name = f"  {letters[row.environment]} {row.variant}" if len(letters) > 1 else f"  {row.variant}"
            if row.status == "measured":
                parts.append(_grid([(name, *cells(row))]))
            else:
                parts.append(Text(f"{name}  ").append(f"{row.status}: {row.reason}", "yellow"))
    return Group(*parts)


def across(rows: Sequence[Any], letters: dict[str, str]) -> RenderableType:
    """Each variant in another environment against itself in the first one; nothing for a run of one environment."""
    parts: list[RenderableType] = []
    for (workload, case), group in groupby(rows, key=lambda row: (row.workload, row.case_key)):
        parts.append(Text(workload, style="bold").append(f"  {figures.case_text(ordered(json.loads(case)))}", "dim"))
        for row in group:
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


def _grid(rows: list[tuple[RenderableType, ...]], style: str = "") -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    for width, justify in zip(WIDTHS, ("left", "left", "right", "left", "left"), strict=True):
        grid.add_column(width=width, justify=justify, style=style)
    for row in rows:  # as Text: a name that looks like markup is still a name
        grid.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return grid


def ordered(case: dict[str, Any]) -> dict[str, Any]:
    """Numbers first, the rest (dtype and the like) behind."""
    return dict(sorted(case.items(), key=lambda item: not isinstance(item[1], (int, float))))


def heading(run: Any, environments: Sequence[Any]) -> str:
    """Which run, where, when and in what."""
    machine = run.machine_description
    letters = letters_of(environments)
    versions = "\n".join(
        f"{letters[e.name]}: {versions_text(e)}" if len(letters) > 1 else versions_text(e) for e in environments
    )
    return (
        f"run {run.uuid[:8]} ({run.suite}) on {run.machine}: {machine.get('processor', '')}, "
        f"{machine.get('cores', '?')} cores, {run.started_at:%Y-%m-%d %H:%M} UTC\n{versions}"
    )


def letters_of(environments: Sequence[Any]) -> dict[str, str]:
    """A, B, C ... for the environments of a run, by name."""
    return {environment.name: chr(ord("A") + place) for place, environment in enumerate(environments)}


def versions_text(environment: Any) -> str:
    jax = f"JAX {environment.jax}" if environment.jax else "no JAX"
    return f"Python {environment.python}, NumPy {environment.numpy}, {jax}"


def verdicts(rows: list[Any]) -> list[str]:
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


def print_run(
    console: Console, run: Any, environments: list[Any], rows: list[Any], between: Sequence[Any] = ()
) -> None:
    console.print(Text(heading(run, environments)))
    console.print(table(rows, letters_of(environments)))
    if between:
        console.print(across(between, letters_of(environments)))
    console.print(Text(LEGEND, style="dim"))
    for sentence in verdicts(rows):
        console.print(Text(sentence))


def document(run: Any, environments: list[Any], rows: list[Any], between: Sequence[Any] = ()) -> dict[str, Any]:
    """A run as JSON: every figure in seconds, ratios or bytes; first calls apart from seconds per call."""
    measurements = []
    for row in rows:
        fields = {**row._mapping, "case": json.loads(row.case_key)}
        fields["verdict"] = verdict(row.ratio, row.ratio_low, row.ratio_high) if row.ratio else None
        measurements.append({name: fields[name] for name in fields if name not in ("case_key", "run_id")})
    return {
        "run": {**run._mapping},
        "environments": [{**environment._mapping} for environment in environments],
        "measurements": measurements,
        "against_first_environment": [
            {**row._mapping, "verdict": verdict(row.ratio, row.ratio_low, row.ratio_high)} for row in between
        ],
    }
