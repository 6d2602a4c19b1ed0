"""The command `crossover`: a few lines over the core each. `entry.py` starts it."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter
from rich.console import Console
from rich.text import Text

from flows import core, environments, releases_report, report, unfinished
from flows.home import open_home
from flows.settings import read_settings
from storage import database, queries, releases


class WrongOptions(Exception):
    """Options that contradict each other."""


class NoSuchRun(Exception):
    """The database does not hold this run."""


#: Of a case at most, where a precision is asked for.
MOST_PROCESSES = 30
MOST_SECONDS = 30.0

OK, HOLES = 0, 1

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
    dtype: list[str] | None = None,
    workload_file: list[Path] | None = None,
    env: list[str] | None = None,
    track: list[str] | None = None,
    as_of: date | None = None,
    like: str | None = None,
    builder: Literal["uv", "docker"] | None = None,
    platform: str | None = None,
    machine: str | None = None,
    precision: float | None = None,
    threads: int | None = None,
    at_once: Annotated[bool, Parameter(show_default=False)] = False,
    compilation_cache: Annotated[bool, Parameter(show_default=False)] = False,
    time_limit: float | None = None,
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
        A suite of crossover.toml. With --workload or --workload-file: how long and how exactly to measure those.
    workload
        Only this workload; may be repeated. `crossover workloads` lists them.
    size
        Only this size; may be repeated.
    variant
        Only this variant: numpy, jax_eager, jax_jit; may be repeated.
    dtype
        Only this dtype: float32, float64, or `first` for each workload's usual one; may be repeated.
    workload_file
        Measure the workload that this file declares; may be repeated. `crossover new` writes one to start from.
    env
        Measure in another environment, built with uv, such as "numpy==2.4.3,jax==0.9.2", or "numpy,jax" for the newest;
        "python==3.12" among them takes another interpreter of this machine. Or a requirements or lock file. Repeated:
        all of them side by side, the first as baseline.
    track
        A named environment of crossover.toml, resolved anew: [tracks.NAME]; may be repeated.
    as_of
        Resolve the environments as on this day, 2025-06-30.
    like
        Measure in the environments of this earlier run (the end of its identity), built again from its records.
    builder
        What builds the environments: uv, or docker, which gives each process a container. Default: uv, or the track's.
    platform
        Where JAX computes: cpu, gpu, tpu. Default: where JAX chooses to.
    machine
        This machine's nickname. Default: $CROSSOVER_MACHINE, else its host name.
    precision
        Take more processes until every interval is this narrow, 0.01 for 1 %: at most 30 of them, and 30 s of sampling.
    threads
        Keep each side on so many cores, all sides on the same ones. Default: every core. One is sharpest.
    at_once
        Sample the sides of a case at the same time, each on --threads cores of its own.
    compilation_cache
        Let JAX keep compiled functions from process to process: what a first call costs with a warm cache.
    time_limit
        Begin no further case after so many seconds; --resume goes on.
    as_json
        Print the run as JSON instead of the table; progress goes to standard error.
    resume
        Go on with the newest run that was cut short; what it has measured stays.
    """
    home, settings = open_home(), read_settings()
    nickname = machine or os.environ.get("CROSSOVER_MACHINE")
    database.see_storable(home.database_url)  # a database that cannot be used is better known now
    sampling = chosen_sampling(precision, threads, at_once, compilation_cache, time_limit)
    if resume:
        if (
            any((workload, size, variant, dtype, workload_file, env, track, as_of, like, builder, platform, sampling))
            or suite != "quick"
        ):
            raise WrongOptions("--resume goes on with what was chosen then: leave out the other choices")
        path = unfinished.unfinished_bundle(home, say)
        say(f"going on with {path.name}")
    else:
        choice = core.Choice(
            suite,
            workloads=tuple(workload or ()),
            sizes=tuple(size or ()),
            variants=tuple(variant or ()),
            dtypes=tuple(dtype or ()),
            gathered=core.gather(settings, suite, workload or (), workload_file or ()),
            environments=tuple(env or ()),
            tracks=tuple(track or ()),
            as_of=as_of,
            again=environments_of(like) if like else (),
            builder=builder,
            platform=platform,
            sampling=sampling,
        )
        asked = core.check(choice, settings)
        for reason in choice.gathered.left_out:
            say(f"left out: {reason}")
        places, left_out = core.build_places(asked, home, say)
        path = unfinished.start_bundle(core.make_plan(choice, settings, places, left_out=left_out), home)
    outcome = core.measure_and_store(path, home, label="crossover run", machine=nickname, say=say)
    print_run(outcome.run, as_json=as_json)
    say(outcome.summary())
    return OK if outcome.is_whole else HOLES


def chosen_sampling(
    precision: float | None, threads: int | None, at_once: bool, compilation_cache: bool, time_limit: float | None
) -> tuple[tuple[str, Any], ...]:
    """What was said on the command line in the place of the suite's settings."""
    said = {
        "precision": precision,
        "most_processes": MOST_PROCESSES if precision else None,
        "seconds_per_case": MOST_SECONDS if precision else None,
        "threads": threads,
        "at_once": at_once or None,
        "compilation_cache": compilation_cache or None,
        "run_limit_seconds": time_limit,
    }
    return tuple((name, value) for name, value in said.items() if value is not None)


@app.command
def show(
    run: str | None = None, /, *, as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False
) -> int:
    """Print a run as a table: median with interval, first call, ratio to NumPy, verdict.

    Parameters
    ----------
    run
        The end of a run's identity, or its beginning. Default: the last run.
    as_json
        Print the run as JSON instead.
    """
    print_run(run, as_json=as_json)
    return OK


def found_run(connection: Any, uuid: str | None) -> Any:
    """The run whose identity begins or ends with `uuid`, or the newest; NoSuchRun where there is none."""
    found = queries.run_by_uuid(connection, uuid) if uuid else next(iter(queries.runs(connection, limit=1)), None)
    if found is None:
        raise NoSuchRun(f"there is no run {uuid!r}" if uuid else "no run yet: measure something (`crossover run`)")
    return found


def environments_of(uuid: str) -> tuple[environments.Asked, ...]:
    """What an earlier run was measured in."""
    with database.reading(open_home().database_url) as connection:
        return core.asked_in(connection, found_run(connection, uuid).id)


def print_run(uuid: str | None, *, as_json: bool) -> None:
    """Print the run whose identity begins or ends with `uuid`, or the newest, from the database."""
    with database.reading(open_home().database_url) as connection:
        found = found_run(connection, uuid)
        gathered = report.gather(connection, found)
        filled = releases.of_run(connection, found.id)  # nothing unless it was a backfill
    if as_json:
        document = report.document(gathered) | ({"backfill": releases_report.document(filled)} if filled else {})
        print(json.dumps(document, indent=2, default=str))
    elif filled:
        console = Console()
        console.print(Text(report.heading(found, ())))
        releases_report.print_releases(console, filled)
        console.print(Text("\n".join(report.remarks(gathered))))
    else:
        report.print_run(Console(), gathered)


def say(line: str) -> None:
    """Progress and remarks, on standard error: standard output is for results."""
    print(line, file=sys.stderr, flush=True)
