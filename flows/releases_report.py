"""What releases cost or saved, for people and for machines: the rows of a backfill, `storage.releases.of_run`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis import steps
from analysis.steps import Step, Summary, Trend
from flows.report import ordered
from workloads import figures

LEGEND = f"A step: from one release to the next, its whole 95 % interval [ ] beyond {steps.LEAST_TEXT}."
STYLE = {True: "red", False: "green"}  # slower, faster


def print_releases(console: Console, rows: Sequence[Any]) -> None:
    """For each library: where each case steps, then what came with each release."""
    for library, trends in by_library(rows):
        releases = steps.releases(trends)
        named = releases[0] if len(releases) == 1 else f"{len(releases)} releases, {releases[0]} to {releases[-1]}"
        console.print(Text(f"{library}: {named}", style="bold"))
        for (workload, case_key), members in groupby(trends, key=lambda trend: (trend.workload, trend.case_key)):
            of_case = list(members)
            told = figures.case_text(ordered(json.loads(case_key), of_case[0].size_name))
            console.print(Text(workload, style="bold").append(f"  {told}", "dim"))
            console.print(_grid([(f"  {trend.variant}", line) for trend in of_case for line in lines(trend, releases)]))
        summaries = steps.summaries(trends)
        if summaries:
            console.print(_grid([(f"{library} {one.release}", Text(steps.balance(one))) for one in summaries]))
        else:
            console.print(Text(f"no step above {steps.LEAST_TEXT} in any case"))
    console.print(Text(LEGEND, style="dim"))


def by_library(rows: Sequence[Any]) -> Iterator[tuple[str, list[Trend]]]:
    for library, trends in groupby(steps.trends(rows), key=lambda trend: trend.library):
        yield library, list(trends)


def lines(trend: Trend, releases: Sequence[str]) -> Iterator[Text]:
    """A trend's steps, a line each, then which releases have no ratio, and why, with the seconds that there are."""
    seconds = {steps.release_of(row): row.seconds for row in trend.rows if row.status == "measured"}
    if trend.steps:
        for step in trend.steps:
            yield Text(steps.told(step), style=STYLE[step.is_slower])
    else:
        yield Text(", ".join(steps.course(trend)))
    for reason, without in steps.lacks(trend, releases).items():
        if reason == steps.ALONE:
            told = ", ".join(f"{figures.seconds_text(seconds[release])} with {release}" for release in without)
            yield Text(f"{told}: {reason}" if trend.points else told, style="yellow")
        else:
            yield Text(f"no number with {', '.join(without)}: {reason}", style="yellow")


def document(rows: Sequence[Any]) -> dict[str, Any]:
    """The same as JSON: each trend with its points and steps, and what came with each release of each library."""
    found = list(by_library(rows))
    return {
        "trends": [_trend(trend) for _, trends in found for trend in trends],
        "releases": [_summary(one) for _, trends in found for one in steps.summaries(trends)],
    }


def _trend(trend: Trend) -> dict[str, Any]:
    points = {point.release: point for point in trend.points}
    return {
        "library": trend.library,
        "workload": trend.workload,
        "case": json.loads(trend.case_key),
        "variant": trend.variant,
        "points": [_point(row, points.get(steps.release_of(row))) for row in trend.rows],
        "steps": [vars(step) for step in trend.steps],
    }


def _point(row: Any, point: steps.Point | None) -> dict[str, Any]:
    """A measurement, and its ratio to the anchor's; the anchor's own is 1."""
    return {
        "release": steps.release_of(row),
        "anchor": row.anchor,
        "status": row.status,
        "reason": row.reason,
        "ratio": point and point.ratio,
        "low": point and point.low,
        "high": point and point.high,
        "seconds": row.seconds,
        "low_seconds": row.low_seconds,
        "high_seconds": row.high_seconds,
        "first_call_seconds": row.first_call_seconds,
        "import_seconds": row.import_seconds,
        "disturbed": row.disturbed,
    }


def _summary(summary: Summary) -> dict[str, Any]:
    def steps_of(found: Sequence[tuple[Trend, Step]]) -> list[dict[str, Any]]:
        return [
            {"workload": trend.workload, "case": json.loads(trend.case_key), "variant": trend.variant, **vars(step)}
            for trend, step in found
        ]

    return {
        "library": summary.library,
        "release": summary.release,
        "cases": summary.cases,
        "slower": steps_of(summary.slower),
        "faster": steps_of(summary.faster),
    }


def _grid(rows: Sequence[tuple[str, Text]]) -> Table:
    """Two columns, the first as wide as it has to be; what is too long for the second goes on below itself."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=15, max_width=28, overflow="fold")
    grid.add_column(ratio=1)
    before = None
    for name, text in rows:
        grid.add_row(Text("" if name == before else name), text)
        before = name
    return grid
