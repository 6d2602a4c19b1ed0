"""A running `crossover up` for the tests that ask it, and do it harm."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from flows.home import Home
from flows.server import free_port, service_environment
from storage import database, queries
from tests.processes import remaining

CROSSOVER = str(Path(sys.executable).parent / "crossover")

SETTINGS = """
[nightly]
suite = "tiny"

[suites.tiny]
processes = 2
seconds_per_case = 0.02
peaks = false
[suites.tiny.workloads]
broadcast_sum = [2]

[suites.long]
processes = 2
seconds_per_case = 2
peaks = false
[suites.long.workloads]
matrix_chain = "all"
"""


@dataclass(frozen=True)
class Service:
    """A service of a machine called otter: where it is, and how a user talks to it."""

    home: Home
    variables: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes]
    dashboard: str  # where the pages are

    def crossover(self, *arguments: str, seconds: float = 180) -> subprocess.CompletedProcess[str]:
        """Run one command of a user's."""
        return subprocess.run(
            [*self.command, *arguments], env=self.variables, capture_output=True, text=True, timeout=seconds
        )

    @property
    def command(self) -> list[str]:
        """What a user types first."""
        return [CROSSOVER]

    @property
    def address(self) -> str:
        """Where the Prefect server answers."""
        return service_environment(self.home, int((self.home.prefect / "port").read_text()))["PREFECT_API_URL"]

    def flow_run(self, name: str) -> dict[str, Any]:
        """What the Prefect server knows of the flow run of this name."""
        (found,) = self.asked("flow_runs/filter", flow_runs={"name": {"any_": [name]}})
        return found

    def measured(self, name: str) -> int:
        """How many measurements with a number our database has of a flow run."""
        engine = database.open_for_reading(self.variables.get("CROSSOVER_DATABASE_URL") or self.home.database_url)
        with engine.connect() as connection:
            run = queries.run_by_uuid(connection, self.flow_run(name)["id"])
        engine.dispose()
        return run.measured if run else 0

    def begun(self, suite: str) -> str:
        """Trigger a run on otter; its name, once its first case is measured."""
        known = set(self.home.bundles.glob(f"*-{suite}-????????.jsonl"))
        name = self.crossover("trigger", suite, "--on", "otter").stderr.split()[2]

        def measured() -> bool:
            new = set(self.home.bundles.glob(f"*-{suite}-????????.jsonl")) - known
            return any('"measurement"' in path.read_text() for path in new)

        until(measured, 90)
        return name

    def asked(self, what: str, **body: Any) -> Any:
        """What the Prefect server answers to a POST."""
        environment = service_environment(self.home, int((self.home.prefect / "port").read_text()))
        auth = tuple(environment["PREFECT_API_AUTH_STRING"].split(":"))
        return httpx.post(f"{environment['PREFECT_API_URL']}/{what}", json=body, auth=auth).json()


@contextlib.contextmanager
def running(folder: Path, more: str = "", dashboard_port: int | None = None, **own: str) -> Iterator[Service]:
    """`crossover up` in a folder of its own; nothing of it is left afterwards.

    more: further settings. own: further variables, such as CROSSOVER_DATABASE_URL.
    """
    folder.mkdir(exist_ok=True)
    (folder / "crossover.toml").write_text(SETTINGS + more)
    places = {"CROSSOVER_HOME": str(folder / "home"), "CROSSOVER_CONFIG": str(folder / "crossover.toml")}
    variables = {**os.environ, **places, **own}
    ports = [str(free_port()), str(dashboard_port or free_port())]
    command = [CROSSOVER, "up", "--machine", "otter", "--port", ports[0], "--dashboard-port", ports[1]]
    with open(folder / "up.log", "w") as log:
        process = subprocess.Popen(command, env=variables, stderr=log)
    try:
        while "Ctrl-C ends" not in (folder / "up.log").read_text():
            assert process.poll() is None, (folder / "up.log").read_text()
            time.sleep(0.2)
        yield Service(Home(folder / "home"), variables, folder / "up.log", process, f"http://localhost:{ports[1]}")
    finally:
        process.terminate()  # nothing, where a test has killed it
        process.wait(60)
    left = [Path(f"/proc/{pid}/cmdline").read_text() for pid in remaining(folder / "home")]
    assert not left, left


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for it, while a server that is asked may be away."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if condition():
                return
        time.sleep(0.2)
    raise AssertionError("it did not come to that")
