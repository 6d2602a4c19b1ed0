"""Frames along time: from night to night, and from release to release."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from analysis import steps
from dashboard.data.source import Version, engine, frame_of
from dashboard.releases import facts
from dashboard.trends import TO_NUMPY, View, named
from dashboard.trends import drawn as shaped
from storage import releases
from storage import trends as over_nights


@st.cache_data(show_spinner=False, max_entries=64)
def backfills(version: Version) -> pd.DataFrame:
    """The newest runs that went through releases, of every machine."""
    with engine(version[0]).connect() as connection:
        return frame_of(releases.backfills(connection))


@st.cache_data(show_spinner=False, max_entries=64)
def trends(version: Version, run_id: int) -> list[steps.Trend]:
    """Each variant of each case of a backfill, release after release."""
    with engine(version[0]).connect() as connection:
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
    with engine(version[0]).connect() as connection:
        return facts(releases.environments(connection, run_id))


@st.cache_data(show_spinner=False, max_entries=256)
def series(version: Version, machine: str, workload: str) -> pd.DataFrame:
    """What of a workload a machine has measured, whatever device, threads and version."""
    with engine(version[0]).connect() as connection:
        return named(frame_of(over_nights.series(connection, machine=machine, workload=workload)))


@st.cache_data(show_spinner=False, max_entries=256)
def tracks(version: Version, series_ids: tuple[int, ...], since: date) -> list[str]:
    """The tracks that some series were measured in since a night; '' is what was in none."""
    with engine(version[0]).connect() as connection:
        return over_nights.tracks(connection, series_ids, since=since)


def drawn(
    version: Version, series: pd.DataFrame, since: date, track: str, view: View, theirs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Some series, night after night in a track, as a view shows them (`dashboard.trends.drawn`)."""
    rows = _trend(version, tuple(series["id"]), since, track, view.further, view.shown == TO_NUMPY)
    return shaped(rows, series, view, theirs)


@st.cache_data(show_spinner=False, max_entries=256)
def changes_of_series(version: Version, machine: str, series_ids: tuple[int, ...], since: date) -> pd.DataFrame:
    """What backfills since a night found to change in some series."""
    with engine(version[0]).connect() as connection:
        return frame_of(over_nights.changes(connection, since=since, machine=machine, series_ids=series_ids))


@st.cache_data(show_spinner=False, max_entries=64)
def changes(version: Version, since: date) -> pd.DataFrame:
    """What is known to have changed since a night, on every machine."""
    with engine(version[0]).connect() as connection:
        return frame_of(over_nights.changes(connection, since=since))


@st.cache_data(show_spinner=False, max_entries=256)
def _trend(
    version: Version, series_ids: tuple[int, ...], since: date, track: str, further: tuple[str, ...], to_numpy: bool
) -> pd.DataFrame:
    asked: dict[str, Any] = {"since": since, "track": track, "further": further, "to_numpy": to_numpy}
    with engine(version[0]).connect() as connection:
        return frame_of(over_nights.trend(connection, series_ids, **asked))
