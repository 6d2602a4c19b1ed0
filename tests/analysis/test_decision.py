"""What to use for so many calls: agreed with the break-even, and nothing is said that is not sure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.break_even import Pair, break_even
from analysis.decision import Decision, decide, ratio_of_totals
from tests.analysis.test_break_even import a_pair, exact, intervals

FAST = a_pair(1.0, 1.0, 50.0, 0.5)
SLOW = a_pair(1.0, 1.0, 50.0, 2.0)
WIDE = Pair(exact(1.0), exact(1.0), (1.0, 0.5, 2.0), (1.0, 0.5, 2.0))


@given(intervals(), st.integers(1, 2000))
def test_from_the_break_even_on_the_candidate_is_ahead_and_before_it_is_not(known, calls):
    """At its upper end the ratio of totals is below 1 whatever is true; before the lower end it may not be."""
    pair, _ = known
    found, (_, low, high) = break_even(pair), ratio_of_totals(pair, calls)
    assert low <= high
    if found.high and calls >= found.high:
        assert high < 1 + 1e-9
    if found.low and calls < found.low:
        assert high >= 1 - 1e-9


@given(intervals(), st.integers(1, 100))
def test_the_ends_hold_whatever_the_figures_allow(known, calls):
    """The true figures lie anywhere inside their intervals."""
    pair, inside = known
    _, low, high = ratio_of_totals(pair, calls)
    truth, _, _ = ratio_of_totals(a_pair(*inside), calls)
    assert low * (1 - 1e-9) <= truth <= high * (1 + 1e-9)


@pytest.mark.parametrize(
    ("calls", "says"),
    [(1, Decision("faster", None)), (99, Decision("same", "jax")), (10_000, Decision("faster", "jax"))],
)
def test_the_number_of_calls_decides(calls, says):
    """Half the time per call, but a first one of 50: few calls are for the baseline, many for the candidate."""
    assert decide({"jax": FAST}, calls) == says


def test_a_sure_candidate_is_named_and_a_doubtful_one_not_left_out():
    """Of several the surely faster one; a doubtful one beside a slower one leaves all unsure."""
    assert decide({"slow": SLOW, "wide": WIDE, "fast": FAST}, 10_000) == Decision("faster", "fast")
    assert decide({"slow": SLOW, "wide": WIDE}, 10_000) == Decision("unsure", "wide")
    assert decide({"same": a_pair(1.0, 1.0, 1.0, 1.0), "wide": WIDE}, 10_000) == Decision("unsure", "wide")
    assert decide({"slow": SLOW}, 10_000) == Decision("faster", None)
    assert decide({}, 10_000) == Decision("faster", None)


def test_without_an_interval_nothing_is_sure():
    """One process: unsure, however far apart; a single call needs no ratio of later ones."""
    once = Pair((1.0, None, None), (1.0, None, None), (50.0, None, None), (0.01, None, None))
    assert decide({"jax": once}, 10_000) == Decision("unsure", "jax")
    known = Pair(exact(1.0), (1.0, None, None), exact(50.0), (0.01, None, None))
    assert decide({"jax": known}, 1) == Decision("faster", None)


def test_transfers_count_once_or_at_every_call():
    """What is moved with every call is paid with every call."""
    assert ratio_of_totals(a_pair(1.0, 1.0, 1.0, 0.5, once=4.0), 2)[0] == pytest.approx((1 + 0.5 + 4) / 2)
    assert ratio_of_totals(a_pair(1.0, 1.0, 1.0, 0.5, each=4.0), 2)[0] == pytest.approx((1 + 0.5 + 8) / 2)
