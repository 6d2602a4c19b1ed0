"""Releases as frames: rows and trends of a backfill in, what is drawn and shown of them out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import pandas as pd

from analysis import steps
from analysis.steps import Step, Trend
from dashboard import wording

LIBRARIES = {"jax": "JAX", "numpy": "NumPy"}
ABSOLUTE, RELATIVE = SHOWN = ["seconds", "ratio to the newest"]
ROW_FIGURES = ("seconds", "low_seconds", "high_seconds", "first_call_seconds")


@dataclass(frozen=True)
class Measure:
    """Something that a release may change: the column of a frame that has it, how it is written, and how it is told.

    of_case: of one computation, or else of the release alone.
    """

    column: str
    text: Callable[[float], str]
    subject: str
    of_case: bool = True


STEADY, FIRST_CALL, IMPORT, INSTALL = "steady call", "first call", "import time", "install size"
MEASURES = {
    STEADY: Measure("y", wording.duration, "a call of {name} took"),
    FIRST_CALL: Measure("first_call_seconds", wording.duration, "the first call of {name} took"),
    IMPORT: Measure("import_seconds", wording.duration, "importing {name} took", of_case=False),
    INSTALL: Measure("installed_bytes", wording.disk, "{name} and what it needs took", of_case=False),
}


def facts(rows: Iterable[Any]) -> pd.DataFrame:
    """What is known of each release, the oldest first: when it appeared, and what it takes on disk and to import."""
    found = [
        {
            "library": row.measures,
            "release": steps.release_of(row),
            "anchor": row.anchor,
            "appeared": _appeared(row),
            "python": row.python,
            "import_seconds": _figure(row.import_seconds.get(row.measures)),
            "installed_bytes": _total(_objects(row.description.get("package_bytes")).values()),
            "download_bytes": _total(package.get("download_bytes") for package in row.resolution or []),
        }
        for row in rows
    ]
    return pd.DataFrame(sorted(found, key=lambda fact: (fact["library"], steps.order(fact["release"]))))


def libraries(trends: Iterable[Trend]) -> list[str]:
    """Those whose releases were gone through, as people say them."""
    found = {trend.library for trend in trends}
    return [name for library, name in LIBRARIES.items() if library in found]


def of_library(trends: Sequence[Trend], facts: pd.DataFrame, name: str) -> tuple[list[Trend], pd.DataFrame]:
    """What there is of one of `libraries`."""
    found = [trend for trend in trends if LIBRARIES[trend.library] == name]
    return found, facts[facts["library"] == found[0].library]


def workloads(trends: Iterable[Trend]) -> list[str]:
    """Their names, in order."""
    return sorted({trend.workload for trend in trends})


def cases(trends: Iterable[Trend]) -> list[str]:
    """Their names, from the smallest size on."""
    return list(dict.fromkeys(map(case_name, trends)))


def case_name(series: Any) -> str:
    """Of a trend or a series: `n=10,000 places=1,000 float64`, the size first, then other numbers, then the rest."""
    return wording.case(series.case_key, series.size_name)


def most_striking(trends: Sequence[Trend]) -> Trend:
    """The one with the largest step, which a page opens on; the first, where there is no step."""
    return max(trends, key=lambda trend: max((step.times[0] for step in trend.steps), default=0.0))


def through(trends: Sequence[Trend], facts: pd.DataFrame, shown: str = ABSOLUTE) -> pd.DataFrame:
    """The variants of a case in every release of a library, with `y`, `low` and `high` to draw; NaN without a number.

    What is drawn is comparable: the ratio to the anchor, or that times the anchor's seconds as first measured.
    """
    imports = import_seconds(trends)
    found = []
    for trend in trends:
        rows = {steps.release_of(row): row for row in trend.rows}
        points = {point.release: point for point in trend.points}
        with_step: dict[str, Step] = {step.after: step for step in trend.steps}
        unit = 1.0 if shown == RELATIVE else anchor_seconds(trend)
        for place, fact in enumerate(facts.to_dict("records")):
            release = fact["release"]
            row, point = rows.get(release), points.get(release)
            ratio, low, high = (_figure(getattr(point, name, None)) for name in ("ratio", "low", "high"))
            found.append(
                {
                    **fact,
                    "variant": trend.variant,
                    "shown": shown,
                    "place": place,
                    "y": ratio * unit,
                    "low": low * unit,
                    "high": high * unit,
                    "ratio": ratio,
                    "ratio_low": low,
                    "ratio_high": high,
                    **{name: _figure(getattr(row, name, None)) for name in ROW_FIGURES},
                    "import_seconds": imports.get(release, fact["import_seconds"]),
                    "step": with_step.get(release),
                    "disturbed": getattr(row, "disturbed", ""),
                    "lack": steps.lack_of(row) if row is not None else "not reached",
                }
            )
    return pd.DataFrame(found)


def anchor_seconds(trend: Trend) -> float:
    """The anchor's seconds as first measured; where that failed, what the ratios of others to it come to."""
    first = next((row.seconds for row in trend.rows if row.anchor and row.seconds), None)
    return first or median([row.seconds / row.ratio for row in trend.rows if row.seconds and row.ratio] or [math.nan])


def alone(trends: Sequence[Trend], facts: pd.DataFrame) -> pd.DataFrame:
    """The releases of a library as they are whatever is computed with them."""
    imports = import_seconds(trends)
    measured = [imports.get(fact["release"], fact["import_seconds"]) for fact in facts.to_dict("records")]
    return facts.assign(place=range(len(facts)), import_seconds=measured)


def import_seconds(trends: Sequence[Trend]) -> dict[str, float]:
    """How long each release takes to import: the middle one of all its measurements, each with processes of its own."""
    found: dict[str, list[float]] = {}
    for trend in trends:
        for row in trend.rows:
            if row.import_seconds is not None:
                found.setdefault(steps.release_of(row), []).append(row.import_seconds)
    return {release: median(seconds) for release, seconds in found.items()}


def _appeared(row: Any) -> pd.Timestamp | None:
    uploaded = next((one.get("uploaded") for one in row.resolution or [] if one["name"] == row.measures), None)
    try:
        return pd.Timestamp(datetime.fromisoformat(uploaded))
    except (TypeError, ValueError):
        return None


def _objects(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _total(values: Iterable[Any]) -> float:
    """NaN where one is not known, or there is none."""
    found = [_figure(value) for value in values]
    return sum(found) if found else math.nan


def _figure(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan
