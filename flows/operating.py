"""The commands of whoever keeps the service going: `crossover status`, `sync`, `deploy`, `worker`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from flows import delivery, lock, server, service, watching
from flows.cli import HOLES, OK, app, say
from flows.home import Home, open_home
from flows.settings import read_settings


@app.command
def status(*, as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False) -> int:
    """Did last night run everywhere, what is late, stale or waiting, and who measures on this machine now?

    Exit code 0: all is well. 1: something needs a look.

    Parameters
    ----------
    as_json
        Print all of it as JSON.
    """
    home, settings = open_home(), read_settings()
    now = datetime.now(UTC)
    states = watching.look(home, settings, now)
    facts = {"measuring": lock.holder(), "waiting_bundles": len(delivery.waiting(home)), "server": answering(home)}
    alarms = [alarm for state in states for alarm in state.alarms]
    if as_json:
        print(json.dumps({**facts, "machines": [document(state, now) for state in states]}, indent=2))
        return HOLES if alarms else OK
    console = Console()
    for state in states:
        console.print(Text(watching.line(state, now), style="red" if state.alarms else ""), soft_wrap=True)
        for alarm in state.alarms:
            console.print(Text(f"  {alarm.kind}: {alarm.text}", style="red"), soft_wrap=True)
    if not states:
        console.print(Text("no machine has had a night yet: `crossover up` begins with them"), soft_wrap=True)
    console.print(Text(f"this machine: {facts['measuring'] or 'nothing is measured'}"), soft_wrap=True)
    console.print(Text(f"Prefect server: {facts['server']}"), soft_wrap=True)
    if facts["waiting_bundles"]:
        text = f"not in the database, or not all of it: {facts['waiting_bundles']} of the runs here (`crossover sync`)"
        console.print(Text(text), soft_wrap=True)
    return HOLES if alarms else OK


def answering(home: Home) -> str:
    """Where the Prefect server answers, or that it does not."""
    try:
        return server.connect(home)
    except server.ServiceError as error:
        return str(error)


def document(state: watching.MachineState, now: datetime) -> dict[str, Any]:
    """A machine as JSON carries it; ages in nights, the age of its last night in seconds."""
    run = state.last
    last = run and {
        "run": run.uuid,
        "night": run.night.isoformat(),
        "started_at": run.started_at.isoformat(),
        "is_finished": run.finished_at is not None,
        "planned": run.planned,
        "measured": run.measured,
        "failed": run.failed,
        "age_seconds": (now - run.started_at).total_seconds(),
    }
    return {
        "machine": state.machine,
        "suite": state.suite,
        "due_at": state.due_at.isoformat(),
        "last": last,
        "nights_since_track": state.tracks,
        "nights_since_workload": state.workloads,
        "alarms": [asdict(alarm) for alarm in state.alarms],
    }


@app.command
def sync() -> int:
    """Bring runs into the database that could not get there, in the order they were begun. Twice changes nothing."""
    home = open_home()
    brought = delivery.deliver(home, say)
    left = len(delivery.waiting(home))
    say(f"{brought} brought" + (f", {left} still wait" if left else ""))
    return HOLES if left else OK


@app.command
def deploy(*, machine: str | None = None) -> int:
    """Tell the Prefect server of this machine: pool, queues, its nights, runs on demand. Twice changes nothing.

    Parameters
    ----------
    machine
        Its nickname. Default: $CROSSOVER_MACHINE, else this machine's host name.
    """
    home, settings = open_home(), read_settings()
    address = server.connect(home)
    from flows import deploy as deploying

    name = service.machine_name(machine or os.environ.get("CROSSOVER_MACHINE"))
    night = settings.night_of(name)
    deploying.deploy(name, night)
    say(f"{address} knows {name}: pool {night.pool}, nights at {night.cron} {night.timezone}, suite {night.suite}")
    return OK


@app.command
def worker(
    *,
    machine: str | None = None,
    service_pool: Annotated[bool, Parameter(name="--service", show_default=False)] = False,
) -> int:
    """Do on this machine what the Prefect server asks for: its nights, and runs on demand. Ctrl-C ends it.

    For a service manager: run it with Restart=always and KillMode=control-group (deploy/crossover-worker.service). A
    team has one more of these somewhere, with --service; `crossover up` has it already.

    Parameters
    ----------
    machine
        Its nickname. Default: $CROSSOVER_MACHINE, else this machine's host name.
    service_pool
        Do what measures nothing instead, for all machines: the watchdog, and the analysis of what is stored.
    """
    home, settings = open_home(), read_settings()
    server.connect(home)
    name = service.machine_name(machine or os.environ.get("CROSSOVER_MACHINE"))
    if service_pool:
        from flows import deploy as deploying

        deploying.deploy_service()
        command = service.service_worker_command(name)
    else:
        deploy(machine=name)  # a worker whose queue does not exist hears nothing, silently
        command = service.worker_command(name, settings.night_of(name).pool)
    variables = {**os.environ, **server.worker_environment(home), "CROSSOVER_MACHINE": name}
    os.execve(command[0], command, variables)
