"""Verdicts on an upgrade: within a tolerance, after several looks."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import upgrade
from analysis.upgrade import Look, difference, judge, pooled, settled
from benchmarks.upgrade_errors import a_look, simulated


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


def test_looks_are_pooled_as_if_they_were_one():
    """Of all their processes: the same mean, and the same interval."""
    rng = np.random.default_rng(0)
    logs = rng.normal(0.05, 0.1, 30)
    together, one = pooled([a_look(logs[:10]), a_look(logs[10:])]), a_look(logs)
    assert (together.ratio, together.low, together.high) == pytest.approx((one.ratio, one.low, one.high))
    assert together.processes == 30


def test_a_look_without_an_interval_weighs_nothing():
    """And where none has one, nothing is known of how sure it is."""
    sure, vague, other = Look(1.0, 0.9, 1.1, 5), Look(2.0, None, None, 1), Look(3.0, None, None, 1)
    assert pooled([vague, sure]).ratio == pytest.approx(1.0)
    assert pooled([vague, other]) == other


LOW, SAME, HIGH = Look(0.5, 0.4, 0.6, 20), Look(1.0, 0.97, 1.03, 20), Look(1.5, 1.4, 1.6, 20)


@pytest.mark.parametrize(
    ("looks", "verdict"),
    [
        ([SAME], "same"),
        ([HIGH], "unsure"),  # one look is none
        ([HIGH, HIGH], "slower"),
        ([LOW, LOW], "faster"),
        ([HIGH, SAME], "same"),  # it stood out by chance
        ([Look(0.9, 0.8, 1.2, 5), HIGH], "unsure"),  # the looks contradict each other
        ([HIGH, LOW], "unsure"),
    ],
)
def test_what_stands_out_is_judged_by_the_later_looks(looks, verdict):
    """Of many comparisons some stand out by chance at the first one."""
    assert settled(looks, 0.05)[1] == verdict


def test_slower_has_to_be_surer_the_more_was_compared():
    """The figure keeps its 95 % interval; what would stand out among 200 comparisons by chance is no verdict."""
    figure, verdict = settled([HIGH, Look(1.1, 1.06, 1.14, 20)], 0.05, chance=0.05)
    assert (verdict, round(figure.low, 2)) == ("slower", 1.06)
    assert settled([HIGH, Look(1.1, 1.06, 1.14, 20)], 0.05, chance=0.05 / 200) == (figure, "unsure")


@pytest.mark.parametrize("noise", [0.03, 0.2, 0.4])
def test_equals_are_hardly_ever_called_slower(noise):
    """Checks of 66 equal pairs by the rule that checks stop by: no more than one in twenty finds anything."""
    wrong = sum(simulated(np.random.default_rng(seed), noise).wrong for seed in range(60))
    assert wrong <= 3


def test_a_slow_down_beyond_the_noise_is_found():
    """15 % among equals, noise of 3 %: in every check."""
    assert all(simulated(np.random.default_rng(seed), 0.03, slower_by=0.15).found for seed in range(20))


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
