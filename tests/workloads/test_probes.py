"""Which process sits where, with which variables, and what its silence or its death is called."""

import sys

import pytest

from tests.workloads.measuring import HERE, a_case, a_plan, an_interpreter
from workloads import machine, probes
from workloads.limits import Deadline
from workloads.link import Link
from workloads.plan import Place
from workloads.probe import PROTOCOL
from workloads.probes import Probes, Seat, ask, describe, spoken, variables

NUMPY = Seat(HERE, "numpy")
TWO_CORES = pytest.mark.skipif(len(machine.affinity()) < 2, reason="needs two cores")


@pytest.mark.parametrize(("wide", "said"), [(True, "1"), (False, "0")])
def test_64_bits_are_decided_before_jax_is_imported(wide, said):
    """JAX reads it once."""
    assert variables(wide, None)["JAX_ENABLE_X64"] == said


def test_compiled_functions_are_kept_only_where_asked():
    """Off: a first call would depend on what ran before. On: all of them, however short, in this folder."""
    assert variables(False, None)["JAX_ENABLE_COMPILATION_CACHE"] == "0"
    assert "JAX_COMPILATION_CACHE_DIR" not in variables(False, None)
    asked = variables(False, None, "/a/cache")
    assert (asked["JAX_ENABLE_COMPILATION_CACHE"], asked["JAX_COMPILATION_CACHE_DIR"]) == ("1", "/a/cache")
    assert asked["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] == "0"


def test_a_probe_is_kept_from_case_to_case_and_ended_with_the_others():
    """One process for a seat and a draw; another for the next draw; a dropped one is replaced."""
    with Probes(a_plan([a_case()])) as kept:
        first, again, other = (next(kept.ready([NUMPY], draw, wide=False))[1] for draw in (0, 0, 1))
        assert first is again
        assert first.pid != other.pid
        kept.drop(NUMPY, 0, wide=False)
        kept.drop(NUMPY, 0, wide=False)
        assert ask(other, 10, do="analyse")["status"] == "failed"  # alive, with nothing prepared
        ((_, replaced, _),) = kept.ready([NUMPY], 0, wide=False)
        assert replaced.pid not in (first.pid, other.pid)
    assert {link._process.returncode for link in (first, other, replaced)} == {-9}


@TWO_CORES
def test_draws_start_on_other_cores():
    """With one thread each: the first draw on one core, the second on another, and each finds one core."""
    with Probes(a_plan([a_case()], threads=1)) as kept:
        found = [started for draw in range(2) for _, _, started in kept.ready([NUMPY], draw, wide=False)]
    assert [started["cores"] for started in found] == [[core] for core in machine.affinity()[:2]]
    assert [started["threads"] for started in found] == [1, 1]


def test_a_place_that_is_there_again_is_described_as_such():
    """The same interpreter under another name."""
    plan = a_plan([a_case()], [HERE, Place("current (again)", sys.executable, again=True)])
    first, again = describe(plan)
    assert (first["again"], again["again"]) == (False, True)
    assert first["found"]["digest"] == again["found"]["digest"]
    assert again["import_seconds"]["numpy"] > 0


def test_a_probe_that_ended_is_replaced_for_the_next_case():
    """Whatever ended it is told where it happened, and not to a case that has nothing to do with it."""
    with Probes(a_plan([a_case()])) as kept:
        ((_, ended, _),) = kept.ready([NUMPY], 0, wide=False)
        assert ask(ended, 0.0, do="describe")["status"] == "timed_out"
        ((_, fresh, started),) = kept.ready([NUMPY], 0, wide=False)
        assert fresh is not ended
        assert started["status"] == "ready"


def test_no_start_is_waited_for_longer_than_the_case_has_time():
    """An interpreter that never says a word costs its case and no more."""
    with Probes(a_plan([a_case()], timeout_seconds=60)) as kept:
        silent = Seat(Place("silent", "/bin/cat"), "numpy")
        ((_, _, started),) = kept.ready([silent], 0, wide=False, deadline=Deadline(0.2))
    assert started["status"] in ("timed_out", "failed")


def test_death_silence_and_want_of_memory_are_answers(tmp_path):
    """Like any other, each with its status."""
    for lines, status in [
        (["exit 1"], "failed"),
        (["echo std::bad_alloc >&2", "exit 1"], "out_of_memory"),
        (["sleep 60"], "timed_out"),
    ]:
        link = Link(an_interpreter(tmp_path, "python", *lines))
        assert ask(link, 0.5 if status == "timed_out" else 30, do="describe")["status"] == status
        link.close()


def test_a_probe_that_ended_before_it_was_told_is_an_answer_too(tmp_path):
    """Nobody reads what is sent to it."""
    link = Link(an_interpreter(tmp_path, "python", "exit 4"))
    link._process.wait()
    assert "exit code 4" in ask(link, 10, do="describe")["reason"]
    link.close()


def test_a_probe_of_another_protocol_is_refused():
    """An environment may carry an older copy of this very package."""
    assert spoken({"status": "ready", "protocol": PROTOCOL})["status"] == "ready"
    assert spoken({"status": "ready", "protocol": 1})["status"] == "failed"
    assert spoken({"status": "misplaced", "reason": "x"})["reason"] == "x"


@pytest.mark.parametrize(("asked", "given"), [(2**30, 2**30), (None, int(machine.usable_memory_bytes() * 0.8) or None)])
def test_a_probe_may_have_what_the_plan_says_or_four_fifths_of_the_machine(monkeypatch, asked, given):
    """So that a probe that wants more is refused, before the kernel has to choose whom to end."""
    requests = []
    monkeypatch.setattr(probes, "ask", lambda link, timeout, **request: requests.append(request) or {"status": "ready"})
    with Probes(a_plan([a_case()], memory_bytes=asked)) as kept:
        list(kept.ready([NUMPY], 0, wide=False))
    assert [request["memory_bytes"] for request in requests] == [given]
