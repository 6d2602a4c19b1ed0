"""What the Prefect server has to know: pools, queues, deployments, automations. Applied twice, it is as once."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

from prefect.automations import Automation
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.deployments.runner import EntrypointType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.schedules import Cron
from prefect.workers.process import ProcessWorker

from flows.benchmark import benchmark
from flows.filling import backfill
from flows.nightly import nightly
from flows.settings import Nightly

ADHOC, NIGHTLY, BACKFILL, ANY = "adhoc", "nightly", "backfill", "any"

#: A run whose heartbeat stops for so long is gone: three heartbeats of 30 s.
VANISHED = "vanished-runs"
VANISHED_AFTER = timedelta(seconds=90)


def queues(machine: str) -> list[str]:
    """A machine's queues: its own, and the one shared by all of a pool.

    Without limits: a run that Prefect wrongly believes to be running would block a limited queue for good. The machine
    lock lets one measure at a time, and the worker starts no second flow beside it.
    """
    return [f"machine-{machine}", ANY]


def deploy(machine: str, night: Nightly, *, scheduled: bool = True) -> None:
    """Create or update everything for one machine on the server at PREFECT_API_URL; `scheduled`: its nights too.

    Queues come first: a worker that is given one that does not exist is deaf to all of its queues.
    """
    with get_client(sync_client=True) as client:
        ensure_pool(client, night.pool)
        for queue in queues(machine):
            with contextlib.suppress(ObjectAlreadyExists):
                client.create_work_queue(name=queue, work_pool_name=night.pool)
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
        apply(
            nightly,
            f"{NIGHTLY}-{machine}",
            pool=night.pool,
            queue=f"machine-{machine}",
            description=f"What {machine} measures every night.",
            parameters={"machine": machine},
            schedules=[Cron(night.cron, timezone=night.timezone, slug=NIGHTLY)],
        )
    ensure_vanished_runs_crash()


def apply(flow: Any, name: str, *, pool: str, queue: str, **said: Any) -> None:
    """Create or update one deployment; its code is that of the installed package, wherever the worker runs."""
    flow.to_deployment(
        name, work_pool_name=pool, work_queue_name=queue, entrypoint_type=EntrypointType.MODULE_PATH, **said
    ).apply()


def ensure_pool(client: SyncPrefectClient, name: str) -> None:
    try:
        client.read_work_pool(name)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(WorkPoolCreate(name=name, type="process", base_job_template=template))


def ensure_vanished_runs_crash() -> None:
    """A flow run whose process is gone without a word becomes Crashed, instead of running for ever."""
    try:
        Automation.read(name=VANISHED)
    except ValueError:
        Automation(
            name=VANISHED,
            description="A run that has no heartbeat any more has crashed. What it had measured is kept in its bundle.",
            trigger=EventTrigger(
                after={"prefect.flow-run.heartbeat"},
                expect={"prefect.flow-run.*"},
                for_each={"prefect.resource.id"},
                match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
                posture=Posture.Proactive,
                threshold=1,
                within=VANISHED_AFTER,
            ),
            actions=[
                ChangeFlowRunState(
                    state=StateType.CRASHED, message=f"no heartbeat for {VANISHED_AFTER.total_seconds():.0f} s"
                )
            ],
        ).create()
