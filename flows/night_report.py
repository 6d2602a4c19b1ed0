"""What a night came to, as Markdown: for the report's file, Prefect's page, and whoever is to be told."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis import budget, upgrades
from flows import outcome, report
from storage import nights, queries
from workloads import figures

#: Of what moved since the night before.
MOST_MOVED = 10

#: Nights among which that of each series is looked for.
LOOK_BACK = 14


@dataclass(frozen=True)
class NightReport:
    """A night in words. `is_news`: whether there is anything that somebody should look at.

    name: what its file is called. key: what Prefect keeps it under, the same for all nights of a machine.
    """

    name: str
    key: str
    title: str
    text: str
    is_news: bool


def of_run(connection: Any, uuid: str) -> NightReport:
    """The report of a stored run: how it ended, what was upgraded, what moved, how the libraries stand.

    A night is compared with the nights before it; a run of another kind is compared with nothing.
    """
    gathered = report.gather(connection, queries.run_by_uuid(connection, uuid))
    ended = outcome.outcome(connection, uuid)
    run, earlier = gathered.run, []
    if run.request == nights.REQUEST:
        known = nights.of_machine(connection, machine=run.machine, until=run.started_at, limit=LOOK_BACK)
        earlier = [night for night in known if night.suite == run.suite and night.id != run.id]
    ids = [run.id, *(night.id for night in earlier)]
    levels = nights.last_two(connection, ids)
    moves = [pair for pair in budget.moves(levels) if pair[1].run_id == run.id]
    upgraded = list(upgrades.upgraded(queries.environments_of_runs(connection, ids), ids))
    word = "whole" if ended.is_whole else "lacks something"
    command = f"crossover show {figures.run_text(uuid)}"
    lines = [f"{run.measured:,} of {run.planned:,} measured, {word}. `{command}` has all of it.", ""]
    lines += [f"- upgraded: {text}" for text in upgraded]
    lines += [f"- {text}" for text in (*ended.holes, *(f"left out: {reason}" for reason in ended.left_out))]
    if moves:
        lines += [
            "",
            f"{len(moves)} series differ from the night before beyond both intervals; one night is no proof:",
        ]
        lines += ["", *table(moves)]
    lines += ["", *(f"{sentence}  " for sentence in report.verdicts(gathered.rows))]
    is_news = bool(not ended.is_whole or upgraded)  # what moved in one night is no proof, and there is always something
    kind = "night" if run.request == nights.REQUEST else f"run {figures.run_text(uuid)}"
    return NightReport(
        name=re.sub(r"[^\w.-]", "-", f"{run.machine}-{run.night}-{figures.run_text(uuid)}"),
        key=re.sub(r"[^a-z0-9]+", "-", f"{kind.partition(' ')[0]}-{run.machine}".lower()).strip("-"),  # all it may hold
        title=f"{run.machine}, {kind} of {run.night}",
        text="\n".join(lines).strip() + "\n",
        is_news=is_news,
    )


def table(moves: Sequence[tuple[Any, Any]]) -> Iterator[str]:
    """What moved since the night before, the largest first."""
    ratios = [(after, after.seconds / before.seconds) for before, after in moves]
    ratios.sort(key=lambda move: -abs(math.log(move[1])))
    yield "| case | variant | track | seconds over those of the night before |"
    yield "| --- | --- | --- | --- |"
    for row, ratio in ratios[:MOST_MOVED]:
        case = figures.case_text(report.ordered(json.loads(row.case_key), ""))
        yield f"| {row.workload} {case} | {row.variant} | {row.slot} | {ratio:.3g}x |"
    if len(moves) > MOST_MOVED:
        yield f"\n... and {len(moves) - MOST_MOVED} more"
