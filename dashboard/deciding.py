"""One size of a workload: what so many calls take in each variant, and which one to use.

Frames in (`dashboard.data.costs`, one environment and one case), figures out.
"""

from __future__ import annotations

import pandas as pd

from analysis import break_even, decision
from analysis.compare import Figure
from dashboard import breaking_even, wording
from dashboard.wording import Row

#: Numbers of calls to choose from, and the one that is chosen until somebody does.
CALLS = {f"{10**power:,}": 10**power for power in range(7)}
USUAL = "1,000"


def sizes(frame: pd.DataFrame) -> dict[str, float]:
    """The sizes at which something can be compared with NumPy, ascending, by how they are shown."""
    found = frame.loc[list(breaking_even.pairs(frame))].sort_values("size")
    return {wording.at(row): row["size"] for row in found.to_dict("records")}


def decide(frame: pd.DataFrame, calls: int, counted: str) -> decision.Decision:
    """What to use for so many calls; of the variants of one size those that were compared with NumPy."""
    pairs = breaking_even.pairs(frame, counted)
    return decision.decide({frame.loc[index, "variant"]: pair for index, pair in pairs.items()}, calls)


def totals(frame: pd.DataFrame, calls: int, counted: str) -> dict[str, Figure]:
    """Seconds of so many calls in each variant that was measured, those that are counted besides included."""
    measured = frame[frame["status"] == "measured"].to_dict("records")
    return {row["variant"]: total(row, calls, counted) for row in measured}


def total(row: Row, calls: int, counted: str) -> Figure:
    """Seconds of so many calls of a measurement."""
    once, each = breaking_even.transfer(row, counted)
    besides = once + calls * each
    middle, low, high = break_even.total(breaking_even.first(row), breaking_even.steady(row), calls)
    return middle + besides, *(None if end is None else end + besides for end in (low, high))


def floors(found: pd.DataFrame, run_id: int) -> dict[tuple[str, str, str], float]:
    """The noise floors that a run knows, by workload, case and variant."""
    rows = found[found["run_id"] == run_id].to_dict("records") if len(found) else []
    return {(row["workload"], row["case_key"], row["variant"]): row["floor"] for row in rows if row["floor"] >= 0}
