"""One night after another, as rows."""

from __future__ import annotations

from datetime import date

from storage import nights
from tests import builders


def a_night(engine, day, minutes, seconds=1e-3, request=nights.REQUEST, machine="vm", **said):
    """A run of two workloads that each end at a minute of the hour."""
    lines = [
        builders.a_measurement(
            variant, workload=workload, seconds=seconds, measured_at=f"2026-03-{day:02}T02:{minute:02}:00.000Z", **said
        )
        for workload, minute in minutes.items()
        for variant in ("numpy", "jax_jit")
    ]
    url = engine.url.render_as_string(hide_password=False)
    started = f"2026-03-{day:02}T02:00:00.000Z"
    builders.stored(url, lines, started_at=started, suite="nightly", request=request, machine=machine)


def test_the_nights_of_a_machine_are_read_the_newest_first(engine):
    """Nothing of other machines, and nothing of what was measured by hand, be it the same suite."""
    for day in (1, 3, 2):
        a_night(engine, day, {"sort": 5})
    a_night(engine, 4, {"sort": 5}, request="")
    a_night(engine, 5, {"sort": 5}, machine="otter")
    with engine.connect() as connection:
        found = nights.of_machine(connection, machine="vm")
        assert [run.night.day for run in found] == [3, 2, 1]
        assert len(nights.of_machine(connection, machine="vm", limit=2)) == 2
        until = nights.of_machine(connection, machine="vm", until=found[1].started_at)
        assert [run.night.day for run in until] == [2, 1]


def test_each_workload_of_a_night_has_an_end(engine):
    """And what of it was measured: nothing, where all that was tried failed."""
    a_night(engine, 1, {"sort": 5, "total": 20})
    a_night(engine, 2, {"sort": 5}, status="failed", reason="it broke")
    with engine.connect() as connection:
        ids = [run.id for run in nights.of_machine(connection, machine="vm")]
        rows = nights.workloads_of(connection, ids)
    assert sorted((row.ended_at.day, row.workload, row.ended_at.minute, row.measured) for row in rows) == [
        (1, "sort", 5, 2),
        (1, "total", 20, 2),
        (2, "sort", 5, 0),
    ]


def test_the_last_two_nights_of_a_series_are_side_by_side(engine):
    """By their day, whichever was stored first; only of those that are asked for."""
    for day, seconds in ((1, 1e-3), (3, 4e-3), (2, 2e-3)):
        a_night(engine, day, {"sort": 5}, seconds=seconds)
    a_night(engine, 4, {"sort": 5}, seconds=1.0, request="")
    with engine.connect() as connection:
        ids = [run.id for run in nights.of_machine(connection, machine="vm")]
        rows = nights.last_two(connection, ids)
    assert [(row.workload, row.slot, row.night.day, row.seconds) for row in rows] == [
        ("sort", "current", 2, 2e-3),
        ("sort", "current", 3, 4e-3),
    ] * 2


def test_a_track_is_as_old_as_the_last_night_that_measured_in_it(engine):
    """Not what only failed there, nor what somebody measured by hand."""
    url = engine.url.render_as_string(hide_password=False)
    place = {**builders.an_environment("latest"), "track": "latest"}
    failed = {"status": "failed", "reason": "it broke"}
    nightly = nights.REQUEST
    for day, said, request in ((2, {}, nightly), (1, {}, nightly), (3, failed, nightly), (4, {}, "")):
        lines = [builders.a_measurement("numpy", environment="latest", **said)]
        started = f"2026-03-{day:02}T02:00:00.000Z"
        builders.stored(url, lines, environments=[place], started_at=started, request=request)
    with engine.connect() as connection:
        found = nights.last_of_tracks(connection, machine="vm", tracks=["latest", "pinned", "unheard"])
        assert found == {"latest": date(2026, 3, 2)}
