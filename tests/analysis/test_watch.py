"""What somebody should look at."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from analysis.watch import ago, late, of_nights

DUE = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def a_night(day, **said):
    moment = datetime(2026, 3, day, 2, 0, tzinfo=UTC)
    facts = {
        "night": moment.date(),
        "suite": "nightly",
        "started_at": moment,
        "finished_at": moment,
        "planned": 100,
        "measured": 100,
        "failed": 0,
    }
    return SimpleNamespace(**{**facts, **said})


def test_a_machine_that_has_not_begun_is_late():
    """Until it has."""
    nights = [a_night(3), a_night(2)]
    assert late("otter", [a_night(4), *nights], DUE, DUE + timedelta(hours=5)) is None
    alarm = late("otter", nights, DUE, DUE + timedelta(hours=5))
    assert alarm.kind == "late"
    assert alarm.text == "no night since 2026-03-04 02:00 UTC, when one was due; the last one began 29 hours ago"
    assert late("otter", [], DUE, DUE + timedelta(days=5)).text.endswith("there has never been one")


@pytest.mark.parametrize(
    ("newest", "kinds"),
    [
        ({}, []),
        ({"measured": 0}, ["empty"]),
        ({"measured": 0, "finished_at": None}, []),  # it may be measuring now
        ({"planned": 80}, ["shrunk"]),
        ({"planned": 95}, []),
        ({"failed": 3}, ["failing"]),
        ({"failed": 2}, []),
    ],
)
def test_a_night_is_looked_at_beside_those_before(newest, kinds):
    """Green, and nothing measured; a suite that lost a part; more and more failures."""
    nights = [a_night(4, **newest), a_night(3, failed=2), a_night(2, failed=1)]
    assert [alarm.kind for alarm in of_nights("otter", nights, NOON)] == kinds


def test_a_night_that_has_just_begun_ends_no_alarm():
    """What was wrong with the one before is wrong until it is over, or it would be told anew every night."""
    begun = a_night(4, finished_at=None, measured=1, failed=0)
    soon = NOON - timedelta(hours=9)
    assert [alarm.kind for alarm in of_nights("otter", [begun, a_night(3, measured=0)], soon)] == ["empty"]
    cut = a_night(3, finished_at=None, measured=7)
    assert [alarm.kind for alarm in of_nights("otter", [begun, cut], soon)] == ["cut short"]
    rising = [begun, a_night(3, failed=3), a_night(2, failed=2), a_night(1, failed=1)]
    assert [alarm.kind for alarm in of_nights("otter", rising, soon)] == ["failing"]


def test_a_suite_that_shrank_is_told_for_a_week():
    """Beside the largest of its nights, not only the one before; a night of another suite is no measure of it."""
    nights = [a_night(12, planned=80), a_night(11, planned=80), a_night(6)]
    (alarm,) = of_nights("otter", nights, NOON)
    assert alarm.text == "80 measurements were planned, in the night of 2026-03-06 100"
    assert list(of_nights("otter", [a_night(14, planned=80), *nights], NOON)) == []
    assert list(of_nights("otter", [a_night(7, planned=80, suite="quick"), a_night(6)], NOON)) == []


def test_a_budgeted_night_may_be_smaller_than_the_one_before():
    """It is another part of the suite."""
    nights = [a_night(4, planned=50), a_night(3)]
    assert list(of_nights("otter", nights, NOON, budgeted=True)) == []


def test_what_was_left_out_is_an_alarm_each():
    """With its reason."""
    alarms = list(of_nights("otter", [a_night(4)], NOON, ["latest: no wheel"]))
    assert [(alarm.kind, alarm.text) for alarm in alarms] == [("lacking", "latest: no wheel")]
    assert list(of_nights("otter", [], NOON)) == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "5 seconds"), (119, "119 seconds"), (3600, "60 minutes"), (86_400, "24 hours"), (2e5, "2 days")],
)
def test_a_time_is_told_in_a_unit_that_it_fills(seconds, text):
    """Twice at least."""
    assert ago(timedelta(seconds=seconds)) == text


def test_a_night_without_an_end_was_cut_short_once_it_cannot_be_under_way():
    """Twelve hours after it began, with what it came to."""
    begun = [a_night(4, finished_at=None, measured=3)]
    assert list(of_nights("otter", begun, NOON)) == []
    (alarm,) = of_nights("otter", begun, NOON + timedelta(hours=3))
    assert (alarm.kind, alarm.text) == ("cut short", "the night of 2026-03-04 has no end: 3 of 100 measured")
