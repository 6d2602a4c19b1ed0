"""The commands that ask a Prefect server: `crossover trigger`, `runs`, `logs`, `cancel`."""

from __future__ import annotations

import contextlib
import json
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows import server
from flows.cli import HOLES, OK, WrongOptions, app, say
from flows.home import open_home
from storage import database, queries
from workloads import figures

#: Of what a run says that stored nothing, in a list of runs.
MESSAGE_WIDTH = 60

JSON = Annotated[bool, Parameter(name="--json", show_default=False)]


@app.command
def trigger(
    suite: str,
    /,
    *,
    on: str | None = None,
    pool: Literal["cpu", "gpu", "tpu"] = "cpu",
    workload: list[str] | None = None,
    env: list[str] | None = None,
    track: list[str] | None = None,
    platform: str | None = None,
    numpy: str | None = None,
    jax: str | None = None,
    minor: Annotated[bool, Parameter(show_default=False)] = False,
    wait: Annotated[bool, Parameter(show_default=False)] = False,
) -> int:
    """Have a machine measure now, through the Prefect server that it listens to.

    Exit code with --wait: 0: all was measured. 1: the run lacks something, and says what.

    Examples:

      crossover trigger quick --on otter --wait

      crossover trigger nightly --on otter

      crossover trigger backfill --on otter --jax 0.9.. --workload scan_products

      crossover trigger full --pool gpu --workload matmul --env "numpy,jax[cuda13]"

    Parameters
    ----------
    suite
        A suite of the crossover.toml of that machine; `nightly`: what it measures every night, in its tracks;
        `backfill`: release after release, with --numpy, --jax or both; `analyse`, `watchdog`: what looks after them.
    on
        The machine. Default: whichever of the pool is free first.
    pool
        The hardware, where no machine is named.
    workload
        Only this workload; may be repeated.
    env
        Measure in this environment, such as "numpy==2.4.3,jax==0.9.2"; may be repeated.
    track
        A named environment of crossover.toml; may be repeated.
    platform
        Where JAX computes: cpu, gpu, tpu. Default: where JAX chooses to.
    numpy
        With backfill: NumPy releases, 1.26..2.4 or 1.26.4,2.0.2.
    jax
        With backfill: JAX releases, written the same way.
    minor
        With backfill: only the last of each minor release.
    wait
        Follow the run to its end, and say how it ended.
    """
    chosen = {"workloads": workload, "environments": env, "tracks": track, "platform": platform}
    releases = {"numpy": numpy, "jax": jax, "minor": minor}
    parameters: dict[str, Any] = {name: value for name, value in {**chosen, **releases}.items() if value}
    fitting = {"nightly": set(), "analyse": set(), "watchdog": set(), "backfill": {*releases, "workloads"}}
    unfit = set(parameters) - fitting.get(suite, set(chosen))
    if unfit:
        raise WrongOptions(f"{suite} takes no {', '.join(sorted(unfit))}")
    if on and suite in ("analyse", "watchdog"):
        raise WrongOptions(f"{suite} is of all machines: it takes no --on")
    if suite == "backfill" and not (numpy or jax):
        raise WrongOptions("say which releases: --numpy 1.26..2.4, --jax 0.4.18..0.10, or both")
    home = open_home()
    server.connect(home)
    from prefect.client.orchestration import get_client

    from flows import trigger as triggering

    if suite not in fitting:
        parameters["suite"] = suite
    if on:
        parameters["machine"] = on
    deployment = triggering.deployment_of(suite, on, pool)
    if not wait:
        with get_client(sync_client=True) as client:
            created = triggering.start(client, deployment, parameters, say)
        run = figures.run_text(str(created.id))
        say(f"flow run {created.name} ({run}) waits for a worker; `crossover logs {created.name}`")
        return OK
    finished = triggering.run_now(deployment, parameters, say=say, alive=lambda: None)
    say(finished.message)
    with contextlib.suppress(database.StorageError), database.reading(home.database_url) as connection:
        if queries.run_by_uuid(connection, finished.run):  # not what came too late, nor what went on with another run
            say(f"`crossover show {figures.run_text(finished.run)}` has all of it")
    return OK if finished.completed else HOLES


