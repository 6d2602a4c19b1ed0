"""What is known of every machine: its nights, how the libraries stand on it, what it is, and its environments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import tonight
from dashboard.data.source import Version, engine, frame_of
from dashboard.tonight import Nights
from flows import watching
from flows.settings import SettingsError, read_settings
from storage import capability, inventory, queries
from storage import trends as over_nights
from storage.nights import REQUEST, last_two, of_machine


@st.cache_data(ttl=60, show_spinner=False, max_entries=8)
def nights(version: Version) -> Nights:
    """The state of every machine's nights: known for a minute."""
    now = datetime.now(UTC)
    try:
        settings = read_settings()
    except SettingsError as error:
        return Nights(seen_at=now, problem=str(error))
    with engine(version[0]).connect() as connection:
        return Nights(watching.states(connection, settings, now), now)


@st.cache_data(show_spinner=False, max_entries=64)
def since_the_night_before(version: Version, machine: str) -> tonight.Since:
    """What is otherwise in the newest night of a machine than in those before it."""
    with engine(version[0]).connect() as connection:
        runs = of_machine(connection, machine=machine, limit=tonight.LOOK_BACK)
        ids = [run.id for run in runs if run.suite == runs[0].suite]
        places = queries.environments_of_runs(connection, ids)
        return tonight.since(machine, ids, last_two(connection, ids), places)


@st.cache_data(show_spinner=False, max_entries=64)
def scores(version: Version) -> pd.DataFrame:
    """How the variants stand on every machine: all scores of its newest night, else of its newest run."""
    with engine(version[0]).connect() as connection:
        found = over_nights.overview(connection, request=REQUEST)
        nightly = {row.machine for row in found}
        found = [*found, *(row for row in over_nights.overview(connection) if row.machine not in nightly)]
        return frame_of(over_nights.scores(connection, sorted({row.run_id for row in found})))


@st.cache_data(show_spinner=False, max_entries=64)
def computers(version: Version) -> queries.Rows:
    """Every computer that has a run, the one that ran last first."""
    with engine(version[0]).connect() as connection:
        return inventory.machines(connection)


@st.cache_data(show_spinner=False, max_entries=64)
def environments_of(version: Version, machine: str | None = None) -> queries.Rows:
    """The environments of a machine, or of all: the one last used first."""
    with engine(version[0]).connect() as connection:
        return inventory.environments(connection, machine=machine)


@st.cache_data(show_spinner=False, max_entries=64)
def environment(version: Version, digest: str) -> queries.Rows:
    """What is known of an environment, by its newest runs."""
    with engine(version[0]).connect() as connection:
        return inventory.environment(connection, digest)


@st.cache_data(show_spinner=False, max_entries=64)
def peaks(version: Version, machine_id: int) -> tuple[Any, queries.Rows]:
    """The newest run of a computer that measured its peaks, and these; None and nothing where there is none."""
    with engine(version[0]).connect() as connection:
        run = inventory.run_with_peaks(connection, machine_id=machine_id)
        return run, capability.peaks(connection, run.id) if run else ()
