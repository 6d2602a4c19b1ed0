"""People are told where they want to be; what cannot be reached ends nothing."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from flows import telling
from flows.server import free_port
from flows.settings import Notify


@pytest.fixture
def hook():
    """A webhook on this machine: its address as Apprise writes it, and what it was sent."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://127.0.0.1:{server.server_port}/hook", heard
    server.shutdown()
    server.server_close()


def test_a_file_and_a_webhook_need_no_account(tmp_path, hook, monkeypatch):
    """The file grows; the webhook hears title and text; an address may come from the environment."""
    address, heard = hook
    file = tmp_path / "told" / "digest.md"
    said: list[str] = []
    assert telling.tell("otter", "- one", Notify(file=file, urls=[address]), said.append)
    monkeypatch.setenv(telling.VARIABLE, address)
    telling.tell("otter", "- two", Notify(file=file), said.append)
    assert said == []
    assert file.read_text() == "# otter\n\n- one\n\n# otter\n\n- two\n\n"
    assert [one["title"] for one in heard] == ["otter", "otter"]
    assert "two" in heard[1]["message"]


def test_what_cannot_be_reached_is_said_without_its_secrets(tmp_path):
    """A server that is away, an address that is none, a folder that is a file."""
    (tmp_path / "file").write_text("")
    said: list[str] = []
    urls = [f"json://user:secret@127.0.0.1:{free_port()}/hook", "nonsense"]
    assert not telling.tell("otter", "- one", Notify(file=tmp_path / "file" / "digest.md", urls=urls), said.append)
    assert len(said) == 3
    assert "digest.md" in said[0]
    assert said[1].startswith("json: could not be reached")
    assert said[2].startswith("nonsense: not an address")
    assert "secret" not in "".join(said)
