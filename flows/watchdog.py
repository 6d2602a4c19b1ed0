"""The `watchdog` flow: looks at every machine's nights and tells what is wrong. A thin wrapper over `alarms`."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed, State

from flows import alarms, watching
from flows.benchmark import begun
from flows.home import open_home
from flows.settings import read_settings


@flow(name="watchdog", log_prints=False)
def watchdog() -> State:
    """Look whether a machine is late, a night measured nothing or less than others, failures rise.

    Whoever [notify] names is told of each once, and once more when it is over. It ends as Completed whatever it finds:
    it has done its work.
    """
    begun()
    home, settings = open_home(), read_settings()
    now = datetime.now(UTC)
    states, found = watching.look_anyway(home, settings, now)
    alarms.tell(found, home, settings, get_run_logger().warning)
    lines = [f"- {watching.line(state, now)}" for state in states] or ["No machine is known to have had a night."]
    lines += ["", *(f"- **{alarm.kind}** {alarm.machine}: {alarm.text}" for alarm in found)]
    create_markdown_artifact("\n".join(lines), key="machines", description="Every machine's nights")
    return Completed(message="; ".join(f"{alarm.kind} {alarm.machine}" for alarm in found) or "all is well")
