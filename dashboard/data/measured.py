"""Frames of what ran and what it measured."""

from __future__ import annotations

import os
from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import breaking_even, heat
from dashboard.data.source import Version, engine, frame_of, judged
from storage import bundle_file, capability, queries, values

#: Where Prefect's server is, for who has one.
SERVER_VARIABLE = "PREFECT_API_URL"


@st.cache_data(show_spinner=False, max_entries=64)
def machines(version: Version) -> list[str]:
    """Nicknames of the machines that have a run."""
    with engine(version[0]).connect() as connection:
        return queries.machines(connection)


@st.cache_data(show_spinner=False, max_entries=64)
def workloads(version: Version, machine: str) -> list[str]:
    """Names of the workloads that this machine has measured."""
    with engine(version[0]).connect() as connection:
        return queries.workloads(connection, machine=machine)


@st.cache_data(show_spinner=False, max_entries=64)
def newest_workload(version: Version, machine: str) -> str | None:
    """The first workload of the newest run: what somebody who has just measured wants to see."""
    with engine(version[0]).connect() as connection:
        return queries.newest_workload(connection, machine=machine)


@st.cache_data(show_spinner=False, max_entries=256)
def runs_of_workload(version: Version, machine: str, workload: str) -> pd.DataFrame:
    """The newest runs of a machine that measured a workload, with the number of `sizes` in each."""
    with engine(version[0]).connect() as connection:
        return frame_of(queries.runs_of_workload(connection, machine=machine, workload=workload))


@st.cache_data(show_spinner=False, max_entries=256)
def scaling(version: Version, run_id: int, workload: str) -> pd.DataFrame:
    """The measurements of a workload in a run, each with its `verdict` and the `group` of its case."""
    with engine(version[0]).connect() as connection:
        return judged(frame_of(queries.scaling(connection, run_id=run_id, workload=workload)))


@st.cache_data(show_spinner=False, max_entries=256)
def costs(version: Version, run_id: int, workload: str) -> pd.DataFrame:
    """As `scaling`, and how far the first calls of a measurement's processes lie apart."""
    frame = scaling(version, run_id, workload)
    with engine(version[0]).connect() as connection:
        return breaking_even.with_first_calls(
            frame, values.processes_of_workload(connection, run_id=run_id, workload=workload)
        )


@st.cache_data(show_spinner=False, max_entries=64)
def verdicts(version: Version, run_id: int) -> pd.DataFrame:
    """All measurements of one run, with no more of them than a picture of their verdicts needs."""
    with engine(version[0]).connect() as connection:
        return heat.narrow(judged(frame_of(queries.measurements(connection, run_id))))


@st.cache_data(show_spinner=False, max_entries=64)
def runs(version: Version, machine: str) -> pd.DataFrame:
    """The newest runs of a machine."""
    with engine(version[0]).connect() as connection:
        return frame_of(queries.runs(connection, machine=machine))


@st.cache_data(show_spinner=False, max_entries=64)
def run(version: Version, uuid: str) -> dict[Hashable, Any] | None:
    """One run by its identity; None where it is not stored."""
    with engine(version[0]).connect() as connection:
        found = queries.run_by_uuid(connection, uuid)
    return frame_of([found]).to_dict("records")[0] if found else None


@st.cache_data(show_spinner=False, max_entries=64)
def environments(version: Version, run_ids: tuple[int, ...]) -> pd.DataFrame:
    """The environments of some runs, in their place order."""
    with engine(version[0]).connect() as connection:
        return frame_of(queries.environments_of_runs(connection, run_ids))


@st.cache_data(show_spinner=False, max_entries=64)
def left_out(version: Version, run_id: int) -> list[str]:
    """What was asked for and could not be measured in a run, each with its reason."""
    with engine(version[0]).connect() as connection:
        return [str(reason) for reason in queries.plan_of(connection, run_id).get("left_out", ())]


@st.cache_data(show_spinner=False, max_entries=64)
def measurements(version: Version, run_id: int) -> pd.DataFrame:
    """All measurements of one run."""
    with engine(version[0]).connect() as connection:
        return judged(frame_of(queries.measurements(connection, run_id)))


@st.cache_data(show_spinner=False, max_entries=256)
def measurement(version: Version, run_id: int, place: int, series_id: int) -> dict[Hashable, Any]:
    """All that is known of one measurement."""
    with engine(version[0]).connect() as connection:
        row = queries.measurement(connection, run_id=run_id, place=place, series_id=series_id)
        return judged(frame_of([row] if row else [])).to_dict("records")[0]


def prefect_address() -> str:
    """Where Prefect's own pages are; empty where no server is known."""
    return os.environ.get(SERVER_VARIABLE, "").removesuffix("/api")


def packed_bundle(version: Version, run_id: int) -> bytes:
    """A run as the file of a bundle, through gzip; not kept. ExportError where it cannot be written as one."""
    with engine(version[0]).connect() as connection:
        return bundle_file.packed(connection, run_id)


@st.cache_data(show_spinner=False, max_entries=64)
def floors(version: Version, machine: str) -> pd.DataFrame:
    """What the newest runs of a machine found by measuring things against themselves, the newest first."""
    with engine(version[0]).connect() as connection:
        return frame_of(capability.floors_of_machine(connection, machine=machine))
