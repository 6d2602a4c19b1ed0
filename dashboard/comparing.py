"""Two sides beside each other, as frames: what can be compared, with which verdict, and what one side lacks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from analysis import steps, upgrade
from analysis.compare import Figure, quotient, verdict
from analysis.steps import Trend
from analysis.upgrade_check import Check, Key, Seen, at_one_look, changes, fewest_processes, how_changed
from dashboard import wording

ENVIRONMENTS, RUNS, MACHINES = KINDS = ["environments of a run", "two runs", "two machines"]
#: From which change on runs that were not sampled side by side may differ, where no noise floor is known.
UNKNOWN_FLOOR = steps.LEAST
NOT_COMPARED = "not compared"
MAY_BE_ABSENT = ("track", "measures", "jax", "jaxlib")

Options = dict[str, wording.Row]


class Place(NamedTuple):
    """An environment of a run; `measures` is the library whose releases that run went through, if it did."""

    run_id: int
    place: int
    environment: str
    measures: str | None


def place(side: wording.Row) -> Place:
    """Of a row of `places`."""
    return Place(side["run_id"], side["place"], side["environment"], side["measures"])


def places(runs: pd.DataFrame, environments: pd.DataFrame) -> pd.DataFrame:
    """Each environment of each run that measured anything, newest run first, with the `label` of a choice."""
    environments = environments.rename(columns={"name": "environment"})
    found = runs[runs["measured"] > 0].merge(environments, left_on="id", right_on="run_id")
    absent = {column: found[column].astype(object).where(found[column].notna(), None) for column in MAY_BE_ABSENT}
    found = found.assign(**absent)
    several = found.groupby("run_id")["place"].transform("size") > 1
    rows = found.to_dict("records")
    labels = [
        wording.run_label(row) + (f", {row['environment']}" if more else "")
        for row, more in zip(rows, several, strict=True)
    ]
    return found.assign(label=labels, several=several)


def kinds(places: pd.DataFrame, machines: Sequence[str]) -> list[str]:
    """Which of KINDS there are two sides for."""
    single = places[places["measures"].isna()]
    able = {
        ENVIRONMENTS: bool(places["several"].any()),
        RUNS: single["run_id"].nunique() > 1,
        MACHINES: len(machines) > 1 and len(single) > 0,
    }
    return [kind for kind in KINDS if able[kind]]


def runs(places: pd.DataFrame) -> dict[str, int]:
    """Runs of several environments: the label of each, and its number."""
    rows = places[places["several"]].drop_duplicates("run_id").to_dict("records")
    return {wording.run_label(row): row["run_id"] for row in rows}


def of_run(places: pd.DataFrame, run_id: int) -> Options:
    """The environments of a run by name, in their order there; releases by library and age."""
    rows = places[places["run_id"] == run_id].to_dict("records")
    if rows[0]["measures"]:
        rows.sort(key=lambda row: (row["measures"], steps.order(row["environment"].partition("==")[2])))
    return {row["environment"]: row for row in rows}


def beside(options: Options, before: str) -> Options:
    """What the environment `before` can be compared with: of releases, those of its library."""
    library = options[before]["measures"]
    return {name: row for name, row in options.items() if name != before and row["measures"] == library}


def usual(options: Options) -> str:
    """The environment to begin from: the first one, of releases the one before the newest."""
    first = next(iter(options))
    releases = [first, *beside(options, first)]
    return releases[-2] if options[first]["measures"] and len(releases) > 1 else first


def usual_beside(options: Options) -> str | None:
    """What to compare it with: the first of the others, of releases the newest."""
    found = [name for name, row in options.items() if row["measures"]] or list(options)[:1]
    return found[-1] if found else None


def of_machine(places: pd.DataFrame, without: int | None = None) -> Options:
    """What a machine measured, by label, the newest run first; without backfills, and without a run."""
    chosen = places[places["measures"].isna() & (places["run_id"] != without)]
    return {row["label"]: row for row in chosen.to_dict("records")}


def most_alike(options: Options, side: wording.Row) -> str | None:
    """The newest of some sides that is of the same suite, and of the same track or environment if there is one."""
    same_suite = [label for label, row in options.items() if row["suite"] == side["suite"]]
    same_slot = [label for label in same_suite if _slot(options[label]) == _slot(side)]
    return next(iter(same_slot or same_suite or options), None)


def earlier(options: Options) -> str | None:
    """The side to begin from when the newest is what it is compared with."""
    first = next(iter(options.values()))
    return most_alike({label: row for label, row in options.items() if row["run_id"] != first["run_id"]}, first)


def checks(places: pd.DataFrame, run_id: int) -> tuple[int, ...]:
    """The runs by hand that have the very environments of a run, it among them, the oldest first: maybe its looks."""
    of_runs = places[places["measures"].isna()].groupby("run_id", sort=False)
    of_each = {number: (tuple(rows["digest"]), rows["suite"].iloc[0]) for number, rows in of_runs}
    own = of_each.get(run_id, ((), ""))
    by_hand = set(places[places["request"] == ""]["run_id"]) | {run_id}
    found = [number for number, one in of_each.items() if one == own and len(one[0]) == 2 and number in by_hand]
    return tuple(found[::-1]) or (run_id,)


def ratios_of_places(rows: Iterable[Any], before: str, after: str) -> dict[Key, Figure]:
    """The ratio of each variant in one environment to itself in another, from those to the first of the run."""
    points: dict[str, dict[Key, Figure]] = {}
    for row in rows:
        point = (row.ratio, row.ratio_low, row.ratio_high)
        points.setdefault(row.environment, {})[row.workload, row.case_key, row.variant] = point
    first = dict.fromkeys((key for known in points.values() for key in known), (1.0, 1.0, 1.0))
    old, new = points.get(before, first), points.get(after, first)
    return {key: quotient(new[key], old[key]) for key in first if key in old and key in new}


def ratios_of_releases(trends: Iterable[Trend], library: str, before: str, after: str) -> dict[Key, Figure]:
    """The same for releases of a library, through the anchor beside which each was sampled."""
    found: dict[Key, Figure] = {}
    for trend in trends:
        points = {f"{library}=={point.release}": point for point in trend.points if trend.library == library}
        if before in points and after in points:
            old, new = points[before], points[after]
            step = steps.between(old, new)
            figure = quotient((new.ratio, new.low, new.high), (old.ratio, old.low, old.high))
            key = trend.workload, trend.case_key, trend.variant
            found[key] = (step.ratio, step.low, step.high) if step else figure
    return found


def seen(
    run: str, ratios: Mapping[Key, Figure], rows: Iterable[Any], values: Iterable[Any], old: int, new: int
) -> Seen:
    """One look at two places: `rows` are `storage.trends.alike` of the old place, `values` the results of the run."""
    held = {(row.workload, row.case_key, row.variant): row for row in rows}
    of_both = [row for row in values if row.place in (old, new)]
    lost = {
        key: wording.status(row.there_status)
        for key, row in held.items()
        if row.here_status == "measured" and row.there_status not in ("measured", None)
    }
    names = {key: held[key].size_name for key in ratios if key in held}
    known = {key: ratio for key, ratio in ratios.items() if key in held}
    return Seen(run, known, names, fewest_processes(of_both), changes(of_both, old, new), lost)


def pairs(rows: Iterable[Any]) -> pd.DataFrame:
    """What both sides measured, of rows of `storage.trends.alike`: seconds of each, and their quotient."""
    return pd.DataFrame([_pair(row) for row in rows if row.here_status == row.there_status == "measured"])


def same_series(frame: pd.DataFrame) -> pd.DataFrame:
    """Of pairs on one machine, those that can be compared there: on the same device, with as many threads."""
    return frame[frame["before_series"] == frame["after_series"]] if len(frame) else frame


def checked(frame: pd.DataFrame, check: Check) -> pd.DataFrame:
    """Pairs of one run with ratio and verdict as a check of the upgrade has them, and the values that changed."""
    judged = {(one.workload, one.case_key, one.variant): one for one in check.judged}
    values = {(one.workload, one.case_key, one.variant): how_changed(one) for one in check.changed}
    found = []
    for row in frame.to_dict("records"):
        key = row["workload"], row["case_key"], row["variant"]
        one = judged.get(key)
        if one is None:
            ratio, word = (math.nan, None, None), NOT_COMPARED
        else:
            ratio = (one.ratio, one.low, one.high)
            word = at_one_look(one, check.tolerance) if check.is_one_look else one.verdict
        told = {"verdict": word, "looks": one.looks if one else 0, "values": values.get(key, "")}
        found.append({**row, **_figures(ratio), **told})
    return pd.DataFrame(found)


def apart(frame: pd.DataFrame, floors: Mapping[int, float]) -> pd.DataFrame:
    """Pairs of two runs with a verdict: no tighter than the noise floors (by series) of the machines allow."""
    found = []
    for row in frame.to_dict("records"):
        known = [floors[series] for series in (row["before_series"], row["after_series"]) if series in floors]
        floor = max(known, default=math.nan)
        ends = [None if math.isnan(row[name]) else row[name] for name in ("ratio_low", "ratio_high")]
        told = verdict(row["ratio"], *ends)
        least = UNKNOWN_FLOOR if math.isnan(floor) else floor
        if told in ("faster", "slower") and upgrade.judge(row["ratio"], *ends, least) != told:
            told = "unsure"
        found.append({**row, "floor": floor, "verdict": told})
    return pd.DataFrame(found)


def lacks(before: Iterable[Any], after: Iterable[Any], *, one_machine: bool) -> pd.DataFrame:
    """What one side measured and the other did not, or otherwise: the side that lacks it, and why."""
    found = []
    for side, rows in (("after", before), ("before", after)):
        for row in rows:
            if row.here_status != "measured":
                continue
            why = ""
            if row.there_status is None:
                why = "not in that run"
            elif row.there_status != "measured":
                why = ": ".join(filter(None, (wording.status(row.there_status), row.there_reason)))
            elif side == "after" and one_machine and row.here_series_id != row.there_series_id:
                how = f"{row.device}, {row.threads} threads and {row.there_device}, {row.there_threads} threads"
                why = f"not comparable: {how}"
            if why:
                found.append({**_known_by(row), "side": side, "why": why})
    return pd.DataFrame(found, columns=[*_KNOWN_BY, "side", "why"])


def name(row: wording.Row) -> str:
    """`sort, n=1,024 float32, compiled JAX`."""
    return ", ".join(
        filter(
            None,
            (row["workload"], wording.case(row["case_key"], row["size_name"]), wording.variant_text(row["variant"])),
        )
    )


_KNOWN_BY = ("workload", "workload_version", "case_key", "size_name", "size", "variant")


def _known_by(row: Any) -> dict[str, Any]:
    return {column: getattr(row, column) for column in _KNOWN_BY}


def _pair(row: Any) -> dict[str, Any]:
    here = (row.here_seconds, row.here_low_seconds, row.here_high_seconds)
    there = (row.there_seconds, row.there_low_seconds, row.there_high_seconds)
    sides = {"before": (row.here_series_id, row.device, here), "after": (row.there_series_id, row.there_device, there)}
    found = _known_by(row) | _figures(quotient(there, here))
    for side, (series, device, figures) in sides.items():
        found |= {f"{side}_series": series, f"{side}_device": device}
        found |= dict(zip((f"{side}_seconds", f"{side}_low", f"{side}_high"), map(_figure, figures), strict=True))
    return found


def _figures(ratio: Figure) -> dict[str, float]:
    return dict(zip(("ratio", "ratio_low", "ratio_high"), map(_figure, ratio), strict=True))


def _figure(value: float | None) -> float:
    return math.nan if value is None else value


def _slot(row: wording.Row) -> str:
    return row["track"] or row["environment"]
