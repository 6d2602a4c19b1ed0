"""The state of every machine's nights, and who is told what is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from flows import operating, watching
from flows.home import open_home
from flows.settings import Nightly, Settings, Suite, Track
from storage import database
from tests import builders

SUITE = Suite(workloads={"broadcast_sum": [2]})
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def opened(home):
    """A home in which otter measured on the nights of the 3rd and the 4th, seal on the 2nd, and a laptop by hand."""
    opened = open_home()
    database.open_database(opened.database_url).dispose()
    nights = [("otter", 3), ("otter", 4), ("seal", 2)]
    for machine, day, request in (*((machine, day, "nightly") for machine, day in nights), ("lap", 4, "")):
        place = {**builders.an_environment("latest"), "track": "latest"}
        lines = [builders.a_measurement(variant, environment="latest") for variant in ("numpy", "jax_jit")]
        builders.stored(
            opened.database_url,
            lines,
            machine=machine,
            suite="nightly",
            request=request,
            environments=[place],
            started_at=f"2026-03-{day:02}T02:00:00.000Z",
        )
    return opened


def settings(**said):
    nightly = Nightly(suite="nightly", tracks=["latest"])
    return Settings(suites={"nightly": SUITE}, nightly=nightly, tracks={"latest": Track(spec="numpy,jax")}, **said)


def test_every_machine_with_nights_is_looked_at(opened):
    """The one that is late is found; a laptop that was used by hand is none of them; one that was promised is."""
    states = {state.machine: state for state in watching.look(opened, settings(machines={"new": Nightly()}), NOON)}
    assert sorted(states) == ["new", "otter", "seal"]
    assert states["otter"].alarms == ()
    assert states["otter"].tracks == {"latest": 0}
    assert states["otter"].workloads == {"broadcast_sum": 0}
    assert [alarm.kind for alarm in states["seal"].alarms] == ["late"]
    assert states["seal"].workloads == {"broadcast_sum": 2}
    assert [alarm.kind for alarm in states["new"].alarms] == ["late"]
    assert states["new"].last is None


@dataclass
class Night:
    suite: str = "nightly"
    planned: int = 4
    measured: int = 4
    finished_at: datetime | None = NOON


def test_the_newest_night_tells_enough_where_it_measured_everything():
    """With a budget no night measures everything; one that lacks something says nothing of what it lacks."""
    whole, older, other = Night(), Night(), Night(suite="quick")
    assert watching.enough([whole, older], budgeted=False) == [whole]
    assert watching.enough([whole, other, older], budgeted=True) == [whole, older]
    for lacking in (Night(measured=3), Night(finished_at=None)):
        assert watching.enough([lacking, other, older], budgeted=False) == [lacking, older]
    assert watching.enough([], budgeted=False) == []


def test_a_database_that_is_away_is_an_alarm(home, monkeypatch):
    """The watchdog has to tell of it, not to fail of it."""
    monkeypatch.setenv("CROSSOVER_DATABASE_URL", "postgresql://127.0.0.1:1/nothing")
    states, (alarm,) = watching.look_anyway(open_home(), settings(), NOON)
    assert states == []
    assert (alarm.kind, alarm.machine) == ("away", "the database")
    assert "127.0.0.1:1/nothing" in alarm.text


def test_a_machine_that_is_retired_is_waited_for_no_more(opened):
    """What it measured stays."""
    states = watching.look(opened, settings(machines={"seal": Nightly(retired=True)}), NOON)
    assert [state.machine for state in states] == ["otter"]


def test_a_workload_that_only_failed_has_never_been_measured(opened):
    """It is the stalest of all."""
    lines = [builders.a_measurement("numpy", workload="sort", status="failed", reason="it broke")]
    started = "2026-03-04T03:00:00.000Z"
    said = {"machine": "otter", "suite": "nightly", "request": "nightly", "started_at": started}
    builders.stored(opened.database_url, lines, **said)
    (state,) = (one for one in watching.look(opened, settings(), NOON) if one.machine == "otter")
    assert state.workloads == {"sort": None, "broadcast_sum": 0}
    assert watching.line(state, NOON).endswith("; stalest: sort never")


def test_where_nothing_was_ever_stored_all_is_well(home, capsys):
    """Neither a database nor a server is missed; one that should be there and is not needs a look."""
    assert operating.status() == 0
    assert "no machine has had a night yet" in capsys.readouterr().out


def test_a_database_that_is_away_needs_a_look(home, monkeypatch, capsys):
    """It is said among the rest."""
    monkeypatch.setenv("CROSSOVER_DATABASE_URL", "postgresql://127.0.0.1:1/nothing")
    assert operating.status() == 1
    assert "cannot open the database" in capsys.readouterr().out
    assert operating.status(as_json=True) == 1
    assert "cannot open the database" in json.loads(capsys.readouterr().out)["database"]


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), "2026-03-28T02:30:00+01:00"),
        (datetime(2026, 3, 29, 12, tzinfo=UTC), "2026-03-29T03:00:00+02:00"),  # 02:30 does not exist on that day
        (datetime(2026, 10, 25, 12, tzinfo=UTC), "2026-10-25T02:30:00+01:00"),  # and here it exists twice
    ],
)
def test_a_night_is_due_in_its_own_time_zone(day, due):
    """Across changes of the clock, too."""
    night = Nightly(cron="30 2 * * *", timezone="Europe/Berlin")
    assert watching.last_due(night, day).isoformat() in (due, due.replace("+01:00", "+02:00"))


def test_a_machine_stays_late_while_the_next_night_may_begin_yet(opened):
    """It would be over, and late again, every night."""
    for hour in (1, 2, 3, 5):  # nights are due at two, and may begin until four
        now = datetime(2026, 3, 8, hour, 30, tzinfo=UTC)
        states = watching.look(opened, settings(), now)
        assert [alarm.kind for state in states for alarm in state.alarms] == ["late", "late"], now


def test_a_night_that_may_begin_yet_is_not_late(opened):
    """It was due at two, and may begin until four."""
    for hour, kinds in ((3, []), (5, ["late"])):
        states = watching.look(opened, settings(), datetime(2026, 3, 5, hour, 0, tzinfo=UTC))
        (otter,) = (state for state in states if state.machine == "otter")
        assert [alarm.kind for alarm in otter.alarms] == kinds


@pytest.mark.parametrize(
    ("watchdog", "hour", "waits", "code"),
    [
        (60.0, 3, False, 0),
        (0.0, 3, False, 0),
        (None, 3, False, 1),
        (8000.0, 3, False, 1),
        (60.0, 9, False, 1),
        (60.0, 3, True, 1),
    ],
)
def test_all_is_well_where_nights_are_watched_and_stored(opened, monkeypatch, capsys, watchdog, hour, waits, code):
    """Each of the others needs a look: no watchdog, an old one, a late machine, a bundle that waits."""
    answer = {"server": "http://there", "watchdog": "looked", "watchdog_seconds": watchdog}
    monkeypatch.setattr(operating, "answering", lambda home, now: answer)
    monkeypatch.setattr(operating.lock, "holder", lambda: None)  # whoever else measures on this machine

    class Now(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 3, 4 if hour < 4 else 5, hour, tzinfo=tz)

    monkeypatch.setattr(operating, "datetime", Now)
    monkeypatch.setattr(operating, "read_settings", lambda: settings(machines={"seal": Nightly(retired=True)}))
    if waits:
        builders.a_bundle(opened.bundles / "20260304T020000-nightly-aaaaaaaa.jsonl", [builders.a_measurement("numpy")])
    assert operating.status() == code
    capsys.readouterr()


def test_the_status_is_told_for_people_and_for_machines(opened, tmp_path, monkeypatch, capsys):
    """Both nights are long ago by now: exit code 1."""
    path = tmp_path / "crossover.toml"
    path.write_text("[suites.nightly]\nworkloads = 'all'\n")
    monkeypatch.setenv("CROSSOVER_CONFIG", str(path))
    assert operating.status() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("otter: the night of 2026-03-04, 2 of 2 measured, ")
    assert lines[1].startswith("  late: no night since ")
    assert any(line.startswith("this machine, ") for line in lines)
    assert operating.status(as_json=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert [one["machine"] for one in document["machines"]] == ["otter", "seal"]
    assert document["machines"][0]["last"]["measured"] == 2
    assert document["waiting_bundles"] == 0
