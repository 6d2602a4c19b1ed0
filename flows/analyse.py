"""The `analyse` flow: what stored nights came to, worked out again at any time. A thin wrapper over `night_report`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed, Failed, State
from pydantic import Field

from flows import delivery, night_report, telling, watching
from flows.benchmark import begun
from flows.home import Home, open_home
from flows.night_report import NightReport
from flows.settings import Settings, read_settings
from storage import database, queries


@flow(name="analyse", log_prints=False)
def analyse(
    run: Annotated[
        str | None, Field(description="The end of a run's identity; none: the newest night of every machine.")
    ] = None,
) -> State:
    """Bring into the database what waits here, and write the reports of nights anew. Nothing is measured."""
    begun()
    home, settings = open_home(), read_settings()
    deliver(home)
    runs = chosen(run, home, settings)
    for uuid in runs:
        publish(report(uuid, home))
    if run and not runs:
        return Failed(message=f"no run, or more than one, begins or ends with {run}")
    return Completed(message=f"{len(runs)} reports written")


@task(retries=3, retry_delay_seconds=[1, 5, 15])
def deliver(home: Home) -> None:
    """What earlier runs could not bring into the database."""
    delivery.deliver(home, get_run_logger().info)


@task
def report(run: str, home: Home) -> NightReport:
    """The report of a night, kept as a file among the others."""
    with database.reading(home.database_url) as connection:
        found = night_report.of_run(connection, run)
    (home.reports / f"{found.name}.md").write_text(f"# {found.title}\n\n{found.text}")
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


def chosen(run: str | None, home: Home, settings: Settings) -> list[str]:
    """The identities of the runs to report on."""
    if run is None:
        states = watching.look(home, settings, datetime.now(UTC))
        return [state.last.uuid for state in states if state.last]
    with database.reading(home.database_url) as connection:
        found = queries.run_by_uuid(connection, run)
    return [found.uuid] if found else []
