"""What calls cost, as tables of text: the evidence of break-evens and of decisions."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from dashboard import break_even_words, breaking_even, deciding, wording
from dashboard.one_point import PHASES
from workloads.figures import change_text


def break_evens(frame: pd.DataFrame, even: pd.DataFrame) -> pd.DataFrame:
    """Every size of every variant: break-even, first call with its phases, later calls; NumPy's own first.

    frame: what `even` was made of (`breaking_even.break_evens`).
    """
    numpy = frame[frame["variant"] == "numpy"]
    every = pd.concat([numpy.assign(kind=""), even]).sort_values("size", kind="stable").to_dict("records")
    table = {
        "Size": [wording.at(row) for row in every],
        "Variant": [wording.variant_text(row["variant"]) for row in every],
        "Break-even": [break_even_words.says(row) if row["kind"] else "reference" for row in every],
        "First call": [wording.duration(*breaking_even.first(row)) for row in every],
        "Later calls": [wording.duration(*breaking_even.steady(row)) for row in every],
        "Ratio to NumPy": [wording.ratio(row) for row in every],
    }
    phases = {name: [wording.duration(row[column]) for row in every] for column, name in PHASES.items()}
    return pd.DataFrame(table | {f"Of it {name}": texts for name, texts in phases.items()})


def totals(frame: pd.DataFrame, calls: int, counted: str, floors: Mapping[tuple[str, str, str], float]) -> pd.DataFrame:
    """What so many calls take in each variant of one size, the fastest first, and what that follows from.

    floors: noise floors as shares (`deciding.floors`).
    """
    measured = frame[frame["status"] == "measured"].to_dict("records")
    rows = sorted(measured, key=lambda row: deciding.total(row, calls, counted)[0])
    known = [floors.get((row["workload"], row["case_key"], row["variant"])) for row in rows]
    table = {
        "Variant": [wording.variant_text(row["variant"]) for row in rows],
        f"{calls:,} {'call' if calls == 1 else 'calls'}": [
            wording.duration(*deciding.total(row, calls, counted)) for row in rows
        ],
        "First call": [wording.duration(*breaking_even.first(row)) for row in rows],
        "Later calls": [wording.duration(*breaking_even.steady(row)) for row in rows],
        "Ratio to NumPy": [wording.ratio(row) for row in rows],
        "Transfers": [
            wording.duration(breaking_even.transfer(row, breaking_even.TRANSFERS[1])[0] or None) for row in rows
        ],
        "Noise floor": [change_text(floor) for floor in known],
    }
    if not any(known):
        del table["Noise floor"]
    return pd.DataFrame(table)
