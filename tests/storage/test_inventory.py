"""What was measured on, and with what."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert

from storage import inventory
from storage.models import Machine
from tests import builders

PACKAGE = {"name": "numpy", "version": "2.4.6", "sha256": "0" * 64}


def a_place(measures=None, **said):
    return {**builders.an_environment(**said), "measures": measures}


def a_run(engine, day, *environments, machine="vm", **said):
    """On a day of March, in environments, each of a NumPy of its name's version."""
    places = [a_place(**({"name": one, "numpy": one} if isinstance(one, str) else one)) for one in environments]
    url = engine.url.render_as_string(hide_password=False)
    lines = [builders.a_measurement(environment=place["name"]) for place in places]
    builders.stored(url, lines, environments=places, machine=machine, started_at=f"2026-03-{day:02}T02:00:00Z", **said)


def test_machines_come_with_their_nights(engine):
    """Whichever ran last first, however runs arrived."""
    for day, machine in ((5, "vm"), (7, "otter"), (3, "vm")):
        a_run(engine, day, "2.0.0", machine=machine)
    with engine.begin() as connection:
        connection.execute(
            insert(Machine).values(name="idle", fingerprint="f00d", description={})
        )  # no run of it is left
        rows = inventory.machines(connection)
    assert [(row.name, row.first_night.day, row.last_night.day) for row in rows] == [("otter", 7, 7), ("vm", 3, 5)]
    assert rows[1].description["processor"] == "A processor"


def test_environments_come_with_their_first_and_last_use(engine):
    """Of one machine or of all; the one last used first, and of one run the one that is newer."""
    a_run(engine, 1, "2.0.0")
    a_run(engine, 4, "2.0.0", "2.1.0")
    a_run(engine, 2, "2.2.0")
    a_run(engine, 9, "2.2.0", machine="otter")
    with engine.connect() as connection:
        here = inventory.environments(connection, machine="vm")
        assert [(row.numpy, row.first_night.day, row.last_night.day, row.runs) for row in here] == [
            ("2.1.0", 4, 4, 1),
            ("2.0.0", 1, 4, 2),
            ("2.2.0", 2, 2, 1),
        ]
        newest, *_ = inventory.environments(connection)
        assert (newest.numpy, newest.first_night.day, newest.last_night.day) == ("2.2.0", 2, 9)
        assert len(inventory.environments(connection, limit=2)) == 2


def test_environments_of_backfills_come_last(engine):
    """Unless something else was measured in them too."""
    a_run(engine, 1, "2.0.0")
    for release in ("2.1.0", "2.2.0"):
        a_run(engine, 5, {"name": release, "numpy": release, "measures": "numpy"})
    a_run(engine, 3, "2.2.0")
    with engine.connect() as connection:
        rows = inventory.environments(connection, machine="vm")
    assert [(row.numpy, row.compares) for row in rows] == [("2.2.0", 1), ("2.0.0", 1), ("2.1.0", 0)]


def test_what_was_measured_again_is_no_further_use(engine):
    """An environment that stands twice in a run was used in one run."""
    a_run(engine, 1, {"name": "A"}, {"name": "A again", "again": True})
    with engine.connect() as connection:
        (one,) = inventory.environments(connection, machine="vm")
        assert one.runs == 1
        assert [row.name for row in inventory.environment(connection, one.digest)] == ["A"]


def test_an_environment_is_told_by_its_newest_places(engine):
    """What was found there, and the files that it was built from, which another run may not have had."""
    url = engine.url.render_as_string(hide_password=False)
    built = {**builders.an_environment("built"), "resolution": [PACKAGE], "builder": "uv", "spec": "numpy"}
    for day, place in ((1, built), (2, builders.an_environment("current"))):
        lines = [builders.a_measurement(environment=place["name"])]
        builders.stored(url, lines, environments=[place], started_at=f"2026-03-{day:02}T02:00:00Z")
    with engine.connect() as connection:
        (one,) = inventory.environments(connection)
        newest, older = inventory.environment(connection, one.digest)
        assert (newest.name, newest.night, newest.resolution) == ("current", date(2026, 3, 2), [])
        assert (older.name, older.builder, older.resolution) == ("built", "uv", [PACKAGE])
        assert older.description["libraries"]["numpy"] == "2.4.6"
        assert len(inventory.environment(connection, one.digest, look_back=1)) == 1
        assert inventory.environment(connection, "no such thing") == []


def test_peaks_are_of_the_newest_run_that_has_them(engine):
    """A later one without them hides nothing."""
    for day, peaks in ((1, [builders.a_peak()]), (3, [builders.a_peak()]), (4, [])):
        a_run(engine, day, {"name": "current"}, peaks=peaks)
    a_run(engine, 5, "2.0.0", machine="otter")
    with engine.connect() as connection:
        ids = {row.name: row.id for row in inventory.machines(connection)}
        assert inventory.run_with_peaks(connection, machine_id=ids["vm"]).night.day == 3
        assert inventory.run_with_peaks(connection, machine_id=ids["otter"]) is None
