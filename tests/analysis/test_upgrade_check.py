"""What looks at an upgrade come to: in verdicts, and in one sentence."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from analysis import upgrade_check
from analysis.upgrade_check import Changed, Seen

SAME, SLOWER, OPEN = (1.0, 0.99, 1.01), (1.5, 1.45, 1.55), (1.0, 0.8, 1.25)


def a_look(run, ratios, lost=(), processes=20):
    keys = {("sort", "{}", name): ratio for name, ratio in ratios.items()}
    reasons = {("sort", "{}", name): f"{name} broke" for name in lost}
    return Seen(run, keys, dict.fromkeys(keys, "n"), dict.fromkeys(keys, processes), [], reasons)


def found(*looks, planned=2):
    return upgrade_check.check(looks, old="A", new="B", tolerance=0.05, planned=planned)


@pytest.mark.parametrize(
    ("looks", "answer"),
    [
        ([a_look("1", {})], "Not known: nothing could be compared."),
        ([a_look("1", {"a": SAME, "b": SAME})], "Safe as far as this goes: none of 2 got slower by more than 5 %."),
        (
            [a_look("1", {"a": SAME, "b": OPEN})],
            "Safe as far as this goes: none of 2 got slower by more than 5 %; 1 could be either, which this machine "
            "cannot tell.",
        ),
        ([a_look("1", {"a": SAME, "b": SLOWER})], "Not settled: at the only look, 1 of 2 got slower by more than 5 %."),
        ([a_look("1", {"a": SAME}, ["b"])], "Not settled: at the only look, 1 no longer works."),
        (
            [a_look("1", {"a": SAME, "b": SLOWER}), a_look("2", {"b": SLOWER})],
            "Not safe: 1 of 2 got slower by more than 5 %.",
        ),
        ([a_look("1", {"a": SAME}, ["b"]), a_look("2", {}, ["b"])], "Not safe: 1 no longer works."),
        (
            [a_look("1", {"a": SAME}, ["b"]), a_look("2", {"b": SAME})],  # the machine's doing
            "Safe as far as this goes: none of 2 got slower by more than 5 %.",
        ),
    ],
)
def test_one_sentence_says_what_the_looks_come_to(looks, answer):
    """What stands out at the only look is no verdict yet; what a second look says too is one."""
    assert upgrade_check.answer(found(*looks)) == answer


def test_a_look_that_says_otherwise_leaves_it_open():
    """Slower at first, faster then."""
    check = found(a_look("1", {"a": SLOWER}), a_look("2", {"a": (0.8, 0.75, 0.85)}))
    assert [one.verdict for one in check.judged] == ["unsure"]
    assert (check.is_safe, check.open_questions) == (True, [])


def a_plan(processes, *sizes):
    cases = [{"workload": "sort", "case": {"n": n}} for n in sizes]
    return {"settings": {"processes": processes}, "cases": cases}


@pytest.mark.parametrize(
    ("plan", "is_next"),
    [
        (a_plan(10, 1), True),
        (a_plan(10, 1, 2), True),
        (a_plan(10, 1, 3), False),  # it was not looked at before
        (a_plan(5, 1), False),
        ({}, False),
    ],
)
def test_a_further_look_is_known_by_its_plan(plan, is_next):
    """Some of the same cases, in twice as many processes."""
    assert upgrade_check.is_next_look(plan, a_plan(5, 1, 2)) == is_next


def a_result(place, sha, numbers, inputs="x"):
    result = {"sha256": sha, "numbers": numbers, "inputs_sha256": inputs}
    return SimpleNamespace(workload="sort", case_key="{}", variant="numpy", place=place, result=result)


@pytest.mark.parametrize(
    ("new", "how"),
    [
        (a_result(2, "a", [1.0]), None),
        (a_result(2, "b", [1.1]), "relative difference up to 0.05 in the numbers looked at"),
        (a_result(2, "b", [1.0]), "some bits, none in the numbers looked at"),
        (a_result(2, "b", ["nan"]), "something that is not finite, or of another size"),
        (a_result(2, "b", [1.1], "y"), "from other inputs: the same seed draws other random numbers there"),
    ],
)
def test_values_that_changed_are_told_of_any_two_places(new, how):
    """And by how much."""
    changed = upgrade_check.changes([a_result(0, "c", [9.0]), a_result(1, "a", [1.0]), new], 1, 2)
    assert [upgrade_check.how_changed(one) for one in changed] == ([how] if how else [])
    assert all(isinstance(one, Changed) for one in changed)
