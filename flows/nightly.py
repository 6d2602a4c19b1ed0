"""The `nightly` flow: what a machine measures by itself. A thin wrapper over the core, like `benchmark`."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Annotated

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from prefect.states import Failed, State
from pydantic import Field

from flows import core, nights, telling, unfinished
from flows.analyse import chosen, deliver, publish, report, tell, tell_late
from flows.benchmark import MENDABLE, begun, build_environments, finished, nickname, stale
from flows.home import Home, open_home
from flows.settings import Nightly, Settings, read_settings
from storage.database import StorageError
from workloads.machine import describe


@flow(name="nightly", log_prints=False)
def nightly(
    machine: Annotated[str | None, Field(description="The machine that it is meant for; none: any.")] = None,
    suite: Annotated[str | None, Field(description="A suite of crossover.toml; none: that of its nights.")] = None,
) -> State:
    """Measure what this machine measures every night, within its budget, and report it.

    What to measure, in which tracks and for how long stands in crossover.toml where the worker runs: [nightly], and
    [machines.NAME] for one machine. A start that comes too late is cancelled: tonight's numbers are not tomorrow's.
    """
    begun()
    try:
        home, settings = open_home(), read_settings()
        name = describe(nickname(machine))["name"]
    except MENDABLE as error:  # nobody can be told without settings: the watchdog will miss this night
        return Failed(message=str(error))
    night = settings.night_of(name)
    late = stale(night.max_late_seconds)
    if late:
        return late
    try:
        outcome, state = tonight(suite or night.suite, night, name, home, settings)
    except Exception as error:
        telling.tell(f"{name}: tonight's run failed", f"{type(error).__name__}: {error}", settings.notify, print)
        with contextlib.suppress(StorageError):  # of what was measured before, if it could be stored
            for uuid in chosen(str(flow_run.id), home, settings):
                publish(report(uuid, home))
        if isinstance(error, MENDABLE):
            return Failed(message=str(error))
        raise
    if outcome is None:
        telling.tell(f"{name}: nothing was measured tonight", state.message, settings.notify, print)
        return state
    try:
        tell(outcome.run, home, settings)
    except StorageError as error:  # it is measured and stored; `analyse` writes the report when the database is back
        get_run_logger().warning("there is no report yet: %s", error)
    return state


def tonight(
    suite: str, night: Nightly, machine: str, home: Home, settings: Settings
) -> tuple[core.Outcome | None, State]:
    """Plan, build and measure: what it came to, and the flow run's state."""
    brought = deliver(home, return_state=True)
    if brought.is_failed():  # what is measured will wait with what waits already
        get_run_logger().warning("the database is away: nothing of earlier runs was brought there")
    else:
        tell_late(brought.result(), home, settings)
    choice = core.Choice(suite, tracks=tuple(night.tracks), gathered=core.gather(settings, suite))
    places, left_out = build_environments(core.check(choice, settings), home)
    plan = core.make_plan(choice, settings, places, run=flow_run.id, left_out=left_out)
    plan = nights.budgeted(plan, home, night, machine, datetime.now(UTC).date(), get_run_logger().warning).plan
    path = unfinished.start_bundle(plan, home)
    return finished(path, home, label=f"the flow run {flow_run.name}", machine=machine)
