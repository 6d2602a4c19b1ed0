"""Samples go when they are old; nothing else does."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from storage import models, queries, record, retention
from tests import builders


@pytest.fixture
def nights(engine, tmp_path):
    """Three nights of one series."""
    for day in (1, 2, 3):
        lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit", seconds=5e-4)]
        started = f"2026-03-0{day}T02:00:00.000Z"
        record.store(engine, builders.a_bundle(tmp_path / f"{day}.jsonl", lines, started_at=started))
    return engine


def with_samples(engine):
    """How many measurements have any; what is known of the processes stays with all of them."""
    with engine.connect() as connection:
        rows = connection.execute(select(models.Samples.seconds, models.Samples.processes)).all()
    assert all(row.processes for row in rows)
    return sum(len(row.seconds) > 0 for row in rows)


def test_old_samples_go_and_summaries_stay(nights):
    """Only those before the night; what is told of each run is what it held. A second time there is nothing to do."""
    with nights.connect() as connection:
        before = [queries.measurements(connection, run.id) for run in queries.runs(connection)]
    pruned = list(retention.prune(nights, date(2026, 3, 3)))
    assert [(one.machine, one.night.day, one.measurements) for one in pruned] == [("vm", 1, 2), ("vm", 2, 2)]
    assert all(one.bytes > 20 for one in pruned)
    assert with_samples(nights) == 2
    with nights.connect() as connection:
        assert [queries.measurements(connection, run.id) for run in queries.runs(connection)] == before
    assert list(retention.prune(nights, date(2026, 3, 3))) == []


def test_a_dry_run_removes_nothing(nights):
    """And says the same."""
    told = list(retention.prune(nights, date(2026, 3, 3), dry_run=True))
    assert with_samples(nights) == 6
    assert list(retention.prune(nights, date(2026, 3, 3))) == told


def test_a_pruned_run_is_not_filled_again(nights, tmp_path):
    """Its bundle, stored once more, changes nothing: its measurements are there."""
    list(retention.prune(nights, date(2026, 3, 4)))
    with nights.connect() as connection:
        run = queries.runs(connection)[0]
    lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit", seconds=5e-4)]
    started = "2026-03-03T02:00:00.000Z"
    stored = record.store(nights, builders.a_bundle(tmp_path / "x.jsonl", lines, run=run.uuid, started_at=started))
    assert (stored.new, with_samples(nights)) == (0, 0)


def test_what_came_later_is_pruned_too(nights, tmp_path):
    """A run that had lost its samples, and got more."""
    list(retention.prune(nights, date(2026, 3, 2)))
    with nights.connect() as connection:
        (run,) = (run for run in queries.runs(connection) if run.night.day == 1)
    late = [builders.a_measurement("numpy", n=7)]
    started = "2026-03-01T02:00:00.000Z"
    record.store(nights, builders.a_bundle(tmp_path / "x.jsonl", late, run=run.uuid, started_at=started))
    (again,) = retention.prune(nights, date(2026, 3, 2))
    assert (again.run, again.measurements) == (run.uuid, 1)
    assert with_samples(nights) == 4
