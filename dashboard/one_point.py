"""One point of a trend: which one was chosen, and all that is known of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd

from dashboard import commands, wording
from dashboard.wording import duration, plain
from workloads.figures import run_text

PHASES = {
    "trace_seconds": "tracing",
    "lower_seconds": "lowering",
    "compile_seconds": "compiling",
    "execute_seconds": "first execution",
}


def chosen(selection: Any, frame: pd.DataFrame) -> wording.Row | None:
    """The row of a trend's frame whose point was clicked; None where none was, or it is not shown any more."""
    for point in selection["selection"]["points"] if selection else []:
        known = frame[frame["key"] == (point.get("customdata") or ["", ""])[1]]
        if len(known):
            return known.to_dict("records")[0]
    return None


def key(row: wording.Row) -> tuple[int, int, int]:
    """Run, place and series of a row: what `data.measurement` is asked by."""
    return int(row["run_id"]), int(row["place"]), int(row["series_id"])


def heading(row: wording.Row) -> str:
    """Whose point it is, and of which night."""
    return plain(f"{wording.variant_text(row['variant'])}, {wording.day(row['night'])}")


def facts(row: wording.Row, known: wording.Row, runs: pd.DataFrame, machine: str) -> pd.DataFrame:
    """What is known of a measurement, as a table of Markdown; what was not recorded is left out.

    known: the measurement (`data.measurement`). runs: those of the machine that the page Runs can show.
    """
    found = {name: text for name, text in _facts(known) if text}
    run = runs[runs["uuid"] == row["uuid"]].to_dict("records")
    text = plain(f"{wording.moment(row['started_at'])}, {run_text(row['uuid'])}")
    if run:
        query = urlencode({"machine": machine, "run": wording.run_label(run[0])}, quote_via=quote)
        text = f"[{text}](runs?{query})"
    else:
        text += f"; `{commands.show(row['uuid'])}` prints it"
    found = {"Run": text, **{name: plain(text) for name, text in found.items()}}
    return pd.DataFrame({"What": list(found), "Known": list(found.values())})


def _facts(known: wording.Row) -> Iterator[tuple[str, str]]:
    status = wording.status(known["status"])
    yield "Status", f"{status}: {known['reason']}" if known["reason"] else status
    if known["status"] == "measured":
        yield "Time per call", duration(known["seconds"], known["low_seconds"], known["high_seconds"])
    if not math.isnan(known["ratio"]):
        yield "Ratio to NumPy", f"{wording.ratio(known)}, {known['verdict']}"
    jax = "" if pd.isna(known["jax"]) else f", JAX {known['jax']}"
    yield "Versions", f"NumPy {known['numpy']}{jax}, Python {known['python']}"
    yield "Environment", known["environment"]
    yield "Computed on", f"{known['device']}, threads: {known['threads']}"
    yield "First call", _first_call(known)
    for name, column in (
        ("Import of the library", "import_seconds"),
        ("Start of the device", "start_seconds"),
        ("Moving inputs in", "transfer_in_seconds"),
        ("Moving results out", "transfer_out_seconds"),
    ):
        yield name, _seconds(known[column])
    for name, column in (("Peak memory", "peak_bytes"), ("Peak memory of the device", "device_peak_bytes")):
        yield name, "" if pd.isna(known[column]) else wording.disk(known[column])
    yield "Load of the machine", "" if pd.isna(known["load"]) else f"{known['load']:.1f}"
    yield "Disturbed (~)", known["disturbed"]


def _first_call(known: wording.Row) -> str:
    phases = [f"{name} {duration(known[column])}" for column, name in PHASES.items() if not pd.isna(known[column])]
    whole = _seconds(known["first_call_seconds"])
    return f"{whole}, of that {', '.join(phases)}" if whole and phases else whole


def _seconds(seconds: float | None) -> str:
    return "" if pd.isna(seconds) else duration(float(seconds or 0))
