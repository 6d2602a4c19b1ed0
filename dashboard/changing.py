"""What changed, as frames: stored changes in, each once, with what it came with and a link to its chart."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import quote, urlencode

import pandas as pd

from analysis import steps
from dashboard import wording
from dashboard.releases import LIBRARIES

#: How far back, in nights; None is as far as anything is known.
SPANS: dict[str, int | None] = {
    "the last 30 nights": 30,
    "the last 90 nights": 90,
    "the last 365 nights": 365,
    "all nights": None,
}
ALL = "all nights"
HERE, EVERYWHERE = SCOPES = ["this machine", "all machines"]
_SAME = ["machine", "workload", "workload_version", "case_key", "variant", "device", "threads", "before", "after"]


def since(span: str, today: date) -> date:
    """The first night of a span that ends today."""
    nights = SPANS[span]
    return date.min if nights is None else today - timedelta(days=nights)


def once(frame: pd.DataFrame) -> pd.DataFrame:
    """What several runs found, as the newest of them did; `came_with`: the release, or the environment."""
    if frame.empty:
        return frame
    found = frame.drop_duplicates(_SAME).reset_index(drop=True)
    slower = found["ratio"] > 1
    verdict = slower.map({True: "slower", False: "faster"})
    away = found["ratio"].where(slower, 1 / found["ratio"])
    return found.assign(verdict=verdict, away=away, came_with=[came_with(row) for row in found.to_dict("records")])


def came_with(row: wording.Row) -> str:
    """`JAX 0.4.33`; of nights, the environment."""
    if pd.isna(row["measures"]):
        return str(row["after"])
    return f"{LIBRARIES.get(row['measures'], row['measures'])} {release(row['after'])}"


def release(environment: str) -> str:
    """The version in an environment's name: 0.4.33 of `jax==0.4.33`."""
    return environment.partition("==")[2] or environment


def in_order(frame: pd.DataFrame) -> list[str]:
    """Everything that changes came with: library by library, the oldest release first."""
    rows = frame.drop_duplicates("came_with").to_dict("records")
    rows.sort(key=lambda row: (str(row["measures"]), steps.order(release(row["after"])), row["came_with"]))
    return [row["came_with"] for row in rows]


def link(row: wording.Row) -> str:
    """The address of the page that draws the case of a change: its releases, or NumPy beside JAX."""
    if pd.isna(row["measures"]):
        return "./?" + urlencode({"machine": row["machine"], "workload": row["workload"]}, quote_via=quote)
    chosen = {
        "machine": row["machine"],
        "releases_run": wording.run_label(row),
        "library": LIBRARIES.get(row["measures"], row["measures"]),
        "workload": row["workload"],
        "case": wording.case(row["case_key"], row["size_name"]),
    }
    return "releases?" + urlencode(chosen, quote_via=quote)
