"""The last night in words: Markdown, in which every name of a bundle is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd

from dashboard import wording
from dashboard.tonight import ALL_WORKLOADS, RECENT_DAYS, Nights, Since, came, case_words, state_text, unsure
from dashboard.wording import plain
from flows.watching import MachineState
from storage.nights import REQUEST
from workloads.figures import ratio_text

MOST_ALARMS, MOST_CHANGES = 6, 3


def banner(nights: Nights) -> str:
    """What is wrong with the nights of any machine, for every page; empty where nothing is."""
    if nights.problem:
        return plain(nights.problem)
    lines = [plain(f"{alarm.machine} is {alarm.kind}: {alarm.text}") for alarm in nights.alarms]
    if len(lines) < 2:
        return "".join(lines)
    more = [f"and {len(lines) - MOST_ALARMS} more: *Tonight* lists them all"] if len(lines) > MOST_ALARMS else []
    return "\n".join(f"- {line}" for line in [*lines[:MOST_ALARMS], *more])


def ran(nights: Nights) -> str:
    """Whether last night ran everywhere, and whole; what to do where there are no nights."""
    if nights.problem:
        return "**Nothing is known of the nights:** the settings that say when they are due cannot be read."
    if not nights.states:
        return (
            "**There are no nights yet:** what is measured here was asked for by hand. `crossover up` measures this "
            "machine every night; `crossover deploy` has a Prefect server that runs elsewhere do so."
        )
    here = came(nights)
    late = [alarm for alarm in nights.alarms if alarm.kind == "late"]
    reason = f"; {plain(f'{late[0].machine} is late: {late[0].text}')}" if late else ""
    if len(late) > 1:  # since when stands above each page
        reason = f"; late: {plain(', '.join(alarm.machine for alarm in late))}"
    return " ".join([f"**Last night ran on {_of(here, nights.states)}**{reason}.", *_endings(here)])


def by_hand(nights: Nights, machines: Iterable[str]) -> str:
    """Which machines have no nights, where others have."""
    without = [machine for machine in machines if machine not in {state.machine for state in nights.states}]
    if not without or not nights.states:
        return ""
    return f"Without nights, measured by hand: {', '.join(map(plain, without))}."


def changed(nights: Nights, changes: pd.DataFrame, found: Sequence[Since]) -> str:
    """What is known to have changed, then what was upgraded or only moved since the night before; empty without nights.

    changes: `storage.trends.changes`. found: of the machines whose last night came.
    """
    of_nights = changes[changes["measures"].isna()] if len(changes) else changes
    steps = changes[changes["measures"].notna()] if len(changes) else changes
    known = [_known(of_nights, found)] if nights.states else []
    return " ".join([*known, *_upgraded(found), *_moved(found), *_steps(steps)])


def standing(frame: pd.DataFrame) -> str:
    """How the variants stand beside NumPy: a line per machine, from scores over all of its workloads."""
    lines = []
    overall = frame[frame["workload"] == ALL_WORKLOADS]
    alone = overall["machine"].nunique() == 1
    for machine, rows in overall.groupby("machine", sort=False):
        first, *others = rows.to_dict("records")
        count = f"{int(first['workloads'])} workload{'s' if first['workloads'] != 1 else ''}"
        name = wording.variant_text(first["variant"])
        text = f"**On {plain(str(machine))} {plain(name)} takes {ratio_text(first['ratio'])} the time of NumPy** "
        text += f"over {count}{' (geometric mean)' if alone else ''}: {_verdicts(first, whole=alone)}."
        for row in others:
            name = wording.variant_text(row["variant"])
            text += f" {plain(name[:1].upper() + name[1:])} takes {ratio_text(row['ratio'])}"
            text += f": {_verdicts(row)}." if alone else "."
        lines.append(text)
    return lines[0] if alone else "\n".join(f"- {line}" for line in lines)


def nothing_stands() -> str:
    """What to do where no run compares the libraries."""
    unknown = "How NumPy and JAX stand is not known: no finished run compares them."
    return f"{unknown} To compare them on this machine, type `crossover run`."


def provenance(frame: pd.DataFrame) -> str:
    """Of which run the figures are, and with what they were measured."""
    if frame["machine"].nunique() > 1:
        return "Of each machine its newest night, else its newest run: which, and with what, stands in the table below."
    row = frame.iloc[0]
    jax = f" and JAX {row['jax']}" if pd.notna(row["jax"]) else ""
    where = f"in track {row['track']}" if pd.notna(row["track"]) else f"in environment {row['environment']}"
    kind = "in the night of" if row["request"] == REQUEST else f"by hand (suite {row['suite']}),"
    text = f"Measured on {row['machine']} {kind} {wording.day(row['night'])}, {where}: NumPy {row['numpy']}{jax}."
    return plain(text)


def legend(frame: pd.DataFrame) -> str:
    """How to read the chart."""
    of = "all cases of a machine" if (frame["workload"] == ALL_WORKLOADS).all() else "the cases of a workload"
    weights = ", each workload weighing the same" if of.startswith("all") else ""
    return (
        f"A point is the geometric mean of time over NumPy's, over {of}{weights}: left of the rule is faster. It has "
        "no interval and is no verdict; how many cases have one is told when you point at it. The scale is logarithmic."
    )


def _of(some: Sequence[MachineState], states: Sequence[MachineState]) -> str:
    """`vm`, `all 3 machines`, `2 of 3 machines`, `none of 3 machines`."""
    if len(states) == 1:
        return plain(states[0].machine) if some else "no machine"
    if len(some) == len(states):
        return f"all {len(states)} machines"
    return f"{len(some) or 'none'} of {len(states)} machines"


def _endings(came: Sequence[MachineState]) -> Iterator[str]:
    """How it ended where it did not end whole."""
    lacking = [state for state in came if state_text(state) != "whole"]
    if came and not lacking:
        yield "It measured all that was planned" + (" on each." if len(came) > 1 else ".")
    words = {"running": "it is still running", "has holes": "it has holes", "empty": "it measured nothing"}
    for state in lacking:
        kind = state_text(state)
        counts = wording.counts(state.last._mapping) if state.last else ""
        yield f"On {plain(state.machine)} {words.get(kind, f'it was {kind}')}: {plain(counts)}."


def _known(changes: pd.DataFrame, found: Sequence[Since]) -> str:
    within = f"in the last {RECENT_DAYS} days"
    if len(changes):
        rows = changes.to_dict("records")
        listed = "; ".join(_change(row) for row in rows[:MOST_CHANGES])
        more = f"; and {len(rows) - MOST_CHANGES} more" if len(rows) > MOST_CHANGES else ""
        return f"**{len(rows)} change{'s are' if len(rows) > 1 else ' is'} known {within}:** {listed}{more}."
    if any(one.compared for one in found):
        return f"**Nothing is known to have changed from night to night {within}.**"
    if found:
        return "**Nothing is known to have changed:** there is no night before to compare with yet."
    return "**What changed is not known:** last night ran nowhere."


def _steps(changes: pd.DataFrame) -> Iterator[str]:
    for machine, rows in changes.groupby("machine", sort=False) if len(changes) else ():
        link = f"releases?{urlencode({'machine': machine}, quote_via=quote)}"
        steps = f"{len(rows)} step{'s' if len(rows) > 1 else ''}"
        yield (
            f"Going through releases on {plain(str(machine))} found {steps} between one release and the next: "
            f"[Releases]({link}) has them."
        )


def _change(row: wording.Row) -> str:
    case = case_words(json.loads(row["case_key"]))
    what = f"{row['workload']}, {case}, {wording.variant_text(row['variant'])} on {row['machine']}"
    size = ratio_text(row["ratio"], row["low"], row["high"])
    return plain(f"{what} takes {size} the time with {row['after']} that it took with {row['before']} ({row['night']})")


def _upgraded(found: Sequence[Since]) -> Iterator[str]:
    parts = [f"on {one.machine}, {text}" for one in found for text in one.upgraded]
    if parts:
        yield plain(f"Upgraded since the night before: {'; '.join(parts)}.")


def _moved(found: Sequence[Since]) -> Iterator[str]:
    compared = [one for one in found if one.compared]
    if not compared:
        return
    if not any(one.moved for one in compared):
        yield "No time moved by more than its intervals since the night before."
        return
    parts = [f"{len(one.moved):,} of {one.compared:,} times on {one.machine}" for one in compared if one.moved]
    yield (
        f"Since the night before, {plain(_listed(parts))} moved by more than both intervals. That is unconfirmed: one "
        "night is no proof."
    )


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _verdicts(row: Any, *, whole: bool = True) -> str:
    """`faster in 117 of 334 cases, slower in 166, the same in 2, unsure in 49`; not whole: up to slower."""
    counts = (("the same", row["same"]), ("unsure", unsure(row))) if whole else ()
    count = f"{row['cases']:,} case{'s' if row['cases'] != 1 else ''}"
    parts = [f"faster in {row['faster']:,} of {count}", f"slower in {row['slower']:,}"]
    return ", ".join([*parts, *(f"{word} in {n:,}" for word, n in counts if n)])
