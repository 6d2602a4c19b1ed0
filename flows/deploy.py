"""What the Prefect server has to know: pools, queues, deployments, automations. Applied twice, it is as once."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.automations import Automation
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.deployments.runner import EntrypointType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.schedules import Cron
from prefect.workers.process import ProcessWorker

from flows.analyse import analyse
from flows.benchmark import benchmark
from flows.filling import backfill
from flows.nightly import nightly
from flows.settings import Nightly
from flows.watchdog import watchdog

ADHOC, NIGHTLY, BACKFILL, ANY = "adhoc", "nightly", "backfill", "any"

#: The pool of what measures nothing, and so need not wait until a machine has measured.
SERVICE, SERVICE_QUEUE = "service", "default"
ANALYSE, WATCHDOG = "analyse", "watchdog"

#: What each machine has of its own.
OF_ONE = ((benchmark, ADHOC), (backfill, BACKFILL), (nightly, NIGHTLY))

#: Twice an hour: a flow run takes three seconds of a core to start, and a night is late after hours.
WATCH_CRON = "11,41 * * * *"

#: A run whose heartbeat stops for so long is gone: three heartbeats of 30 s.
VANISHED = "vanished-runs"
VANISHED_AFTER = timedelta(seconds=90)

#: One that a worker has taken begins within seconds, or its worker is gone.
UNBORN = "unborn-runs"
UNBORN_AFTER = timedelta(seconds=120)


def queues(machine: str) -> list[str]:
    """A machine's queues: its own, and the one shared by all of a pool.

    Without limits: a run that Prefect wrongly believes to be running would block a limited queue for good. The machine
    lock lets one measure at a time, and the worker starts no second flow beside it.
    """
    return [f"machine-{machine}", ANY]


def deploy(machine: str, night: Nightly, *, scheduled: bool = True) -> None:
    """Create or update everything for one machine on the server at PREFECT_API_URL.

    scheduled: with its nights, and with what looks after them.
    """
    ensure_pool(night.pool, queues(machine))
    apply(
        benchmark,
        f"{ADHOC}-{machine}",
        pool=night.pool,
        queue=f"machine-{machine}",
        description=f"Measure a suite, or a part of one, on {machine} now.",
        parameters={"machine": machine},
    )
    apply(
        benchmark,
        f"{ADHOC}-{ANY}-{night.pool}",
        pool=night.pool,
        queue=ANY,
        description=f"Measure a suite, or a part of one, on whichever machine of the pool {night.pool} is free.",
    )
    apply(
        backfill,
        f"{BACKFILL}-{machine}",
        pool=night.pool,
        queue=f"machine-{machine}",
        description=f"Measure release after release on {machine}.",
        parameters={"machine": machine},
    )
    if scheduled:
        deploy_service()
    if scheduled and night.retired:
        delete(nightly, f"{NIGHTLY}-{machine}")  # of a time when it had nights
    elif scheduled:
        apply(
            nightly,
            f"{NIGHTLY}-{machine}",
            pool=night.pool,
            queue=f"machine-{machine}",
            description=f"What {machine} measures every night.",
            parameters={"machine": machine},
            schedules=[Cron(night.cron, timezone=night.timezone, slug=NIGHTLY)],
        )
    ensure_lost_runs_crash()


def remove(machine: str) -> int:
    """Delete the deployments of one machine, with their schedules, and its queues; how many deployments there were."""
    deployments = [(flow, f"{name}-{machine}") for flow, name in OF_ONE]
    queues = [delete(flow, name) for flow, name in deployments]
    with get_client(sync_client=True) as client:
        for queue in {queue for queue in queues if queue}:
            client.delete_work_queue_by_id(queue)
    return sum(queue is not None for queue in queues)


def delete(flow: Any, name: str) -> UUID | None:
    """Delete a deployment, with its schedule; the queue that it had, None where it was not there."""
    with get_client(sync_client=True) as client, contextlib.suppress(ObjectNotFound):
        found = client.read_deployment_by_name(f"{flow.name}/{name}")
        client.delete_deployment(found.id)
        return found.work_queue_id
    return None


def deploy_service() -> None:
    """What is there once, however many machines there are: the watchdog, and the analysis of what is stored."""
    ensure_pool(SERVICE, [SERVICE_QUEUE])
    apply(
        watchdog,
        WATCHDOG,
        pool=SERVICE,
        queue=SERVICE_QUEUE,
        description="Look whether a machine is late or measures less and less, and tell people.",
        schedules=[Cron(WATCH_CRON, slug=WATCHDOG)],
    )
    apply(
        analyse,
        ANALYSE,
        pool=SERVICE,
        queue=SERVICE_QUEUE,
        description="Write the reports of nights anew, from what is stored.",
    )


def apply(flow: Any, name: str, *, pool: str, queue: str, **said: Any) -> None:
    """Create or update one deployment; its code is that of the installed package, wherever the worker runs."""
    flow.to_deployment(
        name, work_pool_name=pool, work_queue_name=queue, entrypoint_type=EntrypointType.MODULE_PATH, **said
    ).apply()


def ensure_pool(name: str, queues: Sequence[str]) -> None:
    """A pool of processes with these queues, which have to be there before a worker is.

    One that is given a queue that does not exist is deaf to all of its queues.
    """
    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(name)
        except ObjectNotFound:
            template = ProcessWorker.get_default_base_job_template()
            client.create_work_pool(WorkPoolCreate(name=name, type="process", base_job_template=template))
        for queue in queues:
            with contextlib.suppress(ObjectAlreadyExists):
                client.create_work_queue(name=queue, work_pool_name=name)


def ensure_lost_runs_crash() -> None:
    """A flow run whose process is gone without a word becomes Crashed, instead of running or pending for ever."""
    ensure_crash(
        VANISHED,
        {"prefect.flow-run.heartbeat"},
        VANISHED_AFTER,
        "A run that has no heartbeat any more has crashed. What it had measured is kept in its bundle.",
        f"no heartbeat for {VANISHED_AFTER.total_seconds():.0f} s",
    )
    ensure_crash(
        UNBORN,
        {"prefect.flow-run.Pending"},
        UNBORN_AFTER,
        "A run that a worker has taken and that does not begin has crashed. It has measured nothing.",
        f"taken by a worker {UNBORN_AFTER.total_seconds():.0f} s ago, and never begun",
    )


def ensure_crash(name: str, after: set[str], within: timedelta, description: str, message: str) -> None:
    """An automation: a flow run of which nothing is heard any more for a while after such an event becomes Crashed."""
    with contextlib.suppress(ValueError):
        Automation.read(name=name)
        return
    Automation(
        name=name,
        description=description,
        trigger=EventTrigger(
            after=after,
            expect={"prefect.flow-run.*"},
            for_each={"prefect.resource.id"},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            posture=Posture.Proactive,
            threshold=1,
            within=within,
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message=message)],
    ).create()
