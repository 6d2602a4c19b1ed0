"""Where the Prefect server is, and whether it is one that one may talk to."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

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
