"""Start a run on a machine through the Prefect server, follow it, and say how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId, LogFilterLevel
from prefect.client.schemas.sorting import LogSort

from flows.deploy import ADHOC
from flows.service import Finished

POLL_SECONDS = 1.0
INFO = 20
OURS = ("prefect.flow_runs", "prefect.task_runs")  # not the worker's and the runner's own
PREFECTS = (
    "Downloading flow code",
    "Beginning flow run",
    "Created task run",
    "Finished in state",
)  # said by the engine


def run_now(
    machine: str, parameters: dict[str, Any], *, say: Callable[[str], None], alive: Callable[[], None]
) -> Finished:
    """Run the `benchmark` flow on `machine` now; `say` hears its log, `alive` raises when the service is gone."""
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(f"benchmark/{ADHOC}-{machine}")
        created = client.create_flow_run_from_deployment(deployment.id, parameters={"machine": machine, **parameters})
        say(f"flow run {created.name} waits for the worker")
        seen = 0
        while True:
            flow_run = client.read_flow_run(created.id)
            seen = follow(client, created.id, seen, say)
            if flow_run.state and flow_run.state.is_final():
                break
            alive()
            time.sleep(POLL_SECONDS)
        time.sleep(2 * POLL_SECONDS)  # the last lines of a log arrive after the state
        follow(client, created.id, seen, say)
    state = flow_run.state
    return Finished(str(created.id), state.is_completed(), f"{state.name}: {state.message or ''}".rstrip(": "))


def follow(client: SyncPrefectClient, flow_run_id: Any, seen: int, say: Callable[[str], None]) -> int:
    """Say the lines of a flow run's log from number `seen` on; the number of lines that are known now."""
    wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id]), level=LogFilterLevel(ge_=INFO))
    while lines := client.read_logs(wanted, limit=200, offset=seen, sort=LogSort.TIMESTAMP_ASC):
        for line in lines:
            if line.name in OURS and not line.message.startswith(PREFECTS):
                say(line.message)
        seen += len(lines)
    return seen
