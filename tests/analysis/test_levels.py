"""Levels over nights: a shift is told with an interval that holds, and noise gives no step."""

import numpy as np
import pytest

from analysis.levels import LEAST_NIGHTS, first_to_last, largest_step, shift


def nights(*levels, spread=0.015, seed=1):
    """Figures around each level in turn, `(level, how many nights)`."""
    dice = np.random.default_rng(seed)
    return [float(level * np.exp(dice.normal(0, spread))) for level, count in levels for _ in range(count)]


def test_the_last_nights_stand_beside_the_first():
    """A tenth slower at the end: the ratio of medians says so, and its interval does not reach 1."""
    found = first_to_last(nights((1e-3, 30), (1.1e-3, 30)))
    assert found.ratio == pytest.approx(1.1, rel=0.03)
    assert 1 < found.low < found.ratio < found.high < 1.2
    assert found.nights == (7, 7)


def test_one_wild_night_moves_no_median():
    """The newest night took ten times as long: what is told stays near 1, and less is sure."""
    quiet = [*nights((1e-3, 39))]
    found, wild = first_to_last([*quiet, 1e-3]), first_to_last([*quiet, 1e-2])
    assert wild.ratio == pytest.approx(found.ratio, rel=0.03)
    assert wild.high > 1.5 > found.high


def test_few_nights_are_halved_and_too_few_say_nothing():
    """Five nights: two against two. Four: nothing."""
    assert first_to_last([1.0, 1.0, 1.5, 2.0, 2.0]).nights == (2, 2)
    assert first_to_last([1.0] * (LEAST_NIGHTS - 1)) is None


@pytest.mark.parametrize(("count", "spread"), [(2, 1), (3, 1), (5, 1), (7, 1), (7, 4)])
def test_the_interval_holds_the_truth_at_least_as_often_as_it_says(count, spread):
    """Nights of one level, on both sides alike or one side noisier: 95 % of intervals hold 1, or more."""
    dice = np.random.default_rng(count)
    sides = dice.normal(0, 0.02, (1000, 2, count)) * np.array([1, spread])[None, :, None]
    held = [found.low <= 1 <= found.high for before, after in np.exp(sides) for found in [shift(before, after)]]
    assert np.mean(held) >= 0.945


def test_the_largest_step_is_found_at_its_night():
    """Of two steps the larger one, exactly where it is."""
    found = largest_step(nights((1.0, 40), (1.1, 30), (1.4, 50)))
    assert found.at == 70
    assert found.shift.ratio == pytest.approx(1.4 / 1.1, rel=0.03)
    assert found.shift.low > 1.1


def test_a_step_down_is_one_too():
    """Faster is told by a ratio below 1."""
    found = largest_step(nights((2.0, 20), (1.0, 20)))
    assert (found.at, found.shift.high < 0.6) == (20, True)


def test_a_spike_is_no_step():
    """One night, or two, three times as slow."""
    for wild in (1, 2):
        assert largest_step(nights((1.0, 30), (3.0, wild), (1.0, 30))) is None


def test_noise_gives_a_step_less_often_than_it_may():
    """Fifty quiet years: at most two with a step."""
    assert sum(largest_step(nights((1.0, 365), seed=seed)) is not None for seed in range(50)) <= 2


def test_what_nobody_would_notice_is_no_step():
    """One per cent, however sure."""
    assert largest_step(nights((1.0, 30), (1.01, 30), spread=1e-4)) is None


def test_equal_figures_are_no_reason_to_fail():
    """A clock that says the same every night: the ratio is known as it is."""
    found = largest_step([1.0] * 5 + [2.0] * 5)
    assert (found.at, found.shift.ratio, found.shift.low) == (5, 2.0, 2.0)
    assert first_to_last([1.0] * 9).high == 1.0
    assert largest_step([]) is None
