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

from analysis import watch
from flows import delivery, lock, server, service, watching
from flows.cli import HOLES, OK, WrongOptions, app, say
from flows.home import Home, open_home
from flows.settings import read_settings
from storage import database

#: The watchdog looks twice an hour; one that has not for so long is itself to be looked at.
WATCHED_SECONDS = 2 * 3600


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
    states, trouble = [], ""
    try:
        states = watching.look(home, settings, now)
    except database.StorageError as error:
        trouble = str(error)
    facts = {
        "database": trouble or "answers",
        "measuring": lock.holder(),
        "waiting_bundles": len(delivery.waiting(home)),
        **answering(home, now),
    }
    # nobody misses a server where there are no nights; and what is being measured now has not been brought yet
    seconds = facts["watchdog_seconds"]
    is_watched = not states or (seconds is not None and seconds < WATCHED_SECONDS)
    is_brought = facts["measuring"] or not facts["waiting_bundles"]
    is_well = is_watched and is_brought and not trouble and not any(state.alarms for state in states)
    if as_json:
        print(json.dumps({**facts, "machines": [document(state, now) for state in states]}, indent=2))
        return OK if is_well else HOLES
    console = Console()
    for state in states:
        console.print(Text(watching.line(state, now), style="red" if state.alarms else ""), soft_wrap=True)
        for alarm in state.alarms:
            console.print(Text(f"  {alarm.kind}: {alarm.text}", style="red"), soft_wrap=True)
    if trouble:
        console.print(Text(trouble, style="red"), soft_wrap=True)
    elif not states:
        console.print(Text("no machine has had a night yet: `crossover up` begins with them"), soft_wrap=True)
    name = service.machine_name(os.environ.get("CROSSOVER_MACHINE"))
    console.print(Text(f"this machine, {name}: {facts['measuring'] or 'nothing is measured'}"), soft_wrap=True)
    console.print(Text(f"Prefect server: {facts['server']}"), soft_wrap=True)
    if facts["watchdog"]:
        console.print(Text(f"watchdog: {facts['watchdog']}", style="" if is_watched else "red"), soft_wrap=True)
    if facts["waiting_bundles"]:
        text = f"not in the database, or not all of it: {facts['waiting_bundles']} of the runs here"
        text += "; one may be measuring still" if facts["measuring"] else " (`crossover sync` brings them there)"
        console.print(Text(text), soft_wrap=True)
    return OK if is_well else HOLES


def answering(home: Home, now: datetime) -> dict[str, Any]:
    """Where the Prefect server answers, or that it does not; and how long ago the watchdog looked last."""
    try:
        address = server.connect(home)
    except server.ServiceError as error:
        return {"server": str(error), "watchdog": "", "watchdog_seconds": None}
    from prefect.client.orchestration import get_client

    from flows import trigger

    with get_client(sync_client=True) as client:
        last = trigger.last_end(client, "watchdog")
    if last is None:
        return {"server": address, "watchdog": "has not looked yet", "watchdog_seconds": None}
    seconds = (now - last).total_seconds()
    return {"server": address, "watchdog": f"looked {watch.ago(now - last)} ago", "watchdog_seconds": seconds}


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
    """Bring runs into the database that could not get there, in the order they were begun. Twice changes nothing.

    Exit code 0: nothing waits. 1: something does still.

    Example:

      crossover sync
    """
    home = open_home()
    brought = len(delivery.deliver(home, say))
    left = len(delivery.waiting(home))
    say(f"{brought} brought" + (f", {left} still wait" if left else ""))
    return HOLES if left else OK


@app.command
def deploy(*, machine: str | None = None, remove: str | None = None) -> int:
    """Tell the Prefect server of this machine: pool, queues, its nights, runs on demand. Twice changes nothing.

    Parameters
    ----------
    machine
        Its nickname. Default: $CROSSOVER_MACHINE, else this machine's host name.
    remove
        Forget this machine instead: it measures no more. What it measured stays.
    """
    home, settings = open_home(), read_settings()
    address = server.connect(home)
    from flows import deploy as deploying

    if remove and (machine or remove.startswith("any-")):
        raise WrongOptions("--remove takes the nickname of one machine, and no --machine beside it")
    if remove:
        count = deploying.remove(remove)
        say(f"{address} forgot {remove}: {count} deployments")
        if not settings.night_of(remove).retired:
            say(f"so that nobody waits for its nights, write into crossover.toml: [machines.{remove}] retired = true")
        return OK if count else HOLES
    name = service.machine_name(machine or os.environ.get("CROSSOVER_MACHINE"))
    night = settings.night_of(name)
    deploying.deploy(name, night)
    when = "no nights: it is retired" if night.retired else f"nights at {night.cron} {night.timezone}"
    say(f"{address} knows {name}: pool {night.pool}, {when}, suite {night.suite}")
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
