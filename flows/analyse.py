"""The `analyse` flow: what stored nights came to, worked out again at any time. A thin wrapper over `night_report`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed, Failed, State
from pydantic import Field

from flows import delivery, deriving, night_report, telling, watching
from flows.benchmark import begun
from flows.home import Home, open_home
from flows.night_report import NightReport
from flows.settings import Settings, read_settings
from storage import database, nights, queries


@flow(name="analyse", log_prints=False)
def analyse(
    run: Annotated[
        str | None, Field(description="The end of a run's identity; none: the newest night of every machine.")
    ] = None,
) -> State:
    """Bring into the database what waits here, work out what follows from runs where that is missing or of an older
    version, and write the reports of nights anew. Nothing is measured.
    """
    begun()
    home, settings = open_home(), read_settings()
    tell_late(deliver(home), home, settings)
    reanalyse(home)
    runs = chosen(run, home, settings)
    for uuid in runs:
        publish(report(uuid, home))
    if run and not runs:
        return Failed(message=f"no run, or more than one, begins or ends with {run}")
    return Completed(message=f"{len(runs)} reports written")


@task(retries=3, retry_delay_seconds=[1, 5, 15])
def deliver(home: Home) -> list[str]:
    """What earlier runs could not bring into the database: the runs that are there now."""
    return delivery.deliver(home, get_run_logger().info)


@task
def reanalyse(home: Home) -> None:
    """Scores and changes of the runs that lack them."""
    deriving.reanalyse(home.database_url, get_run_logger().info)


@task
def report(run: str, home: Home) -> NightReport:
    """The report of a night, kept as a file among the others."""
    with database.reading(home.database_url) as connection:
        found = night_report.of_run(connection, run)
    path_of(found, home).write_text(f"# {found.title}\n\n{found.text}")
    return found


def publish(found: NightReport) -> None:
    """The report as a page in Prefect, where its newer versions follow; a server that is away costs only that."""
    try:
        create_markdown_artifact(f"# {found.title}\n\n{found.text}", key=found.key, description=found.title)
    except Exception as error:  # of whatever kind: the night has measured
        get_run_logger().warning("the report is not in Prefect (%s: %s)", type(error).__name__, error)


def tell(run: str, home: Home, settings: Settings) -> None:
    """Report a night that has just ended: to whoever wants to know, where there is something to say, and in Prefect."""
    found = report(run, home)
    if found.is_news:
        telling.tell(found.title, found.text, settings.notify, get_run_logger().warning)
    publish(found)


def tell_late(runs: Sequence[str], home: Home, settings: Settings) -> None:
    """Report the nights among these that ended without one, because the database was away. Once, whatever is moved."""
    for uuid in runs:
        with database.reading(home.database_url) as connection:
            row = queries.run_by_uuid(connection, uuid)
            is_night = row.request == nights.REQUEST and row.finished_at  # one that was cut short is an alarm
            found = night_report.of_run(connection, uuid) if is_night else None
        if found and not path_of(found, home).exists():
            tell(uuid, home, settings)


def path_of(found: NightReport, home: Home) -> Path:
    return home.reports / f"{found.name}.md"


def chosen(run: str | None, home: Home, settings: Settings) -> list[str]:
    """The identities of the runs to report on."""
    if run is None:
        states = watching.look(home, settings, datetime.now(UTC))
        return [state.last.uuid for state in states if state.last]
    with database.reading(home.database_url) as connection:
        found = queries.run_by_uuid(connection, run)
    return [found.uuid] if found else []
