"""What a night measures when it cannot hold everything: arithmetic on how long things take and when they were due."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Any


@dataclass(frozen=True)
class Candidate:
    """A workload that a night could measure, with all its sizes: a curve is of one night, or a crossover is of none.

    seconds: what it will take, as far as is known. nights: since it had its turn last; None: never. moved: whether its
    last two nights differ beyond their intervals, so that one more is worth more than of any other.
    """

    name: str
    seconds: float
    nights: int | None
    moved: bool = False


@dataclass(frozen=True)
class Tonight:
    """Names, the most important first. overdue: those that are due tonight and do not fit, but new ones, which wait."""

    chosen: tuple[str, ...]
    postponed: tuple[str, ...]
    overdue: tuple[str, ...]
    seconds: float  # what the chosen ones will take


def tonight(candidates: Sequence[Candidate], budget_seconds: float | None, every: int) -> Tonight:
    """Which of some workloads a night measures: as many as its budget holds, in the order of `rank`.

    budget_seconds None: all of them. every: nights after which each should have had its turn. At least one is chosen,
    whatever it takes: a night without any would measure nothing for ever.
    """
    chosen: list[Candidate] = []
    postponed: list[Candidate] = []
    left = math.inf if budget_seconds is None else budget_seconds
    for candidate in sorted(candidates, key=lambda one: rank(one, every)):
        if candidate.seconds <= left or not chosen:
            chosen.append(candidate)
            left -= candidate.seconds
        else:
            postponed.append(candidate)
    return Tonight(
        tuple(one.name for one in chosen),
        tuple(one.name for one in postponed),
        tuple(one.name for one in postponed if is_due(one, every) and one.nights is not None),
        sum(one.seconds for one in chosen),
    )


def rank(candidate: Candidate, every: int) -> tuple[bool, bool, float]:
    """What sorts workloads: first what is due, then what moved last time, each the stalest first."""
    nights = math.inf if candidate.nights is None else candidate.nights
    return not is_due(candidate, every), not candidate.moved, -nights


def is_due(candidate: Candidate, every: int) -> bool:
    """Whether tonight is the last night on which it keeps to being measured every so many nights, or that is over."""
    return candidate.nights is None or candidate.nights >= every


def candidates(
    expected: Mapping[str, float], runs: Sequence[Any], workloads: Sequence[Any], levels: Iterable[Any], today: date
) -> list[Candidate]:
    """Some workloads as candidates for tonight, by what earlier nights say of them (rows of `storage.nights`).

    expected: seconds that each is taken to last for as long as no night has measured it.
    """
    seconds, nights = durations(runs, workloads), nights_since(runs, workloads, today)
    moved = {after.workload for _, after in moves(levels)}
    return [
        Candidate(name, seconds.get(name, unknown), nights.get(name), name in moved)
        for name, unknown in expected.items()
    ]


def durations(runs: Sequence[Any], workloads: Sequence[Any]) -> dict[str, float]:
    """Seconds that each workload took in the two newest of some runs that measured it, the smaller figure.

    A run measures workload after workload: each lasts from the end of the one before it. (That is too much where a run
    was cut short, and gone on with after hours.)
    """
    found: dict[str, list[float]] = {}
    for run in runs:
        before: datetime = run.started_at
        for row in sorted((row for row in workloads if row.run_id == run.id), key=lambda row: row.ended_at):
            found.setdefault(row.workload, []).append((row.ended_at - before).total_seconds())
            before = row.ended_at
    return {name: min(seconds[:2]) for name, seconds in found.items()}


def nights_since(runs: Sequence[Any], workloads: Sequence[Any], today: date) -> dict[str, int]:
    """Nights since each workload had its turn last, whatever came of it: one that fails must not take all turns.

    What a night was at when it was cut short did not have its turn; but once only, or what cuts nights short would come
    first in all of them. runs: the newest first.
    """
    turns: dict[str, list[tuple[int, bool]]] = {}  # of each workload, the newest first: nights since, was it cut short
    for run in runs:
        rows = [row for row in workloads if row.run_id == run.id]
        last = max(rows, key=lambda row: row.ended_at, default=None)
        for row in rows:
            was_cut = run.finished_at is None and row is last
            turns.setdefault(row.workload, []).append(((today - run.night).days, was_cut))
    found: dict[str, int] = {}
    for name, ((nights, was_cut), *before) in turns.items():
        if not was_cut or (before and before[0][1]):
            found[name] = nights
        elif before:
            found[name] = before[0][0]
    return found


def stalest_first(candidates: Iterable[Candidate]) -> list[str]:
    """The names of some workloads: first what lacks a night or more, else in the order that they are in."""
    waited = {one.name: math.inf if one.nights is None else one.nights for one in candidates}
    return sorted(waited, key=lambda name: -waited[name])


def moves(levels: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """The last two nights of each series and slot that differ beyond their intervals: earlier row, later row."""
    for _, rows in groupby(levels, key=lambda row: (row.series_id, row.slot)):
        for before, after in pairwise(rows):
            if None in (before.low_seconds, before.high_seconds, after.low_seconds, after.high_seconds):
                continue
            if before.high_seconds < after.low_seconds or after.high_seconds < before.low_seconds:
                yield before, after
