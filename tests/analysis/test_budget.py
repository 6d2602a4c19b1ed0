"""What a night measures when it cannot hold everything."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

from analysis.budget import Candidate, candidates, durations, nights_since, stalest_first, tonight


def test_without_a_budget_everything_is_measured():
    """In the order of need."""
    found = tonight([Candidate("a", 10, 1), Candidate("b", 10, None), Candidate("c", 10, 3)], None, 7)
    assert found.chosen == ("b", "c", "a")
    assert found.postponed == found.overdue == ()
    assert found.seconds == 30


def test_the_due_come_first_then_what_moved_then_the_stalest():
    """What was never measured is due."""
    known = [
        Candidate("yesterday", 10, 1),
        Candidate("stale", 10, 3),
        Candidate("moved", 10, 1, moved=True),
        Candidate("due", 10, 7),
        Candidate("new", 10, None),
    ]
    found = tonight(known, 35, 7)
    assert found.chosen == ("new", "due", "moved")
    assert found.postponed == ("stale", "yesterday")
    assert found.overdue == ()


def test_a_smaller_one_takes_the_room_that_a_larger_one_leaves():
    """And what is due but does not fit is said."""
    found = tonight([Candidate("long", 100, 8), Candidate("due", 30, 9), Candidate("short", 10, 1)], 50, 7)
    assert found.chosen == ("due", "short")
    assert found.postponed == found.overdue == ("long",)


def test_what_is_new_waits_for_its_turn():
    """The first nights cannot hold everything; that is no proof that none of them will."""
    found = tonight([Candidate(f"w{number}", 100, None) for number in range(10)], 300, 7)
    assert len(found.chosen) == 3
    assert found.overdue == ()


def test_a_budget_that_holds_nothing_holds_the_neediest():
    """Else nothing would ever be measured."""
    assert tonight([Candidate("a", 100, 1), Candidate("b", 200, 2)], 5, 7).chosen == ("b",)


def test_what_a_night_was_at_when_it_was_cut_short_is_next():
    """It did not have its turn; what failed had."""
    runs = [SimpleNamespace(id=night, night=date(2026, 3, night), finished_at=night != 3 or None) for night in (3, 2)]
    rows = [
        SimpleNamespace(run_id=run, workload=name, ended_at=datetime(2026, 3, run, 2, minute, tzinfo=UTC), measured=0)
        for run, minute, name in ((2, 10, "sort"), (2, 20, "total"), (3, 10, "total"), (3, 20, "sort"))
    ]
    assert nights_since(runs, rows, date(2026, 3, 4)) == {"sort": 2, "total": 1}
    known = [Candidate("total", 1, 1), Candidate("sort", 1, 2), Candidate("new", 1, None), Candidate("b", 1, 1)]
    assert stalest_first(known) == ["new", "sort", "total", "b"]


def test_what_cuts_every_night_short_does_not_take_them_all():
    """It is excused once; then it waits for its turn like all others."""
    runs, rows, chosen = [], [], []
    expected = {"long": 500.0, "a": 20.0, "b": 20.0, "c": 20.0}
    for night in range(1, 15):
        today = date(2026, 3, night)
        found = tonight(candidates(expected, runs, rows, [], today), 100, 3)
        chosen.append(found.chosen)
        began = datetime(2026, 3, night, 2, tzinfo=UTC)
        is_cut = "long" in found.chosen
        runs.insert(0, SimpleNamespace(id=night, night=today, started_at=began, finished_at=None if is_cut else began))
        for place, name in enumerate(found.chosen, 1):
            ended = began + timedelta(seconds=500 if name == "long" else 20 * place)
            rows.append(SimpleNamespace(run_id=night, workload=name, ended_at=ended, measured=1))
    assert sum("long" in names for names in chosen) <= 8  # the first two nights, then every other one
    for name in "abc":
        nights = [number for number, names in enumerate(chosen) if name in names]
        assert max(later - earlier for earlier, later in pairwise([-1, *nights, len(chosen)])) <= 5, (name, chosen)


def test_what_was_gone_on_with_after_hours_took_no_hours():
    """A night that was cut short and resumed by day: the other one tells how long its workload takes."""
    runs = [SimpleNamespace(id=day, started_at=datetime(2026, 3, day, 2, tzinfo=UTC)) for day in (2, 1)]
    rows = [
        SimpleNamespace(run_id=2, workload="sort", ended_at=datetime(2026, 3, 2, 14, tzinfo=UTC)),
        SimpleNamespace(run_id=1, workload="sort", ended_at=datetime(2026, 3, 1, 2, 10, tzinfo=UTC)),
    ]
    assert durations(runs, rows) == {"sort": 600.0}


def test_night_after_night_everything_has_its_turn():
    """Forty workloads of many lengths, a budget for a fifth of them: none waits longer than it may, whatever moves."""
    rng = random.Random(1)
    seconds = {f"w{number}": rng.uniform(10, 100) for number in range(40)}
    budget, every = sum(seconds.values()) / 5, 7
    nights: dict[str, int | None] = dict.fromkeys(seconds)
    longest = 0
    for night in range(60):
        moved = set(rng.sample(sorted(seconds), 5))
        found = tonight(
            [Candidate(name, seconds[name], nights[name], name in moved) for name in seconds], budget, every
        )
        assert found.seconds <= budget
        for name, waited in nights.items():
            nights[name] = 1 if name in found.chosen else None if waited is None else waited + 1
        if night > 14:
            longest = max(longest, max(waited or 0 for waited in nights.values()))
    assert longest <= every + 1
