"""What the Prefect server has to know: the pool, the queues, the deployments. Applied twice, it is as once."""

from __future__ import annotations

import contextlib

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments.runner import EntrypointType
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.schedules import Cron
from prefect.workers.process import ProcessWorker

from flows.benchmark import benchmark
from flows.settings import Nightly

POOL = "cpu"
ADHOC, NIGHTLY = "adhoc", "nightly"


def queues(machine: str) -> list[str]:
    """A machine's queues: its own, and the one shared by all of a pool.

    Without limits: a run that Prefect wrongly believes to be running would block a limited queue for good. The machine
    lock lets one measure at a time, and the worker starts no second flow beside it.
    """
    return [f"machine-{machine}", "any"]


def deploy(machine: str, nightly: Nightly | None) -> None:
    """Create or update everything for one machine on the server at PREFECT_API_URL; `nightly` None: no schedule.

    Queues come first: a worker that is given one that does not exist is deaf to all of its queues.
    """
    with get_client(sync_client=True) as client:
        _pool(client)
        for queue in queues(machine):
            with contextlib.suppress(ObjectAlreadyExists):
                client.create_work_queue(name=queue, work_pool_name=POOL)
    common = {
        "work_pool_name": POOL,
        "work_queue_name": f"machine-{machine}",
        "entrypoint_type": EntrypointType.MODULE_PATH,
    }
    benchmark.to_deployment(
        f"{ADHOC}-{machine}",
        description=f"Measure a suite, or a part of one, on {machine} now.",
        parameters={"machine": machine},
        **common,
    ).apply()
    if nightly:
        benchmark.to_deployment(
            f"{NIGHTLY}-{machine}",
            description=f"Every night on {machine}.",
            parameters={
                "machine": machine,
                "suite": nightly.suite,
                "tracks": nightly.tracks,
                "max_late_seconds": nightly.max_late_seconds,
            },
            schedules=[Cron(nightly.cron, timezone=nightly.timezone, slug=NIGHTLY)],
            **common,
        ).apply()


def _pool(client: SyncPrefectClient) -> None:
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
