"""The whole service on one machine: Prefect server on SQLite, two workers, the nightly schedule, the dashboard."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flows.home import Home
from flows.processes import Processes
from flows.server import (
    HOST,
    ServiceError,
    check_free,
    free_port,
    remember,
    server_command,
    service_environment,
    wait_until_healthy,
)
from flows.settings import Settings, settings_path
from storage import database
from storage.address import password_variable
from workloads.machine import describe

Say = Callable[[str], None]
DASHBOARD = Path(__file__).parent.parent / "dashboard"

#: A process of the service that ends by itself is started again, each time later, as long as it ends within a while.
LONGEST_WAIT, RESTARTS_SECONDS = 60, 600


class NoSuchFlowRun(Exception):
    """The server knows no such flow run, or it is over."""


@dataclass(frozen=True)
class Finished:
    """How a flow run ended; `run` is also the identity of the run that it stored, if it came so far."""

    run: str
    completed: bool
    message: str


def stay(home: Home, settings: Settings, *, port: int, dashboard_port: int, machine: str | None, say: Say) -> None:
    """Run the service until Ctrl-C; what ends by itself meanwhile is started again."""
    for taken in (port, dashboard_port):
        check_free(taken)
    try:
        database.open_database(home.database_url).dispose()
    except database.StorageError as error:
        say(f"{error}. What is measured waits until it is there")
    with running(home, settings, port=port, machine=machine, nightly=True, say=say) as processes:
        processes.start("dashboard", dashboard_command(dashboard_port), cwd=DASHBOARD)
        say(f"dashboard         http://{HOST}:{dashboard_port}")
        say(f"prefect           http://{HOST}:{port}, user crossover, password in {home.prefect / 'password'}")
        night = settings.night_of(machine_name(machine))
        when = "none: it is retired" if night.retired else f"{night.cron} {night.timezone}, suite {night.suite}"
        say(f"nightly           {when}")
        say(f"everything is in  {home.path}\nCtrl-C ends the service")
        with contextlib.suppress(KeyboardInterrupt):
            restarts = Restarts()
            for second in itertools.count():
                keep_alive(processes, home, restarts, second, say)
                time.sleep(1)
        say("stopping")


class Restarts:
    """When each process of the service is started again."""

    def __init__(self) -> None:
        self._ends: dict[str, list[int]] = {}
        self._due: dict[str, int] = {}

    def wait(self, name: str, second: int) -> int:
        """It has ended: how many seconds until it is started again, the more the more often it has ended lately."""
        recent = [end for end in self._ends.get(name, ()) if second - end < RESTARTS_SECONDS]
        self._ends[name] = [*recent, second]
        seconds = min(2 ** len(recent) - 1, LONGEST_WAIT)
        self._due[name] = second + seconds
        return seconds

    def is_waiting(self, name: str) -> bool:
        return name in self._due

    def is_due(self, name: str, second: int) -> bool:
        """Whether its time has come; then it waits no more."""
        if second < self._due[name]:
            return False
        del self._due[name]
        return True


def keep_alive(processes: Processes, home: Home, restarts: Restarts, second: int, say: Say) -> None:
    """Start again what has ended by itself, for as long as the service runs: whatever keeps it down may go away."""
    for name in processes.ended():
        if not restarts.is_waiting(name):
            when = f" in {seconds} s" if (seconds := restarts.wait(name, second)) else ""
            log = f"all of it: {home.logs / name}.log"
            say(f"{name} ended: {processes.last_words(name, 1)}; starting it again{when} ({log})")
        if restarts.is_due(name, second):
            processes.restart(name)


def once(home: Home, settings: Settings, *, suite: str, machine: str | None, say: Say) -> Finished:
    """Measure one suite through server and worker, and stop."""
    with running(home, settings, port=free_port(), machine=machine, nightly=False, say=say) as processes:
        from flows import trigger

        name = machine_name(machine)
        parameters = {"machine": name, "suite": suite}
        alive = partial(check_alive, processes, home)
        return trigger.run_now(trigger.adhoc(name), parameters, say=say, alive=alive, is_listening=True)


def dashboard(database_url: str, *, port: int, say: Say, page: str = "", home: Home | None = None) -> int:
    """Run the dashboard alone until Ctrl-C; its exit code.

    page: the one to point at, `releases` say. home: of the service that may be asked to measure; None: no run can be
    begun from these pages, because it would be stored elsewhere.
    """
    check_free(port)
    say(f"http://{HOST}:{port}/{page}   (Ctrl-C ends it)")
    ours = {"CROSSOVER_DATABASE_URL": database_url, "CROSSOVER_CONFIG": str(settings_path()), **password_variable()}
    others = {name: value for name, value in os.environ.items() if home or not name.startswith("PREFECT_API_")}
    ours["CROSSOVER_HOME"] = str(home.path) if home else ""
    try:
        return subprocess.run(dashboard_command(port), cwd=DASHBOARD, env={**others, **ours}).returncode
    except KeyboardInterrupt:
        return 0


def dashboard_command(port: int) -> list[str]:
    return [sys.executable, "-P", "-m", "dashboard.serve", "--server.port", str(port)]


@contextlib.contextmanager
def running(
    home: Home, settings: Settings, *, port: int, machine: str | None, nightly: bool, say: Say
) -> Iterator[Processes]:
    """A healthy server that knows this machine, and its worker; all of it gone when the block is left."""
    name = machine_name(machine)
    environment = {**service_environment(home, port), "CROSSOVER_MACHINE": name}
    os.environ.update(environment)  # before Prefect is imported: it reads its settings then
    with alone(home), Processes(home.logs, {**os.environ, **environment}) as processes:
        say("starting the Prefect server")
        processes.start("server", server_command(port))
        wait_until_healthy(environment["PREFECT_API_URL"], lambda: check_alive(processes, home))

        from flows import deploy

        night = settings.night_of(name)
        deploy.deploy(name, night, scheduled=nightly)
        say(f"starting the worker {name}")
        processes.start("worker", worker_command(name, night.pool))
        if nightly:
            processes.start("watch", service_worker_command(name))
        remember(home, port)
        yield processes


def worker_command(machine: str, pool: str) -> list[str]:
    """A worker for one machine: its own queue and the pool's shared one, one flow run at a time."""
    from flows import deploy

    return prefect_worker(machine, pool, deploy.queues(machine))


def service_worker_command(machine: str) -> list[str]:
    """A worker for what measures nothing: beside a machine's own, or wherever the database can be reached."""
    from flows import deploy

    return prefect_worker(f"{deploy.SERVICE}-{machine}", deploy.SERVICE, [deploy.SERVICE_QUEUE])


def prefect_worker(name: str, pool: str, queues: Sequence[str]) -> list[str]:
    listening = [part for queue in queues for part in ("--work-queue", queue)]
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool, *listening]
    return [*command, "--name", name, "--limit", "1"]


@contextlib.contextmanager
def alone(home: Home) -> Iterator[None]:
    """One service per home: two servers on one SQLite file would fight over it."""
    with open(home.path / "service.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServiceError(
                f"a service is running in {home.path} already: stop it first, or measure with `crossover run`"
            ) from None
        yield


def check_alive(processes: Processes, home: Home) -> None:
    for name in processes.ended():
        raise ServiceError(f"{name} ended: {processes.last_words(name)} (all of it: {home.logs / name}.log)")


def machine_name(nickname: str | None) -> str:
    return describe(nickname)["name"]
