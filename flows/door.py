"""The public door for pages: where a run can be had, to begin one, to watch it, and to end it.

Prefect is imported when it is first needed: whoever only reads results pays nothing for it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows import server
from flows.environments import EnvironmentSpecError, parse_spec
from flows.home import Home
from flows.settings import Settings
from workloads import suite as workloads_of_suite

#: So many of the last lines of a log are shown.
LAST_LINES = 12
ANY = "any of the pool "


class Refused(Exception):
    """What was asked for cannot be begun or ended; the text says why and what to do."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants measured. where: one of `places`. who: their address, kept with the flow run."""

    where: str
    suite: str
    workloads: Sequence[str] = ()
    tracks: Sequence[str] = ()
    environment: str = ""  # "numpy==2.4.3,jax==0.9.2"; with neither this nor tracks: that of the machine's Crossover
    who: str = ""


@dataclass(frozen=True)
class Seen:
    """A flow run as it is now. run: its identity, and that of the run that it stores."""

    run: str
    name: str
    machine: str  # empty: whichever took it
    suite: str
    state: str  # what Prefect calls its type: SCHEDULED, PENDING, RUNNING, COMPLETED, ...
    message: str
    is_over: bool
    lines: Sequence[str]  # the last of its log


def places() -> list[str]:
    """Where the server can have something measured: machines by name, then pools. Refused without a server."""
    with _client() as (client, trigger):
        names = sorted(one.name for one in client.read_deployments())
        begin = trigger.adhoc("")  # `benchmark/adhoc-`
        found = [name for name in (f"benchmark/{name}" for name in names) if name.startswith(begin)]
        called = [name.removeprefix(begin) for name in found]
        pools = [name for name in called if name.startswith("any-")]
        return [name for name in called if name not in pools] + [ANY + name.removeprefix("any-") for name in pools]


def workloads(settings: Settings, suite: str) -> list[str]:
    """The names of what a suite measures. SettingsError where there is no such suite."""
    chosen = settings.suite(suite).workloads
    return list(workloads_of_suite.names()) if chosen == "all" else list(chosen)


def begin(wish: Wish) -> tuple[str, str]:
    """Create a flow run: its identity, and a warning where nobody listens just now, else an empty text.

    Refused where it cannot be: no server, no such machine, or an environment that is not written as one.
    """
    if wish.environment:
        try:
            parse_spec(wish.environment)
        except EnvironmentSpecError as error:
            raise Refused(str(error)) from None
    asked = {
        "suite": wish.suite,
        "workloads": list(wish.workloads),
        "tracks": list(wish.tracks),
        "environments": [wish.environment] if wish.environment else [],
    }
    pool = wish.where.removeprefix(ANY) if wish.where.startswith(ANY) else ""
    if not pool:
        asked["machine"] = wish.where
    heard: list[str] = []
    with _client() as (client, trigger):
        deployment = trigger.deployment_of(wish.suite, None if pool else wish.where, pool)
        parameters = {name: value for name, value in asked.items() if value}
        created = trigger.start(client, deployment, parameters, heard.append, tags=["page", *filter(None, [wish.who])])
    return str(created.id), " ".join(heard)


def seen(run: str) -> Seen:
    """A flow run now. Refused where the server does not know it, or does not answer."""
    from prefect.exceptions import ObjectNotFound

    with _client() as (client, trigger):
        try:
            found = client.read_flow_run(run)
        except (ObjectNotFound, ValueError):
            raise Refused("the Prefect server knows no such run: it may be too old") from None
        lines: list[str] = []
        trigger.follow(client, found.id, 0, lines.append)
        state = found.state
        return Seen(
            run=str(found.id),
            name=found.name,
            machine=str(found.parameters.get("machine") or ""),
            suite=str(found.parameters.get("suite") or ""),
            state=state.type.value if state else "PENDING",
            message=(state.message if state else "") or "",
            is_over=bool(state and state.is_final()),
            lines=lines[-LAST_LINES:],
        )


def end(run: str) -> None:
    """Ask for the end of a flow run; what it has measured is kept. Refused if it is over already."""
    from flows.service import NoSuchFlowRun

    with _client() as (client, trigger):
        try:
            trigger.cancel(client, client.read_flow_run(run))
        except NoSuchFlowRun as error:
            raise Refused(str(error)) from None


@contextlib.contextmanager
def _client() -> Iterator[tuple[Any, Any]]:
    """A client of the server that PREFECT_API_URL names, else of the one of CROSSOVER_HOME; and `flows.trigger`."""
    import httpx

    try:
        server.connect(Home(Path(os.environ.get("CROSSOVER_HOME") or ".crossover").absolute()))
        from prefect.client.orchestration import get_client

        from flows import trigger

        with get_client(sync_client=True) as client:
            yield client, trigger
    except server.ServiceError as error:
        raise Refused(str(error)) from None
    except httpx.HTTPError as error:
        raise Refused(f"the Prefect server does not answer as it should ({type(error).__name__})") from None
