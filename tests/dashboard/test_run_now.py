"""The page that begins runs: a real service, a real OpenID provider, a real browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import httpx
import pytest

from flows.server import free_port
from storage import database, queries
from tests.dashboard.browsing import chromium, opened, settle, words
from tests.flows.served import running, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None and not os.environ.get("CI"), reason="no Chromium on the PATH"),
]

SECRETS = """
[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "for this test alone, and long enough"
client_id = "crossover"
client_secret = "none"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
ALLOWED = """
[run_now]
allowed = ["ada@example.org"]
"""


@pytest.fixture(scope="module")
def provider():
    """An OpenID provider that lets anybody in who says who they are; a process of its own."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)])
    address = f"http://localhost:{port}"
    try:
        until(lambda: httpx.get(f"{address}/.well-known/openid-configuration").is_success)
        for name in ("ada", "eve"):
            claims = {"email": f"{name}@example.org", "email_verified": True}
            httpx.put(f"{address}/users/{name}", json=claims).raise_for_status()
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def service(tmp_path_factory, provider):
    """A service whose pages know that provider, and let Ada begin runs."""
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    (folder / "secrets.toml").write_text(SECRETS.format(port=port, provider=provider))
    secrets = str(folder / "secrets.toml")
    with running(folder, ALLOWED, dashboard_port=port, STREAMLIT_SECRETS_FILES=secrets) as found:
        yield found


@pytest.fixture
def page(service):
    """The page, as somebody opens it who is not signed in."""
    with opened() as browser:
        found = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        until(lambda: httpx.get(f"{service.dashboard}/_stcore/health").is_success)
        found.goto(f"{service.dashboard}/run_now")
        settle(found)
        yield found


def sign_in(page, name):
    page.get_by_role("button", name="Sign in").click()
    page.get_by_placeholder("sub").fill(name)
    page.get_by_role("button", name="Authorize", exact=True).click()
    page.get_by_text(f"Signed in as {name}@example.org").wait_for(timeout=60_000)


def test_a_stranger_is_refused(page, service):
    """Who is not signed in, and who is but is not on the list; a link to a run shows nothing of it either."""
    assert "Whoever begins runs here is signed in." in words(page)
    sign_in(page, "eve")
    page.goto(f"{service.dashboard}/run_now")
    page.get_by_text("eve@example.org is signed in, but not among those that may begin runs").wait_for()
    assert page.get_by_role("button", name="Measure now").count() == 0
    page.goto(f"{service.dashboard}/run_now?flow_run=00000000-0000-0000-0000-000000000000")
    page.get_by_text("not among those").wait_for()
    assert "Prefect server" not in words(page)
    assert service.asked("flow_runs/filter", flow_runs={"tags": {"all_": ["page"]}}) == []


def test_who_is_allowed_begins_a_run_watches_it_and_lands_on_its_result(page, service):
    """A real flow: its samples are in the database, and the flow run says who asked for it."""
    sign_in(page, "ada")
    page.goto(f"{service.dashboard}/run_now?suite=tiny")
    page.get_by_role("button", name="Measure now").click(timeout=60_000)
    page.wait_for_url(re.compile("flow_run="))
    page.get_by_role("heading", name="What came of it").wait_for(timeout=120_000)
    settle(page)
    assert "tiny on otter is over. 3 of 3 measured." in words(page)
    assert "It finished whole: 3 of 3 measured." in words(page)
    (flow_run,) = service.asked("flow_runs/filter", flow_runs={"tags": {"all_": ["ada@example.org"]}})
    assert page.url.endswith(f"flow_run={flow_run['id']}")
    with database.reading(service.home.database_url) as connection:
        assert queries.run_by_uuid(connection, flow_run["id"]).measured == 3
    page.get_by_role("link", name="NumPy or JAX").click()
    page.get_by_text("Compiled JAX against NumPy").wait_for(timeout=60_000)


def test_a_run_is_ended_from_its_page(page, service):
    """It becomes Cancelled, the page says so, and another one can be begun."""
    sign_in(page, "ada")
    page.goto(f"{service.dashboard}/run_now?suite=long")
    page.get_by_role("button", name="Measure now").click(timeout=60_000)
    page.get_by_text("long on otter measures.").wait_for(timeout=120_000)
    page.get_by_role("button", name="End it").click()
    page.get_by_text("long on otter was ended.").wait_for(timeout=60_000)
    page.get_by_role("button", name="Begin another run").click()
    page.get_by_role("button", name="Measure now").wait_for(timeout=60_000)


def test_an_environment_that_is_none_is_said(page, service):
    """Before anything is begun."""
    sign_in(page, "ada")
    page.goto(f"{service.dashboard}/run_now")
    page.get_by_label("Environment").fill("/etc/passwd")
    page.get_by_label("Environment").press("Enter")
    settle(page)
    page.get_by_role("button", name="Measure now").click()
    page.get_by_text('write it like "numpy==2.4.3,jax==0.9.2"').wait_for(timeout=60_000)
    assert "flow_run" not in page.url
