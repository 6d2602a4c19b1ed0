"""A night's plan within its budget, by what earlier nights took."""

from __future__ import annotations

from datetime import date

import pytest

from flows import core, environments, nights
from flows.home import open_home
from flows.settings import Nightly, Settings, Suite
from storage import database
from tests import builders
from workloads import bundle

SETTINGS = Settings(
    suites={"nightly": Suite(peaks=False, workloads={"broadcast_sum": [2], "matrix_chain": [8, 32], "sine": [100]})}
)
TONIGHT = date(2026, 3, 4)


@pytest.fixture
def opened(home):
    """A home whose nights took ten minutes for one workload, and twenty for another that moved."""
    opened = open_home()
    database.open_database(opened.database_url).dispose()
    for day, factor in ((1, 1.0), (3, 2.0)):
        lines = [
            builders.a_measurement(
                variant,
                workload=workload,
                seconds=1e-3 * (factor if workload == "matrix_chain" else 1.0),
                measured_at=f"2026-03-{day:02}T02:{minute:02}:00.000Z",
            )
            for workload, minute in (("broadcast_sum", 10), ("matrix_chain", 30))
            for variant in ("numpy", "jax_jit")
        ]
        started = f"2026-03-{day:02}T02:00:00.000Z"
        builders.stored(
            opened.database_url, lines, started_at=started, suite="nightly", request="nightly", machine="otter"
        )
    return opened


def tonight(opened, **said):
    plan = core.make_plan(core.Choice("nightly"), SETTINGS, [environments.current()])
    return nights.budgeted(plan, opened, Nightly(**said), "otter", TONIGHT)


def test_a_night_without_a_budget_measures_everything(opened):
    """First what no night has measured yet, then in the suite's own order."""
    found = tonight(opened)
    assert list(dict.fromkeys(case.workload for case in found.plan.cases)) == ["sine", "broadcast_sum", "matrix_chain"]
    assert found.plan.request == "nightly"
    assert found.plan.left_out == []


def test_what_ended_the_last_night_at_once_does_not_come_first_again(opened):
    """If what is first brings the machine down, the rest would never be measured: then in the suite's order."""
    said = {"suite": "nightly", "request": "nightly", "machine": "otter", "started_at": "2026-03-03T23:00:00.000Z"}
    builders.stored(opened.database_url, [], unreached=3, finished=False, **said)
    cases = tonight(opened).plan.cases
    assert list(dict.fromkeys(case.workload for case in cases)) == ["broadcast_sum", "matrix_chain", "sine"]


def test_a_night_measures_what_its_budget_holds(opened):
    """First what was never measured, then what moved: with all its sizes; the rest is told, and is no lack."""
    found = tonight(opened, budget_seconds=25 * 60)
    assert [(case.workload, case.size) for case in found.plan.cases] == [
        ("sine", 100),
        ("sine", 100),
        ("matrix_chain", 8),
        ("matrix_chain", 32),
    ]
    assert found.tonight.seconds == 20 * 60 + 2 * (3 + nights.STARTING_SECONDS)  # one that is known, one that is not
    assert found.plan.settings.run_limit_seconds == 25 * 60 * nights.OVERRUN
    assert found.plan.left_out == ["postponed: broadcast_sum: a night holds 1500 s; each has its turn every 7 nights"]
    assert bundle.lacks(found.plan.left_out) == []


def test_noise_floors_are_of_what_the_night_measures(opened):
    """Chosen among all of the suite, they might be of nothing."""
    settings = Settings(suites={"nightly": SETTINGS.suites["nightly"].model_copy(update={"noise_floor_cases": 2})})
    plan = core.make_plan(core.Choice("nightly"), settings, [environments.current()])
    found = nights.budgeted(plan, opened, Nightly(budget_seconds=45 * 60), "otter", TONIGHT).plan
    assert sum(case.again for case in found.cases) == 2
    assert [place.again for place in found.places] == [False, True]


def test_a_first_night_keeps_to_its_budget_too(home):
    """By what a case takes at least; a database that is away is like a first night, and is said."""
    seconds = 3 + nights.STARTING_SECONDS
    said: list[str] = []
    plan = core.make_plan(core.Choice("nightly"), SETTINGS, [environments.current()])
    tonight = Nightly(budget_seconds=3.2 * seconds)
    found = nights.budgeted(plan, open_home(), tonight, "otter", TONIGHT, said.append)
    assert said[0].startswith("nothing is known of earlier nights: ")
    assert found.tonight.chosen == ("broadcast_sum", "matrix_chain")  # one case and two
    assert found.tonight.postponed == ("sine",)
    assert found.tonight.overdue == ()  # it has not waited yet


def test_a_budget_that_is_too_small_is_said(opened):
    """What waits for longer than it may makes the run less than whole."""
    found = tonight(opened, budget_seconds=1, every_nights=1)
    assert found.plan.left_out[1].startswith("overdue: broadcast_sum: ")
    assert bundle.lacks(found.plan.left_out) == found.plan.left_out[1:]
