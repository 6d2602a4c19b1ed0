"""Where frames come from: the database, its state, and rows as frames.

Every frame is kept for as long as `version` stays what it was: new results show within 15 seconds, and a page that was
seen before reads nothing.
"""

from __future__ import annotations

import json
import math
import os
from typing import Any

import pandas as pd
import streamlit as st

from analysis.compare import verdict
from storage import derived, queries
from storage.database import open_for_reading
from workloads.figures import case_text

VARIABLE = "CROSSOVER_DATABASE_URL"
DEFAULT_URL = "sqlite:///.crossover/crossover.db"

#: The database's address, then whatever changes when something is stored. Every frame is asked for with it.
Version = tuple[str, str]


def version() -> Version:
    """The state of the database. StorageError where there is none that can be read."""
    return version_of(os.environ.get(VARIABLE, DEFAULT_URL))


def forget_version() -> None:
    """Look at the database anew: something has been stored that somebody waits for."""
    version_of.clear()


def judged(frame: pd.DataFrame) -> pd.DataFrame:
    """Measurements with a `verdict` against NumPy and a `group`: their case without its size."""
    if frame.empty:
        return frame
    several_versions = frame["workload_version"].nunique() > 1
    rows = frame.to_dict("records")
    return frame.assign(
        verdict=[_verdict(row) for row in rows],
        group=[_group(row, several_versions=several_versions) for row in rows],
    )


def _verdict(row: dict[str, Any]) -> str:
    if row["status"] != "measured":
        return row["status"].replace("_", " ")
    if row["variant"] == "numpy":
        return "reference"
    if math.isnan(row["ratio"]):
        return "not compared"
    return verdict(row["ratio"], row["ratio_low"], row["ratio_high"])


def _group(row: dict[str, Any], *, several_versions: bool) -> str:
    case = {name: value for name, value in json.loads(row["case_key"]).items() if name != row["size_name"]}
    parts = [case_text(case)] if case else []
    if several_versions:
        parts.append(f"version {row['workload_version']}")
    return ", ".join(parts) or "all"


#: Columns of figures that may be absent. The environments' `import_seconds` are objects, and stay as they are.
FIGURES = {
    *("seconds", "low_seconds", "high_seconds", "first_call_seconds", "trace_seconds", "lower_seconds"),
    *("compile_seconds", "execute_seconds", "start_seconds", "transfer_in_seconds", "transfer_out_seconds"),
    *("peak_bytes", "device_peak_bytes", "flops", "bytes_moved", "max_error", "load"),
    *("low", "high", "floor"),
}


def frame_of(rows: queries.Rows) -> pd.DataFrame:
    """Rows as a frame; figures that are absent are NaN, also where a whole column is."""
    frame = pd.DataFrame([row._asdict() for row in rows])
    return frame.astype({name: float for name in frame if name.startswith("ratio") or name in FIGURES})


@st.cache_data(ttl=15, show_spinner=False)
def version_of(url: str) -> Version:
    with engine(url).connect() as connection:
        return (url, str(derived.data_version(connection)))


# an hour: a database file that was replaced is noticed without a restart
@st.cache_resource(ttl="1h", show_spinner=False, on_release=lambda engine: engine.dispose())
def engine(url: str) -> Any:
    return open_for_reading(url)
