"""What two places, or what a release, differ in: pairs of series, checks of upgrades, known changes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from analysis import steps, upgrade_check
from dashboard import changing, comparing
from dashboard.comparing import Place
from dashboard.data.measured import environments, runs
from dashboard.data.source import Version, engine, frame_of
from storage import capability, queries, releases, values
from storage import trends as over_nights


@st.cache_data(show_spinner=False, max_entries=64)
def places(version: Version, machine: str) -> pd.DataFrame:
    """Each environment of each of the newest runs of a machine."""
    found = runs(version, machine)
    return comparing.places(found, environments(version, tuple(found["id"])))


@st.cache_data(show_spinner=False, max_entries=64)
def pairs(version: Version, before: Place, after: Place, *, one_machine: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What two places both measured, and what one of them lacks."""
    with engine(version[0]).connect() as connection:
        forth, back = (over_nights.alike(connection, *sides) for sides in ((before, after), (after, before)))
    found = comparing.pairs(forth)
    lacks = comparing.lacks(forth, back, one_machine=one_machine)
    return comparing.same_series(found) if one_machine else found, lacks


@st.cache_data(show_spinner=False, max_entries=64)
def floors_of_series(version: Version, machines: tuple[str, ...], workloads: tuple[str, ...]) -> dict[int, float]:
    """The typical noise floor of each series of some workloads on some machines, as a share, where any is known."""
    with engine(version[0]).connect() as connection:
        found = [
            (row.series_id, row.floor)
            for machine in machines
            for workload in workloads
            for row in capability.floors_of_workload(connection, machine=machine, workload=workload)
        ]
    return pd.DataFrame(found, columns=["series", "floor"]).groupby("series")["floor"].median().to_dict()


@st.cache_data(show_spinner=False, max_entries=64)
def looks(version: Version, run_ids: tuple[int, ...], run_id: int) -> tuple[int, ...]:
    """Of runs in the same environments, the oldest first: those that are looks of one check, `run_id` among them."""
    found: list[tuple[int, dict[str, Any]]] = []
    with engine(version[0]).connect() as connection:
        for number in run_ids:
            plan = queries.plan_of(connection, number)
            if found and not upgrade_check.is_next_look(plan, found[-1][1]):
                if run_id in [one for one, _ in found]:
                    break
                found = []
            found.append((number, plan))
    return tuple(number for number, _ in found)


@st.cache_data(show_spinner=False, max_entries=64)
def check(version: Version, run_ids: tuple[int, ...], before: Place, after: Place) -> upgrade_check.Check:
    """What the looks at two places of a run come to; they are at the same places in all of them."""
    with engine(version[0]).connect() as connection:
        seen = []
        for number in run_ids:
            old, new = before._replace(run_id=number), after._replace(run_id=number)
            if before.measures:
                every = steps.trends(releases.of_run(connection, number))
                ratios = comparing.ratios_of_releases(every, before.measures, before.environment, after.environment)
            else:
                across = queries.ratios_across(connection, number)
                ratios = comparing.ratios_of_places(across, before.environment, after.environment)
            held = over_nights.alike(connection, old, new)
            kept = values.results(connection, number)
            seen.append(comparing.seen(str(number), ratios, held, kept, before.place, after.place))
        cases = queries.plan_of(connection, run_ids[0]).get("cases", ())
    planned = sum(name.startswith(before.measures or "") for case in cases for name in case["variants"])
    return upgrade_check.check(
        seen, old=before.environment, new=after.environment, tolerance=upgrade_check.TOLERANCE, planned=planned
    )


def changes_within(version: Version, span: str, machine: str | None) -> pd.DataFrame:
    """What changed within one of `changing.SPANS` until today, each change once, on one machine or on all."""
    return _changes_since(version, changing.since(span, datetime.now(UTC).date()), machine)


@st.cache_data(show_spinner=False, max_entries=32)
def _changes_since(version: Version, since: date, machine: str | None) -> pd.DataFrame:
    with engine(version[0]).connect() as connection:
        found = frame_of(over_nights.changes(connection, since=since, machine=machine))
    return changing.once(found.rename(columns={"low": "ratio_low", "high": "ratio_high"}))
