"""All workloads of a run as cells: a row per workload, a cell per size, whose verdict and ratio are known or not.

Frames in (`dashboard.data.measurements`), frames out.
"""

from __future__ import annotations

import itertools
import math

import pandas as pd

from dashboard import wording

COLUMNS = [
    *("workload", "case_key", "size_name", "size", "variant", "environment", "group", "status", "reason", "verdict"),
    *("ratio", "ratio_low", "ratio_high", "seconds", "low_seconds", "high_seconds"),
]
#: What is coloured, and what is not because it is not sure; everything else has no number.
DECIDED, UNDECIDED = ("faster", "slower"), ("same", "unsure")
#: Decades to either side of a size that has no neighbour.
ALONE = 0.25


def narrow(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns that are looked at here, of the sizes that a log axis has a place for."""
    return frame.loc[frame["size"] > 0, COLUMNS] if len(frame) else frame


def variants(frame: pd.DataFrame, environment: str) -> dict[str, str]:
    """Those but NumPy that more than one workload has there, the most common first, by how people say them."""
    there = frame[(frame["environment"] == environment) & (frame["variant"] != "numpy")]
    counts = there.groupby("variant")["workload"].nunique().sort_values(ascending=False, kind="stable")
    names = sorted(counts[counts > 1].index, key=lambda name: (-counts[name], name != "jax_jit", name))
    return {wording.variant_text(name): name for name in names}


def cells(frame: pd.DataFrame, environment: str, variant: str) -> pd.DataFrame:
    """One variant in one environment: a row per workload and size, of each workload's first case.

    Adds `row`, counted from the top, `left` and `right`, the ends of the cell as powers of ten, and `state`: a verdict,
    or `no number`. On top is the workload that is faster from the smallest size on; below, those that never are.
    """
    there = frame[(frame["environment"] == environment) & (frame["variant"] == variant)]
    first = there.groupby("workload")["group"].transform("first")
    there = there[there["group"] == first].drop_duplicates(["workload", "size"])
    there = there.assign(state=there["verdict"].where(there["verdict"].isin(DECIDED + UNDECIDED), "no number"))
    order = sorted((_winning(rows), name, rows) for name, rows in there.sort_values("size").groupby("workload"))
    parts = [
        rows.assign(row=number, **_ends([math.log10(size) for size in rows["size"]]))
        for number, (_, _, rows) in enumerate(order)
    ]
    return pd.concat(parts, ignore_index=True) if parts else there


def _winning(rows: pd.DataFrame) -> tuple[float, float]:
    """What sorts workloads: the smallest size that is faster, then the smallest ratio at all."""
    faster = rows.loc[rows["state"] == "faster", "size"]
    ratio = rows["ratio"].min()
    return faster.min() if len(faster) else math.inf, math.inf if math.isnan(ratio) else ratio


def _ends(places: list[float]) -> dict[str, list[float]]:
    """Cells meet halfway between neighbours; the outer ones reach as far outwards as inwards."""
    middles = [(one + other) / 2 for one, other in itertools.pairwise(places)]
    first = places[0] - (middles[0] - places[0] if middles else ALONE)
    last = places[-1] + (places[-1] - middles[-1] if middles else ALONE)
    return {"left": [first, *middles], "right": [*middles, last]}
