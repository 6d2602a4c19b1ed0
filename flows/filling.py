"""The `backfill` flow: release after release on this machine, whenever asked. A thin wrapper over `flows.backfill`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from prefect import flow, get_run_logger, task
from prefect.runtime import flow_run
from prefect.states import Failed, State
from pydantic import Field

from flows import backfill as filling
from flows import unfinished
from flows.benchmark import MENDABLE, begun, finished, is_away, nickname
from flows.home import Home, open_home
from flows.settings import Settings, read_settings


@flow(name="backfill", log_prints=False)
def backfill(
    numpy: Annotated[str | None, Field(description="NumPy releases: 1.26..2.4, or 1.26.4,2.0.2.")] = None,
    jax: Annotated[str | None, Field(description="JAX releases, written the same way.")] = None,
    minor: Annotated[bool, Field(description="Only the last of each minor release.")] = False,
    python: Annotated[str | None, Field(description="The interpreter of all environments; none: this one.")] = None,
    suite: Annotated[str, Field(description="A suite of crossover.toml.")] = "history",
    workloads: Annotated[list[str] | None, Field(description="Only these workloads.")] = None,
    group: Annotated[int, Field(ge=1, description="How many releases are sampled side by side.")] = 6,
    time_limit: Annotated[float | None, Field(description="Begin nothing further after so many seconds.")] = None,
    machine: Annotated[str | None, Field(description="The machine that it is meant for; none: any.")] = None,
) -> State:
    """Measure NumPy and JAX release after release. The same parameters again go on where a run was stopped.

    A new run has the identity of its flow run; one that is gone on with keeps that of the flow run that began it.
    """
    begun()
    try:
        home, settings, machine = open_home(), read_settings(), nickname(machine)
        request = filling.Request(numpy, jax, minor, python, suite, tuple(workloads or ()), group=group)
        path = prepare(request, home, settings)
        unfinished.change_time_limit(path, time_limit or settings.suite(suite).run_limit_seconds)
        return finished(path, home, label=f"the flow run {flow_run.name}", machine=machine)[1]
    except MENDABLE as error:
        return Failed(message=str(error))


@task(retries=2, retry_delay_seconds=5, retry_condition_fn=is_away)
def prepare(request: filling.Request, home: Home, settings: Settings) -> Path:
    """Build the environments, or find the run that this request began."""
    return filling.planned(request, home, settings, get_run_logger().info, run=flow_run.id)[1]
