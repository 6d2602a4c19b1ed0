"""The `benchmark` flow, a thin wrapper over the core. Prefect schedules and shows; our database is the truth."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from prefect import flow, get_run_logger, task
from prefect.runtime import deployment, flow_run
from prefect.states import Cancelled, Completed, Failed, State
from pydantic import Field

from flows import core, environments, unfinished
from flows.environments import EnvironmentSpecError, RegistryAway
from flows.home import Home, HomeError, open_home
from flows.lock import MachineBusy
from flows.measure import MeasuringFailed
from flows.server import ServiceError
from flows.settings import SettingsError, read_settings
from storage.database import Refused, StorageError
from workloads import bundle
from workloads.lifeline import end_with_parent
from workloads.plan import Place
from workloads.workload import WorkloadError

#: What a person can mend: said in a line, without the traceback that Prefect would put before it.
MENDABLE = (
    EnvironmentSpecError,
    HomeError,
    MachineBusy,
    MeasuringFailed,
    ServiceError,
    SettingsError,
    StorageError,
    WorkloadError,
)


@flow(name="benchmark", log_prints=False)
def benchmark(
    suite: Annotated[str, Field(description="A suite of crossover.toml.")] = "quick",
    workloads: Annotated[list[str] | None, Field(description="Only these workloads.")] = None,
    environments: Annotated[
        list[str] | None, Field(description='Environments such as "numpy==2.4.3,jax==0.9.2"; none: the current one.')
    ] = None,
    tracks: Annotated[list[str] | None, Field(description="Tracks of crossover.toml, resolved anew.")] = None,
    platform: Annotated[str | None, Field(description="Where JAX computes; none: where it chooses to.")] = None,
    machine: Annotated[str | None, Field(description="The machine that it is meant for; none: any.")] = None,
    max_late_seconds: Annotated[
        int | None, Field(description="Do not start if the scheduled time is longer ago than this.")
    ] = None,
) -> State:
    """Measure workloads on this machine, store every sample, and fail if the run lacks anything.

    The flow run's identity becomes the run's, so that either is found from the other.
    """
    begun()
    late = stale(max_late_seconds)
    if late:
        return late
    try:
        home, settings, machine = open_home(), read_settings(), nickname(machine)
        choice = core.Choice(
            suite=suite,
            workloads=tuple(workloads or ()),
            environments=tuple(environments or ()),
            tracks=tuple(tracks or ()),
            platform=platform,
            gathered=core.gather(settings, suite, workloads or ()),
        )
        places, left_out = build_environments(core.check(choice, settings), home)
        plan = core.make_plan(choice, settings, places, run=flow_run.id, left_out=left_out)
        path = unfinished.start_bundle(plan, home)
        return finished(path, home, label=f"the flow run {flow_run.name}", machine=machine)[1]
    except MENDABLE as error:
        return Failed(message=str(error))


def begun() -> None:
    """In a process of a worker's, which must not go on measuring when its worker is gone."""
    if deployment.id:
        end_with_parent()


def nickname(machine: str | None) -> str | None:
    """The machine that a flow run is on, as its worker is called. ServiceError where it was meant for another one."""
    here = os.environ.get("CROSSOVER_MACHINE") or machine
    if machine and machine != here:
        raise ServiceError(f"this is {here}, and the run is meant for {machine}: use a deployment of {machine}")
    return here


def stale(max_late_seconds: float | None) -> State | None:
    """The state of a flow run that begins too late to be what it was scheduled as; None where it does not."""
    late = seconds_late()
    if max_late_seconds is None or late <= max_late_seconds:
        return None
    return Cancelled(message=f"stale: {late:.0f} s late")


def finished(path: Path, home: Home, *, label: str, machine: str | None) -> tuple[core.Outcome | None, State]:
    """Measure what a bundle lacks of its plan, and store it: what it came to, and the flow run's state."""
    try:
        measure(path, home, label=label, machine=machine)
    finally:  # whatever was measured is kept, however measuring ended
        outcome = store(path, home) if bundle.is_begun(path) else None
    if outcome is None:
        return None, Failed(message="nothing was measured")
    get_run_logger().info("run %s: %s", outcome.run, outcome.summary())
    state = Completed if outcome.is_whole else Failed
    return outcome, state(message=outcome.summary())


def is_worth_retrying(_task: Any, _run: Any, state: State) -> bool:
    """A database that is away comes back; a bundle that is damaged stays so, and a role that may not store."""
    return not isinstance(state.result(raise_on_failure=False), (bundle.BundleError, Refused))


def is_away(_task: Any, _run: Any, state: State) -> bool:
    """A registry that is away comes back; what it has not got stays so."""
    return isinstance(state.result(raise_on_failure=False), RegistryAway)


@task(retries=2, retry_delay_seconds=5, retry_condition_fn=is_away)
def build_environments(asked: list[environments.Asked], home: Home) -> tuple[list[Place], list[str]]:
    return core.build_places(asked, home, get_run_logger().info)


@task
def measure(path: Path, home: Home, label: str, machine: str | None) -> None:
    """Never retried: a second try is another sample. After its first case the run is known to be under way."""
    log, is_known = get_run_logger(), False

    def say(line: str) -> None:
        nonlocal is_known
        log.info(line)
        if not is_known and bundle.is_begun(path):
            is_known = True  # once: what is done beside a measurement has to be little
            try:
                core.store(path, home)
            except (StorageError, bundle.BundleError) as error:
                log.warning("the run is not in the database yet: %s", error)

    core.measure(path, label=label, machine=machine, say=say)


@task(retries=5, retry_delay_seconds=[1, 2, 5, 10, 30], retry_condition_fn=is_worth_retrying)
def store(path: Path, home: Home) -> core.Outcome:
    return core.store(path, home)


def seconds_late() -> float:
    """Seconds between the scheduled start of this flow run and now."""
    scheduled = flow_run.scheduled_start_time
    return (datetime.now(UTC) - scheduled).total_seconds() if scheduled else 0.0
