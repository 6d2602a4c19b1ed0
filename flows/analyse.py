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
        publish(uuid, home)
    if run and not runs:
        return Failed(message=f"no run, or more than one, begins or ends with {run}")
    return Completed(message=f"{len(runs)} reports written")


@task(retries=3, retry_delay_seconds=[1, 5, 15])
def deliver(home: Home) -> None:
    """What earlier runs could not bring into the database."""
    delivery.deliver(home, get_run_logger().info)


@task
def publish(run: str, home: Home) -> NightReport:
    """The report of a night: a file, and a page in Prefect."""
    with database.reading(home.database_url) as connection:
        found = night_report.of_run(connection, run)
    keep(found, home)
    create_markdown_artifact(f"# {found.title}\n\n{found.text}", key="night", description=found.title)
    return found


def tell(found: NightReport, settings: Settings) -> None:
    """Send the report of a night to whoever wants to know, where there is something to say."""
    if found.is_news:
        telling.tell(found.title, found.text, settings.notify, get_run_logger().warning)


def keep(found: NightReport, home: Home) -> None:
    """The report as a file among the others."""
    name = found.title.replace(", night of ", "-").replace("/", "-")
    (home.reports / f"{name}.md").write_text(f"# {found.title}\n\n{found.text}")


def chosen(run: str | None, home: Home, settings: Settings) -> list[str]:
    """The identities of the runs to report on."""
    if run is None:
        states = watching.look(home, settings, datetime.now(UTC))
        return [state.last.uuid for state in states if state.last]
    with database.reading(home.database_url) as connection:
        found = queries.run_by_uuid(connection, run)
    return [found.uuid] if found else []
