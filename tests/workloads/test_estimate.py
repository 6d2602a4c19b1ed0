"""Medians, ratios and intervals, against independent sources and known truth."""

import math

import numpy as np
import pytest
from scipy import stats

from workloads import estimate


@pytest.mark.parametrize("degrees", [1, 2, 5, 29, 30, 31, 60, 1000])
def test_the_t_quantile_is_students(degrees):
    """The table and what continues it agree with SciPy."""
    assert estimate.student_t_975(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=2e-4)


@pytest.mark.parametrize("n", [6, 9, 10, 20, 51, 200])
def test_the_median_interval_uses_the_right_order_statistics(n):
    """The tightest symmetric pair of ranks that covers 95 %, by the binomial distribution."""
    low, high = estimate.median_interval(range(n))
    covered = stats.binom.cdf(high, n, 0.5) - stats.binom.cdf(low, n, 0.5)
    tighter = stats.binom.cdf(high - 1, n, 0.5) - stats.binom.cdf(low + 1, n, 0.5)
    assert covered >= 0.95 > tighter
    assert low + high == n - 1


def test_few_values_give_their_whole_range():
    """Below six values nothing narrower covers 95 %."""
    assert estimate.median_interval([3.0, 1.0, 2.0]) == (1.0, 3.0)


def test_seconds_are_taken_over_processes():
    """The interval shows how processes differ, however many samples each has."""
    alike = estimate.seconds([[1.0, 1.1, 0.9] * 100, [2.0, 2.2, 1.8] * 100])
    assert alike.value == pytest.approx(math.sqrt(2))
    assert alike.low < 1.0 < 2.0 < alike.high


def test_one_process_has_no_interval():
    """One process is one draw."""
    assert estimate.seconds([[1.0, 1.2, 1.1]]) == estimate.Estimate(pytest.approx(1.1), None, None)


def test_a_ratio_of_pairs_survives_drift():
    """Load that slows both sides of each pair leaves the ratio alone."""
    drift = np.linspace(1, 3, 30)
    baseline = [drift, drift[::-1]]
    candidate = [2 * drift, 2 * drift[::-1]]
    found = estimate.ratio(candidate, baseline)
    assert found.value == pytest.approx(2)
    assert found.high - found.low < 1e-9


def test_the_ratio_turned_round_is_one_over_the_ratio():
    """Which side is called the baseline changes nothing."""
    rng = np.random.default_rng(3)
    a, b = rng.lognormal(size=(4, 9)), rng.lognormal(size=(4, 9))
    there, back = estimate.ratio(a, b), estimate.ratio(b, a)
    assert there.value == pytest.approx(1 / back.value)
    assert there.low == pytest.approx(1 / back.high)


def test_the_interval_covers_the_truth_about_95_times_in_100():
    """Nested noise of a known size: 1,000 measurements of five processes with twenty samples each."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(1000):
        processes = np.exp(rng.normal(0, 0.05, size=(5, 1)) + rng.normal(0, 0.1, size=(5, 20)))
        found = estimate.seconds(processes.tolist())
        hits += found.low <= 1 <= found.high
    assert 930 <= hits <= 968


@pytest.mark.parametrize(
    ("low", "high", "hidden"), [(0.99, 1.02, 0.02), (0.8, 1.1, 0.25), (1.05, 1.1, 0.1), (None, None, None)]
)
def test_a_noise_floor_is_the_largest_change_inside_the_interval(low, high, hidden):
    """0.8 is as far from 1 as 1.25 is; without an interval nothing is known."""
    assert estimate.noise_floor(low, high) == (None if hidden is None else pytest.approx(hidden))


def test_half_a_width_is_a_share_of_the_middle():
    """Infinite without an interval: what is not known is not precise."""
    assert estimate.half_width(estimate.Estimate(1.0, 0.99, 1.01)) == pytest.approx(0.01, rel=0.01)
    assert estimate.half_width(estimate.Estimate(1.0, None, None)) == float("inf")


def test_the_width_of_an_interval_is_a_share_of_its_middle():
    """Half of it, on the log scale; what has no interval is as wide as can be."""
    assert estimate.half_width(estimate.Estimate(1.0, 0.9, 1 / 0.9)) == pytest.approx(-math.log(0.9))
    assert estimate.half_width(estimate.Estimate(5.0, 5.0, 5.0)) == 0
    assert estimate.half_width(estimate.Estimate(1.0, None, None)) == math.inf
