"""The whole service on one machine: Prefect server on SQLite, one worker, the nightly schedule, the dashboard."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.home import Home
from flows.processes import Processes
from flows.settings import Settings, settings_path
from workloads.machine import describe

Say = Callable[[str], None]
HOST = "127.0.0.1"
DASHBOARD = Path(__file__).parent.parent / "dashboard"
START_SECONDS = 120


class ServiceError(Exception):
    """The service cannot start, or one of its processes ended; the text says which and where its log is."""


@dataclass(frozen=True)
class Finished:
    """How a flow run ended; `run` is also the identity of the run that it stored, if it came so far."""

    run: str
    completed: bool
    message: str


def stay(home: Home, settings: Settings, *, port: int, dashboard_port: int, machine: str | None, say: Say) -> None:
    """Run the service until Ctrl-C; ServiceError when one of its processes ends by itself."""
    for taken in (port, dashboard_port):
        check_free(taken)
    with running(home, settings, port=port, machine=machine, nightly=True, say=say) as processes:
        processes.start("dashboard", dashboard_command(dashboard_port), cwd=DASHBOARD)
        say(f"dashboard         http://{HOST}:{dashboard_port}")
        say(f"prefect           http://{HOST}:{port}, user crossover, password in {home.prefect / 'password'}")
        say(f"nightly           {settings.nightly.cron} {settings.nightly.timezone}, suite {settings.nightly.suite}")
        say(f"everything is in  {home.path}\nCtrl-C ends the service")
        with contextlib.suppress(KeyboardInterrupt):
            while not (name := processes.ended()):
                time.sleep(1)
            raise ServiceError(f"{name} ended: {processes.last_words(name)} (all of it: {home.logs / name}.log)")
        say("stopping")


def once(home: Home, settings: Settings, *, suite: str, machine: str | None, say: Say) -> Finished:
    """Measure one suite through server and worker, and stop."""
    with running(home, settings, port=free_port(), machine=machine, nightly=False, say=say) as processes:
        from flows import trigger

        return trigger.run_now(
            machine_name(machine), {"suite": suite}, say=say, alive=lambda: check_alive(processes, home)
        )


def dashboard(database_url: str, *, port: int, say: Say, page: str = "") -> int:
    """Run the dashboard alone until Ctrl-C; its exit code. `page`: the one to point at, `releases` say."""
    check_free(port)
    say(f"http://{HOST}:{port}/{page}   (Ctrl-C ends it)")
    environment = {**os.environ, "CROSSOVER_DATABASE_URL": database_url}
    try:
        return subprocess.run(dashboard_command(port), cwd=DASHBOARD, env=environment).returncode
    except KeyboardInterrupt:
        return 0


def dashboard_command(port: int) -> list[str]:
    return [sys.executable, "-m", "streamlit", "run", str(DASHBOARD / "app.py"), "--server.port", str(port)]


@contextlib.contextmanager
def running(
    home: Home, settings: Settings, *, port: int, machine: str | None, nightly: bool, say: Say
) -> Iterator[Processes]:
    """A healthy server that knows this machine, and its worker; all of it gone when the block is left."""
    name = machine_name(machine)
    environment = service_environment(home, port)
    os.environ.update(environment)  # before Prefect is imported: it reads its settings then
    with alone(home), Processes(home.logs, {**os.environ, **environment}) as processes:
        prefect = [sys.executable, "-m", "prefect"]
        say("starting the Prefect server")
        processes.start("server", [*prefect, "server", "start", "--host", HOST, "--port", str(port)])
        wait_until_healthy(environment["PREFECT_API_URL"], lambda: check_alive(processes, home))

        from flows import deploy

        deploy.deploy(name, settings.nightly if nightly else None)
        queues = [part for queue in deploy.queues(name) for part in ("--work-queue", queue)]
        say(f"starting the worker {name}")
        processes.start(
            "worker",
            [*prefect, "worker", "start", "--pool", deploy.POOL, *queues, "--name", name, "--limit", "1"],
        )
        yield processes


def service_environment(home: Home, port: int) -> dict[str, str]:
    """What server, worker and flow runs must agree on. Nothing of it reaches a measuring process."""
    login = f"crossover:{password(home)}"
    return {
        "CROSSOVER_HOME": str(home.path),
        "CROSSOVER_CONFIG": str(settings_path()),
        "CROSSOVER_DATABASE_URL": home.database_url,
        "DO_NOT_TRACK": "1",
        "PREFECT_API_AUTH_STRING": login,
        "PREFECT_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_HOME": str(home.prefect),
        "PREFECT_PROFILES_PATH": str(home.prefect / "profiles.toml"),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_API_AUTH_STRING": login,
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home.prefect / 'prefect.db'}",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "1",
        "PREFECT_CLI_PROMPT": "false",
        # Prefect's worker keeps a folder of one name in the temporary folder, which belongs to whoever came first
        "TMPDIR": str(home.scratch),
    }


def password(home: Home) -> str:
    """The Prefect server's password, made on first use, readable by its owner alone.

    Whoever may talk to that server can run code as whoever runs it, so other users of the machine must not.
    """
    path = home.prefect / "password"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text()


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


def wait_until_healthy(api_url: str, alive: Callable[[], None]) -> None:
    """Return once the server answers; `alive` raises when it has ended."""
    import httpx

    for _ in range(START_SECONDS * 4):
        alive()
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{api_url}/health", timeout=2).status_code == httpx.codes.OK:
                return
        time.sleep(0.25)
    raise ServiceError(f"the Prefect server did not answer within {START_SECONDS} s")


def check_alive(processes: Processes, home: Home) -> None:
    name = processes.ended()
    if name:
        raise ServiceError(f"{name} ended: {processes.last_words(name)} (all of it: {home.logs / name}.log)")


def machine_name(nickname: str | None) -> str:
    return describe(nickname)["name"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def check_free(port: int) -> None:
    """ServiceError where somebody listens on this port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ServiceError(
                f"port {port} cannot be used ({error.strerror}): choose another one with --port or --dashboard-port"
            ) from None
