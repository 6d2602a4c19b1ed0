"""One night after another, as rows."""

from __future__ import annotations

from storage import nights, queries
from tests import builders


def a_night(engine, day, minutes, seconds=1e-3, suite="nightly", machine="vm"):
    """A run of two workloads that each end at a minute of the hour."""
    lines = [
        builders.a_measurement(
            variant, workload=workload, seconds=seconds, measured_at=f"2026-03-{day:02}T02:{minute:02}:00.000Z"
        )
        for workload, minute in minutes.items()
        for variant in ("numpy", "jax_jit")
    ]
    url = engine.url.render_as_string(hide_password=False)
    builders.stored(url, lines, started_at=f"2026-03-{day:02}T02:00:00.000Z", suite=suite, machine=machine)


def test_the_nights_of_a_suite_and_machine_are_read_the_newest_first(engine):
    """Nothing of other suites and machines."""
    for day in (1, 3, 2):
        a_night(engine, day, {"sort": 5})
    a_night(engine, 4, {"sort": 5}, suite="quick")
    a_night(engine, 5, {"sort": 5}, machine="otter")
    with engine.connect() as connection:
        found = queries.runs(connection, machine="vm", suite="nightly")
        assert [run.night.day for run in found] == [3, 2, 1]
        assert len(queries.runs(connection, machine="vm", suite="nightly", limit=2)) == 2


def test_each_workload_of_a_run_has_an_end(engine):
    """And a number of cases."""
    a_night(engine, 1, {"sort": 5, "total": 20})
    with engine.connect() as connection:
        (run,) = queries.runs(connection, machine="vm", suite="nightly")
        rows = {row.workload: row for row in nights.workloads_of(connection, [run.id])}
    assert {name: (row.ended_at.minute, row.cases) for name, row in rows.items()} == {"sort": (5, 1), "total": (20, 1)}


def test_the_last_two_nights_of_a_series_are_side_by_side(engine):
    """Of the suite alone: what somebody measured in between is no night."""
    for day, seconds in ((1, 1e-3), (2, 2e-3), (3, 4e-3)):
        a_night(engine, day, {"sort": 5}, seconds=seconds)
    a_night(engine, 4, {"sort": 5}, seconds=1.0, suite="quick")
    with engine.connect() as connection:
        rows = nights.last_two(connection, machine="vm", suite="nightly")
    assert [(row.workload, row.slot, row.night.day, row.seconds) for row in rows] == [
        ("sort", "current", 2, 2e-3),
        ("sort", "current", 3, 4e-3),
    ] * 2
