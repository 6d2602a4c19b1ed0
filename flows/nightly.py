"""The `nightly` flow: what a machine measures by itself. A thin wrapper over the core, like `benchmark`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run
from prefect.states import State
from pydantic import Field

from flows import core, delivery, night_report, nights, telling, unfinished
from flows.benchmark import begun, build_environments, finished, nickname, stale
from flows.home import Home, open_home
from flows.night_report import NightReport
from flows.settings import Settings, read_settings
from storage import database
from workloads.machine import describe


@flow(name="nightly", log_prints=False)
def nightly(
    machine: Annotated[str | None, Field(description="This machine's nickname; none: its host name.")] = None,
    suite: Annotated[str | None, Field(description="A suite of crossover.toml; none: that of its nights.")] = None,
) -> State:
    """Measure what this machine measures every night, within its budget, and report it.

    What to measure, in which tracks and for how long stands in crossover.toml where the worker runs: [nightly], and
    [machines.NAME] for one machine. A start that comes too late is cancelled: tonight's numbers are not tomorrow's.
    """
    begun()
    home, settings = open_home(), read_settings()
    name = describe(nickname(machine))["name"]
    night = settings.night_of(name)
    late = stale(night.max_late_seconds)
    if late:
        return late
    deliver(home)
    choice = core.Choice(
        suite or night.suite, tracks=tuple(night.tracks), gathered=core.gather(settings, suite or night.suite)
    )
    places, left_out = build_environments(core.check(choice, settings), home)
    plan = core.make_plan(choice, settings, places, run=flow_run.id, left_out=left_out)
    plan = nights.budgeted(plan, home, night, name, datetime.now(UTC).date()).plan
    path = unfinished.start_bundle(plan, home)
    try:
        outcome, state = finished(path, home, label=f"the flow run {flow_run.name}", machine=machine)
    except Exception as error:
        telling.tell(f"{name}: tonight's run failed", f"{type(error).__name__}: {error}", settings.notify, print)
        raise
    if outcome:
        publish(home, settings, outcome.run)
    return state


@task(retries=3, retry_delay_seconds=[1, 5, 15])
def deliver(home: Home) -> None:
    """What earlier runs could not bring into the database comes first."""
    delivery.deliver(home, get_run_logger().info)


@task
def publish(home: Home, settings: Settings, run: str) -> None:
    """The night's report: a file, a page in Prefect, and a message where there is something to say."""
    engine = database.open_for_reading(home.database_url)
    try:
        with engine.connect() as connection:
            found = night_report.of_run(connection, run)
    finally:
        engine.dispose()
    keep(found, home)
    create_markdown_artifact(f"# {found.title}\n\n{found.text}", key="night", description=found.title)
    if found.is_news:
        telling.tell(found.title, found.text, settings.notify, get_run_logger().warning)


def keep(found: NightReport, home: Home) -> None:
    """The report as a file among the others."""
    name = found.title.replace(", night of ", "-").replace("/", "-")
    (home.reports / f"{name}.md").write_text(f"# {found.title}\n\n{found.text}")
