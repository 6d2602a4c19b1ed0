"""Verdicts on an upgrade: within a tolerance, after several looks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis import upgrade
from analysis.upgrade import difference, judge, pooled, settled


@pytest.mark.parametrize(
    ("ratio", "low", "high", "verdict"),
    [
        (1.0, 0.96, 1.04, "same"),
        (1.02, 1.01, 1.03, "same"),  # slower, but by less than matters
        (1.2, 1.06, 1.3, "slower"),
        (1.2, 1.04, 1.3, "unsure"),
        (0.5, 0.4, 0.6, "faster"),
        (0.9, 0.8, 0.96, "unsure"),
        (1.0, 0.5, 2.0, "unsure"),
        (1.5, None, None, "unsure"),
    ],
)
def test_a_verdict_is_sure_within_the_tolerance_or_it_is_none(ratio, low, high, verdict):
    """Of 5 %: beyond it, within it, or it could be either."""
    assert judge(ratio, low, high, 0.05) == verdict


def test_looks_are_pooled_by_how_sure_they_are():
    """Two equal ones narrow the interval by the root of two; a vague one hardly counts."""
    one = (1.1, 1.1 / 1.04, 1.1 * 1.04)
    ratio, low, high = pooled([one, one])
    assert ratio == pytest.approx(1.1)
    assert math.log(high / ratio) == pytest.approx(math.log(1.04) / math.sqrt(2))
    assert math.log(ratio / low) == pytest.approx(math.log(high / ratio))
    assert pooled([one, (5.0, 0.5, 50.0)])[0] == pytest.approx(1.1, rel=1e-3)


def test_a_look_without_an_interval_weighs_nothing():
    """And where none has one, nothing is known of how sure it is."""
    assert pooled([(2.0, None, None), (1.0, 0.9, 1.1)])[0] == pytest.approx(1.0)
    assert pooled([(2.0, None, None), (3.0, None, None)]) == (3.0, None, None)


@pytest.mark.parametrize(
    ("looks", "verdict"),
    [
        ([(1.0, 0.97, 1.03)], "same"),
        ([(1.5, 1.4, 1.6)], "unsure"),  # one look is none
        ([(1.5, 1.4, 1.6), (1.5, 1.4, 1.6)], "slower"),
        ([(1.5, 1.4, 1.6), (1.0, 0.97, 1.03)], "same"),  # it stood out by chance
        ([(0.9, 0.8, 1.2), (1.5, 1.4, 1.6)], "unsure"),  # the looks contradict each other
        ([(1.5, 1.4, 1.6), (0.5, 0.4, 0.6)], "unsure"),
    ],
)
def test_what_stands_out_is_judged_by_the_later_looks(looks, verdict):
    """Of many comparisons some stand out by chance at the first one."""
    assert settled(looks, 0.05)[1] == verdict


def test_equals_are_hardly_ever_called_slower():
    """40 equal pairs, noise of 3 %, intervals as five processes give them: a thousand checks, few wrong verdicts."""
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(1000):
        looks = []
        for processes in (5, 10, 20):
            logs = rng.normal(0, 0.03, (40, processes))
            middle, error = logs.mean(axis=1), logs.std(axis=1, ddof=1) / math.sqrt(processes)
            width = {5: 2.776, 10: 2.262, 20: 2.093}[processes] * error
            looks.append(np.exp([middle, middle - width, middle + width]).T)
        verdicts = [settled([tuple(look[case]) for look in looks], 0.05)[1] for case in range(40)]
        wrong += any(verdict in ("slower", "faster") for verdict in verdicts)
    assert wrong <= 2


def test_values_differ_by_their_largest_relative_difference():
    """Relative to a number and the mean of all, so that one near zero does not ask for the impossible."""
    assert difference([1.0, 1.0], [1.0, 1.0]) == 0
    assert difference([1.0, 3.0], [1.0, 3.5]) == pytest.approx(0.5 / 5)
    assert difference([0.0, 2.0], [1e-9, 2.0]) == pytest.approx(1e-9)
    assert difference([], []) == 0


@pytest.mark.parametrize(
    ("old", "new"), [([1.0], [1.0, 2.0]), (["nan"], [1.0]), (["inf"], ["-inf"]), ([0.0, 0.0], [0.0, 1.0])]
)
def test_what_has_no_relative_difference_differs_without_bound(old, new):
    """Other counts, other values that are not finite, something where nothing was."""
    assert difference(old, new) == upgrade.LARGEST


def test_the_same_that_is_not_finite_is_the_same():
    """NaN where NaN was."""
    assert upgrade.difference(["nan", 1.0], ["nan", 1.0]) == 0
