"""A case has a longest time, whatever it does: what it has by then is kept, and says so."""

import pytest

from tests.workloads.casework import by_draw, run
from tests.workloads.measuring import a_case
from tests.workloads.scripted import ScriptedProbes, forever
from workloads import limits


@pytest.fixture
def patience(monkeypatch):
    """Probes whose every preparation takes 10 s of the case's time."""
    now = [0.0]
    monkeypatch.setattr(limits, "clock", lambda: now[0])

    class Slow(ScriptedProbes):
        def ready(self, *args):
            for seat, link, started in super().ready(*args):
                self.pass_seconds(10)
                yield seat, link, started

        def pass_seconds(self, seconds):
            now[0] += seconds

    return Slow


def test_a_case_that_outlives_its_limit_keeps_the_processes_that_it_has(patience):
    """And says how many, and why no more."""
    measured, _ = run(None, case=a_case(), probes=patience(by_draw(1.0)), processes=5, case_limit_seconds=25)
    numpy = measured["numpy"]
    assert (numpy.status, len(numpy.processes)) == ("measured", 2)
    assert numpy.reason == "2 of 5 processes: the time of a case (25 s) was spent"


def test_a_case_that_is_whole_does_not_say_that_its_time_was_spent(patience):
    """The processes asked for are there; only those beyond them were left out."""
    measured, _ = run(None, case=a_case(), probes=patience(by_draw(1.0, 2.0)), processes=2, case_limit_seconds=25)
    assert (len(measured["numpy"].processes), measured["numpy"].reason) == (2, "")


def test_a_case_that_has_no_process_in_time_is_timed_out(patience):
    """No number, and the reason is the case's time."""
    measured, ratios = run(None, probes=patience(by_draw(1.0)), case_limit_seconds=15)
    assert {line.status for line in measured.values()} == {"timed_out"}
    assert {line.reason for line in measured.values()} == {"the time of a case (15 s) was spent"}
    assert ratios == []


def test_no_answer_is_waited_for_longer_than_the_case_has_time(patience):
    """Whatever the longest wait for one answer is."""
    probes = patience(by_draw(1.0))
    run(None, case=a_case(), probes=probes, processes=1, case_limit_seconds=25, timeout_seconds=60)
    assert next(wait for _, what, wait in probes.events if what == "heard") == 15


def test_a_process_that_the_limit_cuts_short_costs_only_itself(patience):
    """What the earlier ones gave is kept: an answer that does not come in time says nothing of the variant."""
    clock_runs_out = patience(None)

    def script(seat, draw):
        if draw == 1:
            yield 1.0
            clock_runs_out.pass_seconds(100)
            yield {"status": "timed_out", "reason": "no answer"}
        yield from forever(1.0)

    clock_runs_out._script = script
    measured, _ = run(None, case=a_case(), probes=clock_runs_out, processes=3, case_limit_seconds=50)
    assert (measured["numpy"].status, len(measured["numpy"].processes)) == ("measured", 1)
    assert "processes: the time of a case (50 s) was spent" in measured["numpy"].reason
