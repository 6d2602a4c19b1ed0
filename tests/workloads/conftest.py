"""A copy of the room in whose suite the planted workloads lie: they are never shipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.workloads.measuring import ROOT

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    """The folder to run `python -m workloads` in."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(ROOT / "workloads", folder / "workloads", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("planted.py", "planted_kinds.py", "planted_greed.py"):
        shutil.copy(HERE / name, folder / "workloads" / "suite")
    return folder
