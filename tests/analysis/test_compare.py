"""A ratio with its interval becomes a verdict, and `unsure` is one."""

import math

import pytest

from analysis.compare import quotient, verdict


@pytest.mark.parametrize(
    ("ratio", "low", "high", "word"),
    [
        (0.5, 0.4, 0.6, "faster"),
        (2.0, 1.5, 2.5, "slower"),
        (1.0, 0.99, 1.01, "same"),
        (1.0, 0.9, 1.1, "unsure"),
        (0.97, 0.93, 1.01, "unsure"),
        (0.95, 0.93, 0.999, "faster"),
        (1.015, 1.012, 1.018, "same"),  # certainly slower, by less than anybody would choose by
        (0.5, None, None, "unsure"),  # one process is one draw
        (float("nan"), float("nan"), float("nan"), "unsure"),
    ],
)
def test_the_whole_interval_decides(ratio, low, high, word):
    """Never the middle alone."""
    assert verdict(ratio, low, high) == word


@pytest.mark.parametrize("interval", [(0.5, 0.4, 0.6), (1.2, 1.1, 1.3), (1.0, 0.99, 1.015), (1.0, 0.9, 1.2)])
def test_turning_the_sides_round_turns_the_verdict_round(interval):
    """Faster becomes slower; same and unsure stay."""
    ratio, low, high = interval
    turned = {"faster": "slower", "slower": "faster", "same": "same", "unsure": "unsure"}
    assert verdict(1 / ratio, 1 / high, 1 / low) == turned[verdict(ratio, low, high)]


def test_how_near_is_the_same_can_be_chosen():
    """A noisy machine may want more."""
    assert verdict(1.03, 1.02, 1.04) == "slower"
    assert verdict(1.03, 1.02, 1.04, same_within=0.05) == "same"


def test_a_quotient_knows_what_both_intervals_know():
    """As independent: its log interval is as long as the hypotenuse of theirs."""
    ratio, low, high = quotient((4.0, 4.0 / 1.03, 4.0 * 1.03), (2.0, 2.0 / 1.04, 2.0 * 1.04))
    width = math.hypot(math.log(1.03), math.log(1.04))
    assert (ratio, low, high) == pytest.approx((2.0, 2.0 * math.exp(-width), 2.0 * math.exp(width)))


def test_a_quotient_turns_round_what_is_lopsided():
    """The upper end comes from the candidate's upper and the baseline's lower one."""
    ratio, low, high = quotient((1.0, 1.0, 1.0), (2.0, 1.0, 3.0))
    assert (ratio, low, high) == pytest.approx((0.5, 1 / 3, 1.0))


@pytest.mark.parametrize("lacking", [(1.0, None, None), (1.0, 0.0, 2.0)])
def test_a_quotient_without_two_intervals_has_none(lacking):
    """Nor where an interval begins at nothing."""
    assert quotient((2.0, 1.9, 2.1), lacking) == (2.0, None, None)
    assert quotient(lacking, (2.0, 1.9, 2.1)) == (0.5, None, None)
