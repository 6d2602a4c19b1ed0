"""The commands of a machine that serves: `crossover up`, `dashboard`, `doctor`."""

from __future__ import annotations

import contextlib
import os
from typing import Annotated

from cyclopts import Parameter, validators
from rich.console import Console

from flows import core, service
from flows import doctor as examination
from flows.cli import HOLES, OK, NoSuchRun, app, print_run, say
from flows.home import open_home
from flows.settings import read_settings
from storage import database

Port = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=65535))]


@app.command
def up(
    *,
    once: Annotated[bool, Parameter(show_default=False)] = False,
    suite: str = "quick",
    port: Port = 4200,
    dashboard_port: Port = 8501,
    machine: str | None = None,
) -> int:
    """Run the whole service on this machine: Prefect server, workers, the nightly schedule, the dashboard.

    Ctrl-C ends all of it.

    Parameters
    ----------
    once
        Measure one suite now, through the server and the worker, print the table, and stop.
    suite
        With --once: the suite to measure.
    port
        The Prefect server's port on this machine (not with --once, which takes any free one).
    dashboard_port
        The dashboard's port on this machine.
    machine
        This machine's nickname. Default: $CROSSOVER_MACHINE, else its host name.
    """
    home, settings = open_home(), read_settings()
    nickname = machine or os.environ.get("CROSSOVER_MACHINE")
    if not once:
        service.stay(home, settings, port=port, dashboard_port=dashboard_port, machine=nickname, say=say)
        return OK
    database.open_database(home.database_url).dispose()
    core.check(core.Choice(suite), settings)
    finished = service.once(home, settings, suite=suite, machine=nickname, say=say)
    with contextlib.suppress(NoSuchRun):  # a flow that fails early stores nothing; its message says why
        print_run(finished.run, as_json=False)
    say(finished.message)
    return OK if finished.completed else HOLES


@app.command
def dashboard(*, port: Port = 8501) -> int:
    """Open the pages on what was measured. Ctrl-C ends it.

    Parameters
    ----------
    port
        The port on this machine.
    """
    home = open_home()
    return service.dashboard(home.database_url, port=port, say=say, home=home)


@app.command
def doctor(
    *,
    seconds: float = 40,
    machine: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False,
) -> int:
    """Measure a few kernels against themselves: how small a change can this machine see, and what would help it?

    Takes about twice its sampling time. Stores nothing.

    Parameters
    ----------
    seconds
        Sampling time in sum.
    machine
        This machine's nickname. Default: $CROSSOVER_MACHINE, else its host name.
    as_json
        Print what was found as JSON instead.
    """
    nickname = machine or os.environ.get("CROSSOVER_MACHINE")
    found = examination.examine(open_home(), seconds=seconds, machine=nickname, say=say)
    if as_json:
        examination.print_json(found)
    else:
        examination.print_examination(Console(), found)
    return OK
