"""Frames for the pages, read from the database. The only cache of the dashboard.

Every frame is kept for as long as `version` stays what it was: new results show within 15 seconds, and a page that was
seen before reads nothing.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Hashable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from analysis import steps
from analysis.compare import verdict
from dashboard import tonight
from dashboard.releases import facts
from dashboard.tonight import Nights
from dashboard.trends import TO_NUMPY, View, named
from flows import watching
from flows.settings import SettingsError, read_settings
from storage import bundle_file, capability, derived, inventory, queries, releases
from storage import trends as over_nights
from storage.database import open_for_reading
from storage.nights import REQUEST, last_two, of_machine
from workloads.figures import case_text

VARIABLE = "CROSSOVER_DATABASE_URL"
DEFAULT_URL = "sqlite:///.crossover/crossover.db"

#: Where Prefect's server is, for who has one.
SERVER_VARIABLE = "PREFECT_API_URL"

#: The database's address, then whatever changes when something is stored. Every frame is asked for with it.
Version = tuple[str, str]


def version() -> Version:
    """The state of the database. StorageError where there is none that can be read."""
    return _version(os.environ.get(VARIABLE, DEFAULT_URL))


@st.cache_data(show_spinner=False, max_entries=64)
def machines(version: Version) -> list[str]:
    """Nicknames of the machines that have a run."""
    with _engine(version[0]).connect() as connection:
        return queries.machines(connection)


@st.cache_data(show_spinner=False, max_entries=64)
def workloads(version: Version, machine: str) -> list[str]:
    """Names of the workloads that this machine has measured."""
    with _engine(version[0]).connect() as connection:
        return queries.workloads(connection, machine=machine)


@st.cache_data(show_spinner=False, max_entries=64)
def newest_workload(version: Version, machine: str) -> str | None:
    """The first workload of the newest run: what somebody who has just measured wants to see."""
    with _engine(version[0]).connect() as connection:
        return queries.newest_workload(connection, machine=machine)


@st.cache_data(show_spinner=False, max_entries=256)
def runs_of_workload(version: Version, machine: str, workload: str) -> pd.DataFrame:
    """The newest runs of a machine that measured a workload, with the number of `sizes` in each."""
    with _engine(version[0]).connect() as connection:
        return _frame(queries.runs_of_workload(connection, machine=machine, workload=workload))


@st.cache_data(show_spinner=False, max_entries=256)
def scaling(version: Version, run_id: int, workload: str) -> pd.DataFrame:
    """The measurements of a workload in a run, each with its `verdict` and the `group` of its case."""
    with _engine(version[0]).connect() as connection:
        return judged(_frame(queries.scaling(connection, run_id=run_id, workload=workload)))


@st.cache_data(show_spinner=False, max_entries=64)
def runs(version: Version, machine: str) -> pd.DataFrame:
    """The newest runs of a machine."""
    with _engine(version[0]).connect() as connection:
        return _frame(queries.runs(connection, machine=machine))


@st.cache_data(show_spinner=False, max_entries=64)
def environments(version: Version, run_ids: tuple[int, ...]) -> pd.DataFrame:
    """The environments of some runs, in their place order."""
    with _engine(version[0]).connect() as connection:
        return _frame(queries.environments_of_runs(connection, run_ids))


@st.cache_data(show_spinner=False, max_entries=64)
def left_out(version: Version, run_id: int) -> list[str]:
    """What was asked for and could not be measured in a run, each with its reason."""
    with _engine(version[0]).connect() as connection:
        return [str(reason) for reason in queries.plan_of(connection, run_id).get("left_out", ())]


@st.cache_data(show_spinner=False, max_entries=64)
def measurements(version: Version, run_id: int) -> pd.DataFrame:
    """All measurements of one run."""
    with _engine(version[0]).connect() as connection:
        return judged(_frame(queries.measurements(connection, run_id)))


def prefect_address() -> str:
    """Where Prefect's own pages are; empty where no server is known."""
    return os.environ.get(SERVER_VARIABLE, "").removesuffix("/api")


