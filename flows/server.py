"""The Prefect server of this machine, or the one that is named: where it is, and what everybody agrees on with it."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable

from flows.home import Home
from flows.settings import settings_path
from storage.address import password_variable

HOST = "127.0.0.1"
START_SECONDS = 120
NO_SERVER = "Start one here with `crossover up`, or name one with PREFECT_API_URL and PREFECT_API_AUTH_STRING"


class ServiceError(Exception):
    """The service cannot start, or one of its processes ended; the text says which and where its log is."""


def remember(home: Home, port: int) -> None:
    """Where the server of this home listens, for the commands that ask it."""
    (home.prefect / "port").write_text(str(port))


def connect(home: Home) -> str:
    """Let this process talk to the server that PREFECT_API_URL names, else to that of this home; its address.

    Before Prefect is imported. ServiceError where there is none.
    """
    import httpx

    is_ours = "PREFECT_API_URL" not in os.environ
    if is_ours:
        try:
            port = int((home.prefect / "port").read_text())
        except (OSError, ValueError):
            raise ServiceError(f"no Prefect server is known here. {NO_SERVER}") from None
        os.environ.update(service_environment(home, port))
    address = os.environ["PREFECT_API_URL"]
    login = os.environ.get("PREFECT_API_AUTH_STRING", "")
    auth = httpx.BasicAuth(*login.split(":", 1)) if ":" in login else None
    try:
        answer = httpx.get(f"{address}/admin/version", auth=auth, timeout=5)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise ServiceError(f"the Prefect server at {address} refuses: PREFECT_API_AUTH_STRING is not its password")
        if answer.status_code == httpx.codes.OK:
            return address
    except httpx.ConnectError:
        if is_ours:
            raise ServiceError(f"the service of {home.path} does not run. {NO_SERVER}") from None
    except httpx.HTTPError:
        pass
    raise ServiceError(f"no Prefect server answers at {address}. {NO_SERVER}")


def service_environment(home: Home, port: int) -> dict[str, str]:
    """What server, worker and flow runs must agree on. Nothing of it reaches a measuring process."""
    login = f"crossover:{password(home)}"
    return {
        **worker_environment(home),
        "PREFECT_API_AUTH_STRING": login,
        "PREFECT_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_HOME": str(home.prefect),
        "PREFECT_PROFILES_PATH": str(home.prefect / "profiles.toml"),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_API_AUTH_STRING": login,
        # flow runs too, not only events: it deletes them when they ended 90 days ago; what they measured is ours
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home.prefect / 'prefect.db'}",
        "PREFECT_CLI_PROMPT": "false",
    }


def worker_environment(home: Home) -> dict[str, str]:
    """What a worker and its flow runs need, whichever server they listen to."""
    return {
        "CROSSOVER_HOME": str(home.path),
        "CROSSOVER_CONFIG": str(settings_path()),
        "CROSSOVER_DATABASE_URL": home.database_url,
        **password_variable(),
        "DO_NOT_TRACK": "1",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_WORKER_QUERY_SECONDS": os.environ.get("PREFECT_WORKER_QUERY_SECONDS", "2"),
        "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "1",
        # Prefect's worker keeps a folder of one name in the temporary folder, which belongs to whoever came first
        "TMPDIR": str(home.scratch),
    }


def server_command(port: int) -> list[str]:
    """Starts a Prefect server, for this machine only."""
    return [sys.executable, "-m", "flows.prefect_server", "server", "start", "--host", HOST, "--port", str(port)]


def password(home: Home) -> str:
    """The Prefect server's password, made on first use, readable by its owner alone.

    Whoever may talk to that server can run code as whoever runs it, so other users of the machine must not.
    """
    path = home.prefect / "password"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(24))
        except OSError as error:  # or it would be an empty password for ever
            path.unlink()
            raise ServiceError(f"cannot write {path} ({error.strerror})") from None
    return path.read_text()


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
