"""Flow runs on a Prefect server: start one, follow it, find it again, end it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterName,
    FlowRunFilterState,
    FlowRunFilterStateType,
    LogFilter,
    LogFilterFlowRunId,
    LogFilterLevel,
)
from prefect.client.schemas.objects import FlowRun, StateType, WorkerStatus
from prefect.client.schemas.sorting import FlowRunSort, LogSort
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelling

from flows.deploy import ADHOC, ANALYSE, ANY, BACKFILL, NIGHTLY, WATCHDOG
from flows.server import ServiceError
from flows.service import Finished, NoSuchFlowRun

POLL_SECONDS = 1.0
LOOK_BACK = 200
INFO = 20
OURS = ("prefect.flow_runs", "prefect.task_runs")  # not the worker's and the runner's own
PREFECTS = (
    "Downloading flow code",
    "Beginning flow run",
    "Created task run",
    "Finished in state",
)  # said by the engine


def adhoc(machine: str) -> str:
    """The deployment that measures any suite on one machine."""
    return f"benchmark/{ADHOC}-{machine}"


def deployment_of(suite: str, machine: str | None, pool: str) -> str:
    """The deployment that measures a suite: a night, or whatever is asked for, on one machine or on any of a pool.

    Also that which looks after the nights, or analyses them.
    """
    if suite in (ANALYSE, WATCHDOG):
        return f"{suite}/{suite}"
    if suite in (NIGHTLY, BACKFILL):
        if not machine:
            raise ServiceError(f"a {suite} belongs to a machine: name it with --on")
        return f"{suite}/{suite}-{machine}"
    return adhoc(machine) if machine else f"benchmark/{ADHOC}-{ANY}-{pool}"


def start(
    client: SyncPrefectClient,
    deployment: str,
    parameters: Mapping[str, Any],
    say: Callable[[str], None],
    tags: Sequence[str] = (),
) -> FlowRun:
    """Create a flow run of a deployment; `say` hears if nobody is there to do it now.

    ServiceError where the server does not have the deployment.
    """
    try:
        found = client.read_deployment_by_name(deployment)
    except ObjectNotFound:
        raise ServiceError(f"the server knows no {deployment!r}. {known(client)}") from None
    created = client.create_flow_run_from_deployment(found.id, parameters=dict(parameters), tags=tags)
    queue = found.work_queue_name or ""
    machine = queue.removeprefix("machine-") if queue.startswith("machine-") else None
    listening = [
        worker.name
        for worker in client.read_workers_for_work_pool(found.work_pool_name)
        if worker.status == WorkerStatus.ONLINE
    ]
    if not listening or (machine and machine not in listening):
        who = f"no worker of {machine}" if machine else "no worker"
        say(f"{who} listens to the pool {found.work_pool_name} just now: the run waits for one (`crossover worker`)")
    return created


def known(client: SyncPrefectClient) -> str:
    """The machines that the server can have measure."""
    names = sorted(one.name for one in client.read_deployments())
    machines = [name.removeprefix(f"{ADHOC}-") for name in names if name.startswith(f"{ADHOC}-")]
    machines = [name for name in machines if not name.startswith(f"{ANY}-")]
    return f"Its machines: {', '.join(machines) or 'none'}; `crossover deploy` tells it of one"


def run_now(
    deployment: str,
    parameters: Mapping[str, Any],
    *,
    say: Callable[[str], None],
    alive: Callable[[], None],
    is_listening: bool = False,
) -> Finished:
    """Run a deployment now; `say` hears its log, `alive` raises when the service is gone.

    is_listening: a worker has just been started, and needs a moment until the server knows it.
    """
    with get_client(sync_client=True) as client:
        created = start(client, deployment, parameters, (lambda _: None) if is_listening else say)
        say(f"flow run {created.name} waits for the worker")
        return watched(client, created.id, say=say, alive=alive)


def watched(
    client: SyncPrefectClient, flow_run_id: UUID, *, say: Callable[[str], None], alive: Callable[[], None]
) -> Finished:
    """Follow a flow run to its end."""
    seen = 0
    while True:
        found = client.read_flow_run(flow_run_id)
        seen = follow(client, flow_run_id, seen, say)
        if found.state and found.state.is_final():
            break
        alive()
        time.sleep(POLL_SECONDS)
    time.sleep(2 * POLL_SECONDS)  # the last lines of a log arrive after the state
    follow(client, flow_run_id, seen, say)
    state = found.state
    return Finished(str(flow_run_id), state.is_completed(), f"{state.name}: {state.message or ''}".rstrip(": "))


def follow(
    client: SyncPrefectClient, flow_run_id: UUID, seen: int, say: Callable[[str], None], *, is_whole: bool = False
) -> int:
    """Say the lines of a flow run's log from number `seen` on; the number of lines that are known now.

    is_whole: with tracebacks.
    """
    wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id]), level=LogFilterLevel(ge_=INFO))
    while lines := client.read_logs(wanted, limit=200, offset=seen, sort=LogSort.TIMESTAMP_ASC):
        for line in lines:
            if line.name in OURS and not line.message.startswith(PREFECTS):
                say(line.message if is_whole else line.message.partition("\nTraceback ")[0])
        seen += len(lines)
    return seen


def newest(client: SyncPrefectClient, limit: int = LOOK_BACK) -> list[FlowRun]:
    """The flow runs that measure and were to start last on this server; without those scheduled for later nights."""
    until_now = FlowRunFilter(expected_start_time=FlowRunFilterExpectedStartTime(before_=datetime.now(UTC)))
    measuring = FlowFilter(name=FlowFilterName(any_=["benchmark", NIGHTLY, BACKFILL]))
    return client.read_flow_runs(
        flow_filter=measuring, flow_run_filter=until_now, sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=limit
    )


def last_end(client: SyncPrefectClient, flow: str) -> datetime | None:
    """When a flow was completed last; None: never, as far as the server knows."""
    completed = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED])))
    named = FlowFilter(name=FlowFilterName(any_=[flow]))
    runs = client.read_flow_runs(flow_filter=named, flow_run_filter=completed, sort=FlowRunSort.END_TIME_DESC, limit=1)
    return runs[0].end_time if runs else None


def found(client: SyncPrefectClient, text: str) -> FlowRun:
    """The flow run of this name, or whose identity ends or begins like this.

    NoSuchFlowRun where there is none, or several.
    """
    named = client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=[text])))
    matching = named or [one for one in newest(client) if is_called(str(one.id), text)]
    if len(matching) != 1:
        what = "several flow runs are" if matching else "no flow run is"
        raise NoSuchFlowRun(f"{what} called {text!r} among the last {LOOK_BACK}; `crossover runs` lists them")
    return matching[0]


def is_called(identity: str, text: str) -> bool:
    return identity.startswith(text) or identity.endswith(text)


def cancel(client: SyncPrefectClient, flow_run: FlowRun) -> None:
    """Ask for its end; its worker kills the process, and with it whatever measures. NoSuchFlowRun if it is over."""
    if flow_run.state and flow_run.state.is_final():
        raise NoSuchFlowRun(f"{flow_run.name} is over: {flow_run.state.name}")
    client.set_flow_run_state(flow_run.id, Cancelling())