def packed_bundle(version: Version, run_id: int) -> bytes:
    """A run as the file of a bundle, through gzip; not kept. ExportError where it cannot be written as one."""
    with _engine(version[0]).connect() as connection:
        return bundle_file.packed(connection, run_id)


@st.cache_data(show_spinner=False, max_entries=64)
def floors(version: Version, machine: str) -> pd.DataFrame:
    """What the newest runs of a machine found by measuring things against themselves, the newest first."""
    with _engine(version[0]).connect() as connection:
        return _frame(capability.floors_of_machine(connection, machine=machine))


@st.cache_data(show_spinner=False, max_entries=64)
def backfills(version: Version) -> pd.DataFrame:
    """The newest runs that went through releases, of every machine."""
    with _engine(version[0]).connect() as connection:
        return _frame(releases.backfills(connection))


@st.cache_data(show_spinner=False, max_entries=64)
def trends(version: Version, run_id: int) -> list[steps.Trend]:
    """Each variant of each case of a backfill, release after release."""
    with _engine(version[0]).connect() as connection:
        return steps.trends(releases.of_run(connection, run_id))


def backfilled(version: Version, machine: str, workload: str) -> list[steps.Trend]:
    """What the newest backfill of a machine found of a workload; nothing where there is none."""
    runs = backfills(version)
    runs = runs[(runs["machine"] == machine) & (runs["measured"] > 0)] if len(runs) else runs
    found = trends(version, int(runs["id"].iloc[0])) if len(runs) else []
    return [trend for trend in found if trend.workload == workload]


@st.cache_data(show_spinner=False, max_entries=64)
def release_facts(version: Version, run_id: int) -> pd.DataFrame:
    """What is known of the releases of a backfill, whatever is computed with them."""
    with _engine(version[0]).connect() as connection:
        return facts(releases.environments(connection, run_id))


@st.cache_data(show_spinner=False, max_entries=256)
def series(version: Version, machine: str, workload: str) -> pd.DataFrame:
    """What of a workload a machine has measured, whatever device, threads and version."""
    with _engine(version[0]).connect() as connection:
        return named(_frame(over_nights.series(connection, machine=machine, workload=workload)))


@st.cache_data(show_spinner=False, max_entries=256)
def tracks(version: Version, series_ids: tuple[int, ...], since: date) -> list[str]:
    """The tracks that some series were measured in since a night; '' is what was in none."""
    with _engine(version[0]).connect() as connection:
        return over_nights.tracks(connection, series_ids, since=since)


def trend(version: Version, series_ids: tuple[int, ...], since: date, track: str, view: View) -> pd.DataFrame:
    """Some series, night after night in a track, with what a view needs beside seconds."""
    return _trend(version, series_ids, since, track, view.further, view.shown == TO_NUMPY)


@st.cache_data(show_spinner=False, max_entries=256)
def changes_of_series(version: Version, machine: str, series_ids: tuple[int, ...], since: date) -> pd.DataFrame:
    """What backfills since a night found to change in some series."""
    with _engine(version[0]).connect() as connection:
        return _frame(over_nights.changes(connection, since=since, machine=machine, series_ids=series_ids))


@st.cache_data(show_spinner=False, max_entries=256)
def measurement(version: Version, run_id: int, place: int, series_id: int) -> dict[Hashable, Any]:
    """All that is known of one measurement."""
    with _engine(version[0]).connect() as connection:
        row = queries.measurement(connection, run_id=run_id, place=place, series_id=series_id)
        return judged(_frame([row] if row else [])).to_dict("records")[0]


@st.cache_data(ttl=60, show_spinner=False, max_entries=8)
def nights(version: Version) -> Nights:
    """The state of every machine's nights: known for a minute."""
    now = datetime.now(UTC)
    try:
        settings = read_settings()
    except SettingsError as error:
        return Nights(seen_at=now, problem=str(error))
    with _engine(version[0]).connect() as connection:
        return Nights(watching.states(connection, settings, now), now)


