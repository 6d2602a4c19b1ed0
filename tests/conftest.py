"""Every test has a home and a settings folder of its own, and no test reaches out."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest

# before Prefect is imported anywhere: it reads its settings once
os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="crossover-prefect-")
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
    for name in ("CROSSOVER_DATABASE_URL", "CROSSOVER_CONFIG", "CROSSOVER_MACHINE"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Settings whose suite `tiny` takes seconds."""
    path = tmp_path / "crossover.toml"
    path.write_text(TINY)
    monkeypatch.setenv("CROSSOVER_CONFIG", str(path))
    return path
