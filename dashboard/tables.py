"""The evidence as tables of text: frames in, frames of words and figures out, the answer in the first columns."""

from __future__ import annotations

import json

import pandas as pd

from dashboard import wording
from dashboard.trends import STEADY, View
from workloads.figures import case_text, run_text

#: So many environments of a run are named in its row.
MOST_NAMES = 3


def evidence(frame: pd.DataFrame) -> pd.DataFrame:
    """Every measurement behind an answer: size, variant, verdict, ratio, seconds, first call, and what went wrong."""
    rows = frame.to_dict("records")
    table = pd.DataFrame(
        {
            "Size": [wording.at(row) for row in rows],
            "Variant": [wording.variant_text(row["variant"]) for row in rows],
            "Verdict": [row["verdict"] for row in rows],
            "Ratio to NumPy": [wording.ratio(row) for row in rows],
            "Time per call": [_seconds(row) for row in rows],
            "First call": [wording.duration(row["first_call_seconds"]) for row in rows],
            "Not measured because": [_reason(row) for row in rows],
        }
    )
    return table.drop(columns="Not measured because") if (frame["status"] == "measured").all() else table


def runs(frame: pd.DataFrame, environments: pd.DataFrame) -> pd.DataFrame:
    """Runs, newest first: when, how they ended, what was measured in which environments."""
    names = environments.groupby("run_id")["name"].agg(_together)
    rows = frame.to_dict("records")
    return pd.DataFrame(
        {
            "Started": [wording.moment(row["started_at"]) for row in rows],
            "State": [wording.state(row) for row in rows],
            "Counts": [wording.counts(row) for row in rows],
            "Suite": [row["suite"] for row in rows],
            "Environments": [names.get(row["id"], "") for row in rows],
            "Run": [run_text(row["uuid"]) for row in rows],
        }
    )


def lacks(frame: pd.DataFrame) -> pd.DataFrame:
    """The measurements of a run that gave no seconds: holes first, then what its environments do not support."""
    absent = frame[frame["status"] != "measured"] if len(frame) else frame
    rows = sorted(absent.to_dict("records"), key=lambda row: row["status"] in ("unsupported", "too_large"))
    return pd.DataFrame(
        {
            "Workload": [row["workload"] for row in rows],
            "Case": [_case(row) for row in rows],
            "Variant": [wording.variant_text(row["variant"]) for row in rows],
            "Status": [wording.status(row["status"]) for row in rows],
            "Reason": [row["reason"] for row in rows],
            "Environment": [row["environment"] for row in rows],
        }
    )


def nights(frame: pd.DataFrame, view: View) -> pd.DataFrame:
    """A trend as it is drawn, the newest night first: variant, figure, versions, run."""
    rows = frame.sort_values("started_at", ascending=False, kind="stable").to_dict("records")
    name = view.axis if view.is_ratio else "time per call" if view.measure == STEADY else view.measure
    return pd.DataFrame(
        {
            "Night": [wording.day(row["night"]) for row in rows],
            "Variant": [wording.variant_text(row["variant"]) for row in rows],
            name[:1].upper() + name[1:]: [
                row["figure"] if row["status"] == "measured" else wording.status(row["status"]) for row in rows
            ],
            "NumPy": [row["numpy"] for row in rows],
            "JAX": ["–" if pd.isna(row["jax"]) else row["jax"] for row in rows],
            "Started": [wording.moment(row["started_at"]) for row in rows],
            "Run": [run_text(row["uuid"]) for row in rows],
        }
    )


def releases(frame: pd.DataFrame) -> pd.DataFrame:
    """A case in every release: seconds as they were measured, their ratio to the anchor's, and what else is known."""
    rows = frame.to_dict("records")
    table = pd.DataFrame(
        {
            "Release": [row["release"] for row in rows],
            "Variant": [wording.variant_text(row["variant"]) for row in rows],
            "Time per call": [_seconds(row) for row in rows],
            "Ratio to the newest": ["anchor" if row["anchor"] else wording.ratio(row) for row in rows],
            "First call": [wording.duration(row["first_call_seconds"]) for row in rows],
            "Import": [wording.duration(row["import_seconds"]) for row in rows],
            "Appeared": [wording.day(row["appeared"]) for row in rows],
            "No number because": [row["lack"] for row in rows],
        }
    )
    superfluous = {"Variant": frame["variant"].nunique() == 1, "No number because": (frame["lack"] == "").all()}
    return table.drop(columns=[name for name, drop in superfluous.items() if drop])


def releases_alone(frame: pd.DataFrame) -> pd.DataFrame:
    """What every release takes, whatever is computed with it."""
    rows = frame.to_dict("records")
    return pd.DataFrame(
        {
            "Release": [row["release"] for row in rows],
            "Import": [wording.duration(row["import_seconds"]) for row in rows],
            "Installed": [wording.disk(row["installed_bytes"]) for row in rows],
            "Download": [wording.disk(row["download_bytes"]) for row in rows],
            "Appeared": [wording.day(row["appeared"]) for row in rows],
        }
    )


def environments(frame: pd.DataFrame) -> pd.DataFrame:
    """The environments of a run, in their place order; the first is the baseline of the others."""
    columns = {"name": "Environment", "python": "Python", "numpy": "NumPy", "jax": "JAX", "jaxlib": "jaxlib"}
    columns |= {"track": "Track", "builder": "Built by"}
    table = frame[list(columns)].fillna("–").rename(columns=columns)
    return table if frame["track"].notna().any() else table.drop(columns="Track")


def _together(names: pd.Series) -> str:
    """The names of some environments, or how many there are where a list would help nobody."""
    return ", ".join(names) if len(names) <= MOST_NAMES else f"{names.iloc[0]} and {len(names) - 1} more"


def _case(row: wording.Row) -> str:
    """The size first, as everywhere."""
    case = json.loads(row["case_key"])
    size = {name: case.pop(name) for name in [row["size_name"]] if name in case}
    return case_text({**size, **case})


def _seconds(row: wording.Row) -> str:
    mark = " ~" if row["disturbed"] else ""
    return wording.duration(row["seconds"], row["low_seconds"], row["high_seconds"]) + mark


def _reason(row: wording.Row) -> str:
    if row["status"] == "measured":
        return ""
    status = wording.status(row["status"])
    return f"{status}: {row['reason']}" if row["reason"] else status
