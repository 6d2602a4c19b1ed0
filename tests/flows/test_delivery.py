"""Bundles that have not reached the database yet get there, once each, in order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows import core, delivery
from flows.home import open_home
from storage import database, queries
from tests import builders

EARLY, LATE = "20260301T020000-nightly-aaaaaaaa.jsonl", "20260302T020000-nightly-bbbbbbbb.jsonl"


@pytest.fixture
def opened(home):
    """A home with two bundles that nobody stored."""
    opened = open_home()
    for name, day in ((LATE, "02"), (EARLY, "01")):
        lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit", seconds=5e-4)]
        builders.a_bundle(opened.bundles / name, lines, started_at=f"2026-03-{day}T02:00:00Z")
    return opened


def runs(opened):
    engine = database.open_for_reading(opened.database_url)
    with engine.connect() as connection:
        found = queries.runs(connection)
    engine.dispose()
    return [f"{run.started_at:%d}" for run in found]


def test_what_waits_is_brought_in_order_and_once(opened):
    """The oldest first; afterwards nothing waits."""
    said: list[str] = []
    assert [path.name for path in delivery.waiting(opened)] == [EARLY, LATE]
    assert len(delivery.deliver(opened, said.append)) == 2
    assert [line.partition(" ")[0] for line in said] == [EARLY, LATE]
    assert runs(opened) == ["02", "01"]
    assert delivery.waiting(opened) == []
    assert delivery.deliver(opened, said.append) == []
    assert len(said) == 2


def test_what_a_run_stores_itself_does_not_wait(opened):
    """Until it grows: an unfinished run that is gone on with."""
    path = opened.bundles / EARLY
    core.store(path, opened)
    assert [one.name for one in delivery.waiting(opened)] == [LATE]
    with open(path, "a") as stream:
        stream.write(" ")
    assert [one.name for one in delivery.waiting(opened)] == [EARLY, LATE]


def test_what_was_stored_elsewhere_waits(opened, tmp_path, monkeypatch):
    """After a move to another database everything is brought there."""
    assert len(delivery.deliver(opened, print)) == 2
    monkeypatch.setenv("CROSSOVER_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    assert [one.name for one in delivery.waiting(opened)] == [EARLY, LATE]
    assert len(delivery.deliver(opened, print)) == 2
    assert runs(opened) == ["02", "01"]


def test_a_damaged_bundle_keeps_nobody_else_waiting(opened):
    """It is said each time, until somebody looks at it."""
    (opened.bundles / EARLY).write_text("not a bundle\n")
    said: list[str] = []
    assert len(delivery.deliver(opened, said.append)) == 1
    assert f"{EARLY} cannot be stored: " in said[0]
    assert runs(opened) == ["02"]
    assert [path.name for path in delivery.waiting(opened)] == [EARLY]


def test_a_run_that_never_began_is_not_waited_for(opened):
    """Its bundle is empty, or was never written."""
    (opened.bundles / "20260303T020000-nightly-cccccccc.jsonl").write_text("")
    assert [path.name for path in delivery.waiting(opened)] == [EARLY, LATE]


def test_a_user_brings_what_waits(opened):
    """`crossover sync`: exit code 1 while something still waits."""
    command = [str(Path(sys.executable).parent / "crossover"), "sync"]
    (opened.bundles / EARLY).write_text("not a bundle\n")
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == "1 brought, 1 still wait"
    (opened.bundles / EARLY).unlink()
    ran = subprocess.run(command, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr.splitlines()[-1]) == (0, "0 brought")
