"""The answer to `is it safe to upgrade?`, as text for people and as a document for machines."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.compare import Verdict
from analysis.upgrade_check import Changed, Check, answer, how_changed, percent
from flows.report import STYLE, ordered
from workloads import figures

#: In this order; what is the same is only counted.
SHOWN: tuple[Verdict, ...] = ("slower", "faster", "unsure")


def print_check(console: Console, check: Check) -> None:
    """What got slower, what got faster, what is open, what computes other values, and the answer last."""
    console.print(Text(f"from {check.old} to {check.new}, tolerance {percent(check.tolerance)}", style="bold"))
    for verdict in SHOWN:
        members = sorted(check.those(verdict), key=lambda one: -abs(math.log(one.ratio)))
        if members:
            console.print(Text(f"{verdict}: {len(members)}", style=STYLE[verdict] or "bold"))
            table = Table.grid(padding=(0, 2, 0, 0))
            for one in members:
                told = figures.case_text(ordered(json.loads(one.case_key), one.size_name))
                ratio = figures.ratio_text(one.ratio, one.low, one.high)
                table.add_row(Text(f"  {one.workload} {told}"), Text(one.variant), Text(ratio))
            console.print(table)
    console.print(Text(f"same: {len(check.those('same'))}", style="bold"))
    if check.broken:
        console.print(Text(f"no longer works: {len(check.broken)}", style="red"))
        for text in check.broken:
            console.print(Text(f"  {text}"))
    if check.lacking:
        console.print(Text("could not be compared:", style="yellow"))
        for text in check.lacking:
            console.print(Text(f"  {text}"))
    if check.changed:
        console.print(Text(f"computes other values: {len(check.changed)}", style="bold"))
        for one in check.changed:
            console.print(Text(f"  {changed_text(one)}"))
    console.print(Text(answer(check), style="green" if check.is_safe else "red"))


def changed_text(one: Changed) -> str:
    case = figures.case_text(json.loads(one.case_key))
    return f"{one.workload} {case} {one.variant}: {how_changed(one)}"


def document(check: Check) -> dict[str, Any]:
    """The check as JSON; a ratio is new / old seconds."""
    return {**asdict(check), "is_safe": check.is_safe, "answer": answer(check)}
