"""The last night as frames: states of machines, rows of nights and scores in, what is drawn and shown of them out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from analysis import budget, upgrades, watch
from dashboard import wording
from flows import watching
from flows.watching import MachineState
from workloads.figures import case_text, ratio_text

#: Nights among which the last two of each series are looked for: where a night does not hold everything, most
#: workloads have their turn within a week.
LOOK_BACK = 8
#: Days for which a change is news.
RECENT_DAYS = 30
LATEST = "latest"
ALL_MACHINES = "all machines"
ALL_WORKLOADS = ""
MOST_MOVED = 50


@dataclass(frozen=True)
class Nights:
    """The nights of every machine that has any, as they were seen at a time. problem: why nothing is known of them."""

    states: Sequence[MachineState] = ()
    seen_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    problem: str = ""

    @property
    def alarms(self) -> list[watch.Alarm]:
        """What is wrong with any of them; machines that are late first."""
        found = [alarm for state in self.states for alarm in state.alarms]
        return sorted(found, key=lambda one: (one.kind != "late", one.machine))

    def line(self, machine: str) -> str:
        """How old the last night of a machine is; empty where it has none."""
        return next((watching.line(state, self.seen_at) for state in self.states if state.machine == machine), "")


@dataclass(frozen=True)
class Since:
    """What is otherwise in a machine's newest night than in those before it.

    compared: series that both have. moved: of them, those whose intervals are apart, as rows of both nights.
    """

    machine: str
    compared: int = 0
    moved: Sequence[tuple[Any, Any]] = ()
    upgraded: Sequence[str] = ()


def since(machine: str, runs: Sequence[int], levels: Sequence[Any], places: Iterable[Any]) -> Since:
    """The newest of some nights beside the others: ids of their runs, the newest first, and rows of what they measured.

    levels: `storage.nights.last_two`. places: `storage.queries.environments_of_runs`.
    """
    if not runs:
        return Since(machine)
    both: dict[tuple[int, str], list[Any]] = {}
    for row in levels:
        both.setdefault((row.series_id, row.slot), []).append(row)
    compared = sum(len(rows) == 2 and rows[1].run_id == runs[0] for rows in both.values())
    moved = [pair for pair in budget.moves(levels) if pair[1].run_id == runs[0]]
    moved.sort(key=lambda pair: -_times(pair))
    return Since(machine, compared, moved, list(upgrades.upgraded(places, runs)))


def came(nights: Nights) -> list[MachineState]:
    """The machines whose last night came."""
    return [state for state in nights.states if state_text(state) not in ("late", "no night yet")]


def recent(nights: Nights) -> date:
    """The first night whose changes are news."""
    return nights.seen_at.date() - timedelta(days=RECENT_DAYS)


def slots(scores: pd.DataFrame) -> list[str]:
    """The tracks and environments that there are scores of: those of most machines first, `latest` before all."""
    counts = scores.groupby(_slot(scores), sort=False)["machine"].nunique()
    return sorted(map(str, counts.index), key=lambda name: (name != LATEST, -counts[name]))


def standing(scores: pd.DataFrame, slot: str) -> pd.DataFrame:
    """The scores in one of the `slots`; of a machine that has none there, in the first place of its run.

    Of the variants that most workloads have, with `workloads`: how many a score over all of them is over.
    """
    parts = []
    for _, rows in scores.groupby("machine", sort=False):
        here = rows[_slot(rows) == slot]
        parts.append(here if len(here) else rows[rows["place"] == rows["place"].min()])
    frame = pd.concat(parts)
    main = frame["variant"].isin(wording.VARIANTS)
    frame = frame[main] if main.any() else frame
    single = frame[frame["workload"] != ALL_WORKLOADS]
    counts = single.groupby(["machine", "variant"]).size().rename("workloads").reset_index()
    frame = frame.merge(counts, on=["machine", "variant"], how="left")
    return frame.sort_values(["machine", "variant"], key=lambda column: column.map(_rank), kind="stable")


def choices(frame: pd.DataFrame) -> list[str]:
    """What of a `standing` can be shown: all machines, or the workloads of one."""
    machines = list(dict.fromkeys(frame["machine"]))
    return machines if len(machines) == 1 else list(dict.fromkeys([ALL_MACHINES, *machines]))


def shown(frame: pd.DataFrame, choice: str) -> pd.DataFrame:
    """One of the `choices`: each row has the `label` that it stands under, workloads the fastest beside NumPy first."""
    if choice == ALL_MACHINES:
        frame = frame[frame["workload"] == ALL_WORKLOADS]
        return frame.assign(label=frame["machine"])
    frame = frame[(frame["workload"] != ALL_WORKLOADS) & (frame["machine"] == choice)]
    best = frame.drop_duplicates("workload").set_index("workload")["ratio"]
    ordered = frame.assign(label=frame["workload"], best=frame["workload"].map(best))
    return ordered.sort_values(["best", "workload"], kind="stable").drop(columns="best")


def nights_table(nights: Nights) -> pd.DataFrame:
    """Every machine: how its last night ended, how old it is, what it measured, what is stale, what is wrong."""
    rows = []
    for state in nights.states:
        run = state.last
        stale = [f"track {track}, {_nights(age)}" for track, age in state.tracks.items() if age > 1]
        oldest = list(state.workloads.items())[: watching.STALEST]
        stale += [f"{name}, {_nights(age)}" for name, age in oldest if age not in (0, 1)]
        rows.append(
            {
                "Machine": state.machine,
                "State": state_text(state),
                "Last night": wording.day(run.night) if run else "–",
                "Began": f"{watch.ago(nights.seen_at - run.started_at)} ago" if run else "never",
                "Counts": wording.counts(run._mapping) if run else "–",
                "What is wrong": "; ".join(f"{alarm.kind}: {alarm.text}" for alarm in state.alarms) or "–",
                "Not measured for longest": "; ".join(stale) or "–",
            }
        )
    return pd.DataFrame(rows)


def state_text(state: MachineState) -> str:
    """`late`, `running`, `cut short`, or how its run ended: `whole`, `has holes`."""
    kinds = {alarm.kind for alarm in state.alarms}
    for kind in ("late", "cut short", "empty"):
        if kind in kinds:
            return kind
    if state.last is None:
        return "no night yet"
    ended = wording.state(state.last._mapping)
    return "running" if ended == "unfinished" else ended


def scores_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The figures of a chart: machine or workload, variant, the time over NumPy's, and how many cases say so."""
    rows = frame.to_dict("records")
    table = pd.DataFrame(
        {
            "Workload": [row["workload"] for row in rows],
            "Machine": [row["machine"] for row in rows],
            "Variant": [wording.variant_text(row["variant"]) for row in rows],
            "Time over NumPy's": [ratio_text(row["ratio"]) for row in rows],
            "Cases": [row["cases"] for row in rows],
            "Faster": [row["faster"] for row in rows],
            "Slower": [row["slower"] for row in rows],
            "Same": [row["same"] for row in rows],
            "Unsure": [unsure(row) for row in rows],
            "Night": [wording.day(row["night"]) for row in rows],
            "Track": [row["track"] if pd.notna(row["track"]) else row["environment"] for row in rows],
            "NumPy": [row["numpy"] for row in rows],
            "JAX": [row["jax"] if pd.notna(row["jax"]) else "–" for row in rows],
        }
    )
    return table.drop(columns="Workload" if (frame["workload"] == ALL_WORKLOADS).all() else "Machine")


