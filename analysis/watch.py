"""What is wrong with the nights of a machine: late, empty, shrunk, failing more and more. Rows in, alarms out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

#: The kind of an alarm that says that nothing is known of any machine.
AWAY = "away"

#: A night that planned so much less than one of the last week has lost a part of its suite.
SHRUNK = 0.9
WEEK = timedelta(days=7)

#: No night takes so long: one that began so long ago and has no end was cut short.
CUT_SHORT = timedelta(hours=12)

#: So many nights with more and more failures are no accident.
RISING = 3


@dataclass(frozen=True)
class Alarm:
    """Something that somebody should look at. kind: late, empty, cut short, shrunk, failing, lacking, away.

    about: what tells it from another one of its kind and machine, and stays the same for as long as it lasts.
    """

    kind: str
    machine: str
    text: str
    about: str = ""


def late(
    machine: str,
    runs: Sequence[Any],
    due_at: datetime,
    now: datetime,
    early: timedelta = timedelta(minutes=1),
) -> Alarm | None:
    """Whether a machine has not begun the night that was due; `runs` are its nights, the newest first.

    due_at: when the newest one was due that nobody waits for any more. early: how long before it may have begun.
    """
    due = due_at.astimezone(UTC)  # time is taken from it, not places on a clock that may be changed meanwhile
    if any(run.started_at >= due - early for run in runs):
        return None
    last = f"the last one began {ago(now - runs[0].started_at)} ago" if runs else "there has never been one"
    return Alarm("late", machine, f"no night since {due_at:%Y-%m-%d %H:%M %Z}, when one was due; {last}")


def of_nights(
    machine: str, runs: Sequence[Any], now: datetime, lacking: Sequence[str] = (), *, budgeted: bool = False
) -> Iterator[Alarm]:
    """What the newest night lacks, beside those before. `lacking`: what its plan left out and should not have.

    budgeted: each night plans another part of the suite, so that fewer measurements are no loss.
    """
    if not runs:
        return
    run = runs[0]
    over = [one for one in runs if one.finished_at is not None or now - one.started_at > CUT_SHORT]
    if over and over[0].finished_at is None:
        counts = f"{over[0].measured} of {over[0].planned} measured"
        yield Alarm("cut short", machine, f"the night of {over[0].night} has no end: {counts}")
    elif over and over[0].measured == 0:
        yield Alarm("empty", machine, f"the night of {over[0].night} measured nothing of {over[0].planned}")
    week = [one for one in runs[1:] if one.suite == run.suite and run.night - one.night <= WEEK]
    most = max(week, key=lambda one: one.planned, default=None)  # of a week, or it would be over after one night
    if most and not budgeted and run.planned < SHRUNK * most.planned:
        text = f"{run.planned} measurements were planned, in the night of {most.night} {most.planned}"
        yield Alarm("shrunk", machine, text)
    failures = [one.failed for one in over[:RISING]]
    if len(failures) == RISING and all(newer > older for newer, older in pairwise(failures)):
        counts = ", ".join(str(count) for count in reversed(failures))
        yield Alarm("failing", machine, f"more failures night after night: {counts}")
    for reason in lacking:
        yield Alarm("lacking", machine, reason, about=reason.partition(":")[0])  # what follows changes night by night


def ago(time: timedelta) -> str:
    """`3 days`, `5 hours`, `12 minutes`: in the largest unit that it fills twice."""
    for unit, seconds in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if time.total_seconds() >= 2 * seconds:
            return f"{time.total_seconds() / seconds:.0f} {unit}"
    return f"{max(0, time.total_seconds()):.0f} seconds"
