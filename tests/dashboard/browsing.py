"""The real dashboard in a real Chromium, for tests and for the pictures of the documentation."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, sync_playwright

from flows.server import free_port
from flows.service import DASHBOARD, dashboard_command

PAGES = {  # name of the page: its path
    "tonight": "",
    "numpy_vs_jax": "numpy_vs_jax",
    "break_even": "break_even",
    "decide": "decide",
    "trends": "trends",
    "releases": "releases",
    "compare": "compare",
    "changes": "changes",
    "machines": "machines",
    "runs": "runs",
    "trust": "trust",
}
NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (  # as a container without a GPU needs it; nothing that calls home
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LONGEST_START_SECONDS = 60


def chromium() -> str | None:
    """The browser on this machine's PATH, if there is one."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


@contextlib.contextmanager
def opened() -> Iterator[Browser]:
    """Chromium, without a window."""
    if chromium() is None:
        raise RuntimeError("no Chromium on the PATH: looked for " + ", ".join(NAMES))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(OPTIONS))
        yield browser
        browser.close()


@contextlib.contextmanager
def served(database_url: str) -> Iterator[str]:
    """The dashboard on this database, started as the service starts it; gives its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        dashboard_command(port),
        cwd=DASHBOARD,
        env={**os.environ, "CROSSOVER_DATABASE_URL": database_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_healthy(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def settle(page: Page) -> None:
    """Wait until the page's script has run and its chart, where it has one, is drawn."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
    page.wait_for_selector('[data-testid="stMarkdownContainer"] p, [data-testid="stAlert"]', timeout=60_000)
    page.wait_for_function(
        """() => !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]')
                && [...document.querySelectorAll('[data-testid="stPlotlyChart"]')]
                       .every(chart => chart.querySelector('path.js-line, .points path, .bars .point path'))""",
        timeout=60_000,
    )
    assert page.locator('[data-testid="stException"]').count() == 0, "the page has failed; its server's log says why"


def words(page: Page) -> str:
    """What stands on the page, without what keeps lines from breaking."""
    return page.locator('[data-testid="stMain"]').inner_text().replace("\u00a0", " ").replace("\u2060", "")


def _wait_until_healthy(address: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the dashboard ended with status {server.returncode} before it answered")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        time.sleep(0.2)
    raise RuntimeError(f"the dashboard did not answer within {LONGEST_START_SECONDS} seconds")