def moved_table(found: Iterable[Since]) -> pd.DataFrame:
    """What moved since the night before, the largest first, on whichever machine."""
    pairs = [(one.machine, pair) for one in found for pair in one.moved]
    pairs.sort(key=lambda pair: -_times(pair[1]))
    return pd.DataFrame(
        {
            "Moved": f"{after.seconds / before.seconds:.3g}×",
            "Workload": after.workload,
            "Case": case_words(json.loads(after.case_key)),
            "Variant": wording.variant_text(after.variant),
            "Machine": machine,
            "Track": after.slot,
            "Before": wording.duration(before.seconds, before.low_seconds, before.high_seconds),
            "Last night": wording.duration(after.seconds, after.low_seconds, after.high_seconds),
            "Night before": wording.day(before.night),
        }
        for machine, (before, after) in pairs[:MOST_MOVED]
    )


def unsure(row: Mapping[Any, Any]) -> int:
    """Cases of a score that no verdict is known of."""
    return int(row["cases"] - row["faster"] - row["slower"] - row["same"])


def _slot(frame: pd.DataFrame) -> pd.Series:
    return frame["track"].fillna(frame["environment"])


def case_words(case: Mapping[str, Any]) -> str:
    """Numbers first: what is not a size is seldom one."""
    return case_text({name: case[name] for name in sorted(case, key=lambda name: isinstance(case[name], str))})


def _rank(value: str) -> Any:
    """Compiled JAX first, then eager; machines by name."""
    order = ["jax_jit", "jax_eager"]
    return f"{order.index(value)}" if value in order else value


def _times(pair: tuple[Any, Any]) -> float:
    """How many times as long one of two took as the other."""
    before, after = pair
    return max(after.seconds / before.seconds, before.seconds / after.seconds)


def _nights(age: int | None) -> str:
    return "never measured" if age is None else f"{age} nights ago"
