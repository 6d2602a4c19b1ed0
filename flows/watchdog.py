"""The `watchdog` flow: looks at every machine's nights and tells what is wrong. A thin wrapper over `alarms`."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed, State

from flows import alarms, deriving, retaining, watching
from flows.benchmark import begun
from flows.home import Home, open_home
from flows.settings import Settings, read_settings
from storage.database import StorageError


@flow(name="watchdog", log_prints=False)
def watchdog() -> State:
    """Look whether a machine is late, a night measured nothing or less than others, failures rise.

    Whoever [notify] names is told of each once, and once more when it is over. It ends as Completed whatever it finds:
    it has done its work. Samples that are older than [retention] keeps them are removed.
    """
    begun()
    home, settings = open_home(), read_settings()
    now = datetime.now(UTC)
    states, found = watching.look_anyway(home, settings, now)
    alarms.tell(found, home, settings, get_run_logger().warning)
    lines = [f"- {watching.line(state, now)}" for state in states] or ["No machine is known to have had a night."]
    lines += ["", *(f"- **{alarm.kind}** {alarm.machine}: {alarm.text}" for alarm in found)]
    create_markdown_artifact("\n".join(lines), key="machines", description="Every machine's nights")
    tidy(home, settings, now)
    return Completed(message="; ".join(f"{alarm.kind} {alarm.machine}" for alarm in found) or "all is well")


def tidy(home: Home, settings: Settings, now: datetime) -> None:
    """Work out what is missing, and remove samples that are older than [retention] keeps them.

    A database that is away has had its alarm.
    """
    nights, log = settings.retention.samples_nights, get_run_logger()
    try:
        deriving.reanalyse(home.database_url, log.info)
        if nights is not None:
            retaining.prune(home.database_url, nights, now.date(), log.info)
    except StorageError as error:
        log.warning("the database is not tidied: %s", error)