@st.cache_data(show_spinner=False, max_entries=64)
def since_the_night_before(version: Version, machine: str) -> tonight.Since:
    """What is otherwise in the newest night of a machine than in those before it."""
    with _engine(version[0]).connect() as connection:
        runs = of_machine(connection, machine=machine, limit=tonight.LOOK_BACK)
        ids = [run.id for run in runs if run.suite == runs[0].suite]
        places = queries.environments_of_runs(connection, ids)
        return tonight.since(machine, ids, last_two(connection, ids), places)


@st.cache_data(show_spinner=False, max_entries=64)
def changes(version: Version, since: date) -> pd.DataFrame:
    """What is known to have changed since a night, on every machine."""
    with _engine(version[0]).connect() as connection:
        return _frame(over_nights.changes(connection, since=since))


@st.cache_data(show_spinner=False, max_entries=64)
def scores(version: Version) -> pd.DataFrame:
    """How the variants stand on every machine: all scores of its newest night, else of its newest run."""
    with _engine(version[0]).connect() as connection:
        found = over_nights.overview(connection, request=REQUEST)
        nightly = {row.machine for row in found}
        found = [*found, *(row for row in over_nights.overview(connection) if row.machine not in nightly)]
        return _frame(over_nights.scores(connection, sorted({row.run_id for row in found})))


@st.cache_data(show_spinner=False, max_entries=256)
def _trend(
    version: Version, series_ids: tuple[int, ...], since: date, track: str, further: tuple[str, ...], to_numpy: bool
) -> pd.DataFrame:
    asked: dict[str, Any] = {"since": since, "track": track, "further": further, "to_numpy": to_numpy}
    with _engine(version[0]).connect() as connection:
        return _frame(over_nights.trend(connection, series_ids, **asked))


@st.cache_data(show_spinner=False, max_entries=64)
def computers(version: Version) -> queries.Rows:
    """Every computer that has a run, the one that ran last first."""
    with _engine(version[0]).connect() as connection:
        return inventory.machines(connection)


@st.cache_data(show_spinner=False, max_entries=64)
def environments_of(version: Version, machine: str | None = None) -> queries.Rows:
    """The environments of a machine, or of all: the one last used first."""
    with _engine(version[0]).connect() as connection:
        return inventory.environments(connection, machine=machine)


@st.cache_data(show_spinner=False, max_entries=64)
def environment(version: Version, digest: str) -> queries.Rows:
    """What is known of an environment, by its newest runs."""
    with _engine(version[0]).connect() as connection:
        return inventory.environment(connection, digest)


@st.cache_data(show_spinner=False, max_entries=64)
def peaks(version: Version, machine_id: int) -> tuple[Any, queries.Rows]:
    """The newest run of a computer that measured its peaks, and these; None and nothing where there is none."""
    with _engine(version[0]).connect() as connection:
        run = inventory.run_with_peaks(connection, machine_id=machine_id)
        return run, capability.peaks(connection, run.id) if run else ()


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


def _frame(rows: queries.Rows) -> pd.DataFrame:
    """Rows as a frame; figures that are absent are NaN, also where a whole column is."""
    frame = pd.DataFrame([row._asdict() for row in rows])
    return frame.astype({name: float for name in frame if name.startswith("ratio") or name in FIGURES})


@st.cache_data(ttl=15, show_spinner=False)
def _version(url: str) -> Version:
    with _engine(url).connect() as connection:
        return (url, str(derived.data_version(connection)))


# an hour: a database file that was replaced is noticed without a restart
@st.cache_resource(ttl="1h", show_spinner=False, on_release=lambda engine: engine.dispose())
def _engine(url: str) -> Any:
    return open_for_reading(url)
