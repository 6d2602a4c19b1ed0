"""The state of every machine's nights, and what is wrong with them: for the command, the page and the watchdog."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim

from analysis import watch
from flows.home import Home
from flows.settings import Nightly, Settings
from storage import database, nights, queries
from workloads import bundle

#: Of tracks and workloads, so many are told in one line: those that were not measured for longest.
STALEST = 3


@dataclass(frozen=True)
class MachineState:
    """One machine: its newest night, how many nights ago each track and workload was measured, and what is wrong.

    last: a row of `storage.queries.runs`, None before the first night. due_at: when the newest one was due that nobody
    waits for any more.
    workloads: None where no night that is known of measured one that was tried.
    """

    machine: str
    suite: str
    last: Any | None
    due_at: datetime
    tracks: dict[str, int]
    workloads: dict[str, int | None]
    alarms: tuple[watch.Alarm, ...]


def look(home: Home, settings: Settings, now: datetime) -> list[MachineState]:
    """Every machine that [machines] names or that has had a night; without those that were only used by hand, or are
    retired.
    """
    database.open_database(home.database_url).dispose()  # there may be none yet: nothing is wrong with that
    with database.reading(home.database_url) as connection:
        return states(connection, settings, now)


def look_anyway(home: Home, settings: Settings, now: datetime) -> tuple[list[MachineState], list[watch.Alarm]]:
    """As `look`, with all that is wrong: a database that is away is an alarm itself."""
    try:
        found = look(home, settings, now)
    except database.StorageError as error:
        return [], [watch.Alarm(watch.AWAY, "the database", str(error))]
    return found, [alarm for state in found for alarm in state.alarms]


def states(connection: Any, settings: Settings, now: datetime) -> list[MachineState]:
    """The same of an open database."""
    names = dict.fromkeys([*settings.machines, *queries.machines(connection)])
    nights_of = {name: settings.night_of(name) for name in names}
    found = [state_of(connection, name, night, now) for name, night in nights_of.items() if not night.retired]
    return [state for state in found if state.last or state.machine in settings.machines]


def state_of(connection: Any, machine: str, nightly: Nightly, now: datetime) -> MachineState:
    runs = nights.of_machine(connection, machine=machine)
    due_at = last_due(nightly, now - timedelta(seconds=nightly.max_late_seconds))  # a later one may begin yet
    alarm = watch.late(machine, runs, due_at, now, early(due_at))
    left_out = queries.plan_of(connection, runs[0].id).get("left_out", ()) if runs else ()
    budgeted = nightly.budget_seconds is not None
    known = nights.last_of_tracks(connection, machine=machine, tracks=nightly.tracks)
    return MachineState(
        machine=machine,
        suite=nightly.suite,
        last=runs[0] if runs else None,
        due_at=due_at,
        tracks={name: (now.date() - night).days for name, night in known.items()},
        workloads=ages(connection, enough(runs, budgeted=budgeted), now.date()),
        alarms=(
            *([alarm] if alarm else []),
            *watch.of_nights(machine, runs, now, bundle.lacks(left_out), budgeted=budgeted),
        ),
    )


def enough(runs: Sequence[Any], *, budgeted: bool) -> Sequence[Any]:
    """The nights that tell how old each workload is: the newest alone, where it was to measure all and did."""
    if runs and not budgeted and runs[0].finished_at and runs[0].measured == runs[0].planned:
        return runs[:1]
    return [run for run in runs if run.suite == runs[0].suite]


def ages(connection: Any, runs: Sequence[Any], today: date) -> dict[str, int | None]:
    """Nights since anything of each workload was measured, the stalest first."""
    tried = nights.workloads_of(connection, [run.id for run in runs])
    night_of = {run.id: run.night for run in runs}
    found: dict[str, int | None] = dict.fromkeys(row.workload for row in tried)
    for row in sorted(tried, key=lambda row: night_of[row.run_id]):
        if row.measured:
            found[row.workload] = (today - night_of[row.run_id]).days
    return dict(sorted(found.items(), key=lambda item: (-math.inf if item[1] is None else -item[1], item[0])))


def early(due_at: datetime) -> timedelta:
    """How long before it is due a night may begin: Prefect is an hour early where the clock leaves its minute out."""
    change = (due_at.utcoffset() or timedelta()) - ((due_at - timedelta(days=1)).utcoffset() or timedelta())
    return timedelta(minutes=1) + abs(change)


def last_due(nightly: Nightly, now: datetime) -> datetime:
    """When the newest night that should have begun by now was due, in its own time zone."""
    return next(CronSim(nightly.cron, now.astimezone(ZoneInfo(nightly.timezone)), reverse=True))


def line(state: MachineState, now: datetime) -> str:
    """A machine in one line: `otter: the night of 2026-03-04, 36 of 36 measured, 5 hours ago; track pre ...`."""
    run = state.last
    if run is None:
        return f"{state.machine}: no night yet"
    text = f"{state.machine}: the night of {run.night}, {run.measured} of {run.planned} measured"
    text += f", {watch.ago(now - run.started_at)} ago" + ("" if run.finished_at else ", not finished")
    ages = list(state.workloads.items())[:STALEST]
    stale = [
        f"{name} {nights} nights ago" if nights else f"{name} never" for name, nights in ages if nights not in (0, 1)
    ]
    tracks = [f"{name} {nights} nights ago" for name, nights in state.tracks.items() if nights > 1]
    stalest = ["stalest: " + ", ".join(stale)] if stale else []
    return "; ".join([text, *(f"track {track}" for track in tracks), *stalest])