@app.command
def runs(*, limit: int = 20, as_json: JSON = False) -> int:
    """List runs, the newest first: those that are stored, and those that wait or run on the Prefect server.

    Exit code 0: all that are stored are listed. 1: the database is away, and only what the server knows is listed.

    Parameters
    ----------
    limit
        How many.
    as_json
        Print the list as JSON.
    """
    home = open_home()
    stored: Sequence[Any] = ()
    away = ""
    try:
        database.open_database(home.database_url).dispose()  # there may be none yet
        with database.reading(home.database_url) as connection:
            stored = queries.runs(connection, limit=limit)
    except database.StorageError as error:
        away = str(error)
    try:
        of_prefect = of_server(home, limit)
        if away:
            say(f"only what the Prefect server knows is listed: {away}")
    except server.ServiceError as error:
        if away:
            raise database.StorageError(f"nothing can be listed: {away}; and {error}") from None
        say(f"only stored runs are listed: {error}")
        of_prefect = []
    rows = {row.uuid: told(row) for row in stored}
    for flow_run in of_prefect:
        stored_too = rows.get(flow_run["run"], {})
        rows[flow_run["run"]] = {**flow_run, **stored_too, "state": flow_run["state"]}
    ordered = sorted(rows.values(), key=lambda row: row["started_at"] or "", reverse=True)[:limit]
    if as_json:
        print(json.dumps(ordered, indent=2))
        return HOLES if away else OK
    if not ordered and not away:
        say("no run yet: measure something (`crossover run`)")
    table = Table.grid(padding=(0, 2, 0, 0))
    for row in ordered:
        end = row.get("counts") or shortened(row.get("message", ""))
        cells = (row["started_at"] or "", row.get("machine", ""), row.get("suite", ""), row.get("state", ""), end)
        table.add_row(*map(Text, (figures.run_text(row["run"]), *cells)))
    Console().print(table)
    return HOLES if away else OK


def shortened(message: str) -> str:
    """The first line of what Prefect says of a run, as far as a list has room."""
    return textwrap.shorten(message.partition("\n")[0], MESSAGE_WIDTH, placeholder=" ...")


def told(row: Any) -> dict[str, Any]:
    """A stored run in a few words."""
    return {
        "run": row.uuid,
        "started_at": f"{row.started_at:%Y-%m-%d %H:%M}",
        "machine": row.machine,
        "suite": row.suite,
        "state": "stored" if row.finished_at else "unfinished",
        "counts": f"{row.measured} of {row.planned} measured",
    }


def of_server(home: Any, limit: int) -> list[dict[str, Any]]:
    """The flow runs of the Prefect server. ServiceError where none answers."""
    server.connect(home)
    from prefect.client.orchestration import get_client

    from flows import trigger as triggering

    with get_client(sync_client=True) as client:
        found = triggering.newest(client, limit=limit)
    now = datetime.now(UTC)
    return [
        {
            "run": str(one.id),
            "started_at": f"{(one.start_time or one.expected_start_time or now):%Y-%m-%d %H:%M}",
            "name": one.name,
            "machine": one.parameters.get("machine") or "",
            "suite": one.parameters.get("suite") or "",
            "state": one.state.name if one.state else "",
            "message": (one.state and one.state.message) or "",
        }
        for one in found
    ]


@contextlib.contextmanager
def called(run: str) -> Iterator[tuple[Any, Any]]:
    """A client of the server, and the flow run of this name or identity."""
    server.connect(open_home())
    from prefect.client.orchestration import get_client  # only now: it reads where the server is

    from flows import trigger as triggering

    with get_client(sync_client=True) as client:
        yield client, triggering.found(client, run)


@app.command
def logs(run: str, /) -> int:
    """Print what a flow run said.

    Parameters
    ----------
    run
        Its name, or the end of its identity; `crossover runs` lists them.
    """
    with called(run) as (client, flow_run):
        from flows import trigger as triggering

        triggering.follow(client, flow_run.id, 0, print, is_whole=True)
    state = flow_run.state
    say(": ".join(filter(None, (flow_run.name, state and state.name, state and state.message))))
    return OK


@app.command
def cancel(run: str, /) -> int:
    """End a flow run; what it has measured is kept.

    Parameters
    ----------
    run
        Its name, or the end of its identity; `crossover runs` lists them.
    """
    with called(run) as (client, flow_run):
        from flows import trigger as triggering

        triggering.cancel(client, flow_run)
    say(f"{flow_run.name} is being cancelled; what it has measured is kept")
    return OK
