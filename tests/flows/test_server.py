"""Where the Prefect server is, and whether it is one that one may talk to."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

import pytest

from flows import server
from flows.home import open_home


@pytest.fixture
def guarded(monkeypatch):
    """A server that asks for a password, as Prefect's does; its address is the one that is named."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.headers.get("Authorization") == "Basic dXNlcjpyaWdodA=="  # user:right
            self.send_response(200 if known else 401)
            self.end_headers()

        def log_message(self, *_):
            pass

    running = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{running.server_port}/api"
    monkeypatch.setenv("PREFECT_API_URL", address)
    yield address
    running.shutdown()
    running.server_close()


def test_what_the_server_is_told_is_what_prefect_reads(home):
    """Under the names of the release that is installed: it forgets flow runs in time, and calls nobody."""
    code = (
        "from prefect.settings import get_current_settings as read; told = read().server\n"
        "print(sorted(told.services.db_vacuum.enabled_vacuum_types), told.services.db_vacuum.retention_period.days,"
        " told.analytics_enabled, bool(told.api.auth_string), read().worker.query_seconds)"
    )
    environment = {**os.environ, **server.service_environment(open_home(), 4200)}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['events', 'flow_runs', 'orphans'] 90 False True 2.0"


@pytest.mark.parametrize("login", [None, "user:wrong"])
def test_a_wrong_password_is_said(guarded, monkeypatch, login):
    """And none; before anything is asked of the server."""
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    if login:
        monkeypatch.setenv("PREFECT_API_AUTH_STRING", login)
    with pytest.raises(server.ServiceError, match="PREFECT_API_AUTH_STRING is not its password"):
        server.connect(open_home())
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "user:right")
    assert server.connect(open_home()) == guarded


def test_a_server_that_is_away_is_said(monkeypatch):
    """With its address, and how to have one."""
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{server.free_port()}/api")
    with pytest.raises(server.ServiceError, match=r"no Prefect server answers at http://127.*crossover up"):
        server.connect(open_home())


def test_a_service_that_was_stopped_is_said(home):
    """Not with a port that nobody has ever chosen."""
    opened = open_home()
    server.remember(opened, server.free_port())
    with mock.patch.dict(os.environ):
        os.environ.pop("PREFECT_API_URL", None)
        with pytest.raises(server.ServiceError, match=r"does not run.*crossover up") as told:
            server.connect(opened)
    assert "http" not in str(told.value)
