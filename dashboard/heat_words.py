"""What a picture of all workloads of a run says, and how to read it. Sentences are Markdown, lines text."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from dashboard import wording
from dashboard.wording import Row


def answer(cells: pd.DataFrame, variant: str) -> str:
    """At how many sizes of all workloads it is faster, slower, the same and unsure, and in how many it wins at all."""
    name = wording.plain(wording.variant_text(variant))
    name = name[:1].upper() + name[1:] if name in wording.VARIANTS.values() else name
    counts = cells["state"].value_counts()
    compared = int(counts.drop("no number", errors="ignore").sum())
    if not compared:
        return f"**{name} was compared with NumPy in none of these workloads.**"
    of = cells["workload"].nunique()
    parts = [f"{counts[state]:,} {word}" for state, word in _WORDS.items() if state in counts]
    wins = cells.loc[cells["state"] == "faster", "workload"].nunique()
    return (
        f"**{name} against NumPy, over {compared:,} sizes of {of:,} workloads: {', '.join(parts)}.** "
        f"It is faster at some size in {wins:,} of the workloads."
    )


def legend(cells: pd.DataFrame) -> str:
    """What a cell, its colour and its place are."""
    sentences = [
        "A row is a workload, a cell one of its sizes; what a size counts differs from row to row (elements, rows, "
        "sides), so compare along a row. Only a sure difference has a colour; from 16× on it gets no stronger."
    ]
    if (cells["state"] == "no number").any():
        sentences.append("An outlined cell has no number: the text over it says why, most often `too large`.")
    sentences.append("On top is what is faster from the smallest size on. Of each workload its first case is shown.")
    return " ".join(sentences)


def hover(row: Row) -> list[str]:
    """A cell, line by line: workload, size and case, then its verdict, or why it has none."""
    case = wording.case(row["case_key"], row["size_name"]) if row["case_key"] != "{}" else wording.at(row)
    if row["state"] == "no number":
        reason = f": {wording.short(row['reason'])}" if row["reason"] else ""
        return [row["workload"], case, f"{row['verdict']}{reason}"]
    lines = [row["workload"], case, f"{row['verdict']}, {wording.ratio(row)} NumPy"]
    return [*lines, wording.duration(row["seconds"], row["low_seconds"], row["high_seconds"])]


def table(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells as figures and words, as they stand from top to bottom."""
    rows = cells.to_dict("records")
    return pd.DataFrame(
        {
            "Workload": [row["workload"] for row in rows],
            "Case": [wording.case(row["case_key"], row["size_name"]) for row in rows],
            "Verdict": [row["verdict"] for row in rows],
            "Ratio to NumPy": [wording.ratio(row) for row in rows],
            "Time per call": [
                wording.duration(row["seconds"], row["low_seconds"], row["high_seconds"]) for row in rows
            ],
        }
    )


_WORDS: Mapping[str, str] = {"faster": "faster", "slower": "slower", "same": "the same", "unsure": "unsure"}
