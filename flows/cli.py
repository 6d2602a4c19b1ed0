"""The command `crossover`: a few lines over the core each. What a user can mend is one line of text and exit code 2."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

from flows import core, report, service
from flows.environments import EnvironmentSpecError
from flows.home import HomeError, open_home
from flows.lock import MachineBusy
from flows.measure import MeasuringFailed
from flows.settings import SettingsError, read_settings
from storage import database, queries, record
from storage.database import StorageError
from workloads.bundle import BundleError
from workloads.workload import WorkloadError


class WrongOptions(Exception):
    """Options that contradict each other."""


class NoSuchRun(Exception):
    """The database does not hold this run."""


MENDABLE = (
    NoSuchRun,
    WrongOptions,
    BundleError,
    EnvironmentSpecError,
    HomeError,
    MachineBusy,
    MeasuringFailed,
    SettingsError,
    StorageError,
    WorkloadError,
    core.NothingToResume,
    service.ServiceError,
)

OK, HOLES, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130

app = App(
    name="crossover",
    help="NumPy or JAX: for this workload, on this machine, with these versions, for this many calls?",
    version=version("crossover"),
    result_action="return_value",
    suppress_keyboard_interrupt=False,  # `main` says what was kept
    default_parameter=Parameter(negative="", negative_iterable=""),
)


@app.command
def run(
    *,
    suite: str = "quick",
    workload: list[str] | None = None,
    size: list[float] | None = None,
    variant: list[str] | None = None,
    env: list[str] | None = None,
    platform: str | None = None,
    machine: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False,
    resume: Annotated[bool, Parameter(show_default=False)] = False,
) -> int:
    """Measure here and now, without a server, and print the table.

    Exit code 0: all was measured. 1: the run lacks something, and says what. 2: it could not be done as asked.

    Examples:

      crossover run

      crossover run --workload elementwise_chain --size 1000000

      crossover run --env "numpy==2.4.3,jax==0.9.2" --json

    Parameters
    ----------
    suite
        A suite of crossover.toml.
    workload
        Only this workload; may be repeated. Known: `python -m workloads --list`.
    size
        Only this size; may be repeated.
    variant
        Only this variant: numpy, jax_eager, jax_jit; may be repeated.
    env
        Measure in another environment, built with uv: exact versions, such as "numpy==2.4.3,jax==0.9.2";
        "python==3.12" among them takes another interpreter of this machine. Repeated: all of them side by side, the
        first as baseline.
    platform
        Where JAX computes: cpu, gpu, tpu. Default: where JAX chooses to.
    machine
        This machine's nickname. Default: $CROSSOVER_MACHINE, else its host name.
    as_json
        Print the run as JSON instead of the table; progress goes to standard error.
    resume
        Go on with the newest run that was cut short; what it has measured stays.
    """
    home, settings = open_home(), read_settings()
    nickname = machine or os.environ.get("CROSSOVER_MACHINE")
    database.open_database(home.database_url).dispose()  # a database that cannot be used is better known now
    if resume:
        if any((workload, size, variant, env, platform, suite != "quick")):
            raise WrongOptions("--resume goes on with what was chosen then: leave out the other choices")
        path = core.unfinished_bundle(home)
        say(f"going on with {path.name}")
    else:
        choice = core.Choice(
            suite, tuple(workload or ()), tuple(size or ()), tuple(variant or ()), tuple(env or ()), platform
        )
        specs = core.check(choice, settings)
        path = core.start_bundle(core.make_plan(choice, settings, core.build_places(specs, home, say)), home)
    outcome = core.measure_and_store(path, home, label="crossover run", machine=nickname, say=say)
    print_run(outcome.run, as_json=as_json)
    say(outcome.summary())
    return OK if outcome.is_whole else HOLES


@app.command
def up(
    *,
    once: Annotated[bool, Parameter(show_default=False)] = False,
    suite: str = "quick",
    port: int = 4200,
    dashboard_port: int = 8501,
    machine: str | None = None,
) -> int:
    """Run the whole service on this machine: Prefect server, one worker, the nightly schedule, the dashboard.

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
    database.open_database(home.database_url).dispose()
    if not once:
        service.stay(home, settings, port=port, dashboard_port=dashboard_port, machine=nickname, say=say)
        return OK
    core.check(core.Choice(suite), settings)
    finished = service.once(home, settings, suite=suite, machine=nickname, say=say)
    with contextlib.suppress(NoSuchRun):  # a flow that fails early stores nothing; its message says why
        print_run(finished.run, as_json=False)
    say(finished.message)
    return OK if finished.completed else HOLES


@app.command
def show(
    run: str | None = None, /, *, as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False
) -> int:
    """Print a run as a table: median with interval, first call, ratio to NumPy, verdict.

    Parameters
    ----------
    run
        The beginning of a run's identity. Default: the last run.
    as_json
        Print the run as JSON instead.
    """
    print_run(run, as_json=as_json)
    return OK


@app.command
def dashboard(*, port: int = 8501) -> int:
    """Open the pages on what was measured. Ctrl-C ends it.

    Parameters
    ----------
    port
        The port on this machine.
    """
    return service.dashboard(open_home(), port=port, say=say)


@app.command
def ingest(bundle: list[Path], /) -> int:
    """Take in bundles that were written elsewhere. Doing it twice changes nothing.

    Parameters
    ----------
    bundle
        Files that `python -m workloads --out FILE` wrote.
    """
    engine = database.open_database(open_home().database_url)
    for path in bundle:
        try:
            stored = record.store(engine, path)
        except OSError as error:
            raise BundleError(f"cannot read {path} ({error.strerror})") from None
        say(f"{path.name}: run {stored.run[:8]}, {stored.new} of {stored.measurements} measurements were new")
    return OK


def print_run(uuid: str | None, *, as_json: bool) -> None:
    """Print the run whose identity begins with `uuid`, or the newest, from the database."""
    engine = database.open_for_reading(open_home().database_url)
    with engine.connect() as connection:
        found = queries.run_by_uuid(connection, uuid) if uuid else next(iter(queries.runs(connection, limit=1)), None)
        if found is None:
            raise NoSuchRun(f"there is no run {uuid!r}" if uuid else "no run yet: measure something (`crossover run`)")
        environments = list(queries.environments_of_runs(connection, [found.id]))
        rows = list(queries.measurements(connection, found.id))
        between = queries.ratios_across(connection, found.id)
    if as_json:
        print(json.dumps(report.document(found, environments, rows, between), indent=2, default=str))
    else:
        report.print_run(Console(), found, environments, rows, between)


def say(line: str) -> None:
    """Progress and remarks, on standard error: standard output is for results."""
    print(line, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> Any:
    """The console script's entry."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's stop is a Ctrl-C
    try:
        code = app(arguments, exit_on_error=False, print_error=False)
    except (CycloptsError, *MENDABLE) as error:
        say("error: " + " ".join(str(error).split()))
        sys.exit(WRONG_INPUT)
    except BrokenPipeError:  # whoever read this, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    except KeyboardInterrupt:
        say("stopped; what was measured is kept (`crossover run --resume` goes on)")
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else OK)
