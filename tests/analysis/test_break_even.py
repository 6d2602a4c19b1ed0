"""Break-even: what counting call by call would say, with an interval that holds it wherever the figures lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.break_even import BreakEven, Pair, break_even, first_call, total

MOST = 400  # calls that are counted one by one
WHOLE = st.integers(1, 60)  # in microseconds, say: sums are exact
EIGHTHS = st.sampled_from([eighths / 8 for eighths in range(1, 17)])


def exact(figure):
    return figure, figure, figure


def a_pair(first, steady, candidate_first, ratio, **besides):
    return Pair(exact(first), exact(steady), exact(candidate_first), exact(ratio), **besides)


def counted(first, steady, candidate_first, ratio, once=0.0, each=0.0):
    """The call from which on the candidate is ahead at every later one too; None: it is not, at the last one."""
    ahead = [
        candidate_first + once + calls * each + (calls - 1) * steady * ratio < first + (calls - 1) * steady
        for calls in range(1, MOST)
    ]
    return None if not ahead[-1] else max((k for k, is_ahead in enumerate(ahead, 1) if not is_ahead), default=0) + 1


@st.composite
def intervals(draw):
    """Figures with intervals, and figures somewhere inside them."""
    pair, inside = [], []
    for scale in (1.0, 1.0, 10.0, 1 / 20):
        low, middle, high, other = (scale * draw(WHOLE) for _ in range(4))
        low, middle, high = sorted((low, middle, high))
        pair.append((middle, low, high))
        inside.append(min(max(other, low), high))
    return Pair(*pair), inside


@given(WHOLE, WHOLE, WHOLE, EIGHTHS, st.integers(0, 9), st.integers(0, 3))
def test_it_is_what_counting_finds(first, steady, candidate_first, ratio, once, each):
    """Sums of whole numbers of eighths: equal totals are equal, and do not count as less."""
    figures = (first, steady, candidate_first, ratio)
    found = break_even(a_pair(*figures, once=once, each=each))
    by_hand = counted(*figures, once=once, each=each)
    if found.calls is None or found.calls < MOST:
        assert found.calls == by_hand
    assert (found.low, found.high) == (found.calls, found.calls)
    assert found.kind == ("never" if found.calls is None else "at once" if found.calls == 1 else "after")


@given(intervals())
def test_the_interval_holds_every_answer_that_the_figures_allow(known):
    """Wherever inside their intervals the true figures lie: their break-even lies between the ends."""
    pair, inside = known
    found, truth = break_even(pair), break_even(a_pair(*inside)).calls
    if found.kind == "never":
        assert truth is None
    elif truth is None:
        assert found.kind == "unsure"
    else:
        assert found.low <= truth <= (found.high or truth)


@given(intervals(), st.integers(-20, 20))
def test_another_machine_that_is_as_many_times_faster_has_the_same(known, power):
    """All seconds times a factor: the same calls."""
    pair, _ = known
    times = [tuple(2.0**power * end for end in figure) for figure in (pair.first, pair.steady, pair.candidate_first)]
    assert break_even(Pair(*times, pair.ratio)) == break_even(pair)


@given(intervals(), WHOLE, EIGHTHS)
def test_what_costs_more_is_repaid_later(known, more, slower):
    """A longer first call of the candidate, slower later calls, a transfer: never fewer calls."""
    pair, _ = known
    base = break_even(pair).calls or float("inf")
    longer = tuple(end + more for end in pair.candidate_first)
    later = tuple(end * (1 + slower) for end in pair.ratio)
    for worse in (
        Pair(pair.first, pair.steady, longer, pair.ratio),
        Pair(pair.first, pair.steady, pair.candidate_first, later),
        Pair(pair.first, pair.steady, pair.candidate_first, pair.ratio, once=more),
        Pair(pair.first, pair.steady, pair.candidate_first, pair.ratio, each=more),
    ):
        assert (break_even(worse).calls or float("inf")) >= base


@pytest.mark.parametrize(
    ("ratio", "says"),
    [
        ((0.5, 0.25, 0.75), BreakEven("after", 100, 67, 198)),
        ((0.5, 0.5, 0.5), BreakEven("after", 100, 100, 100)),
        ((2.0, 1.5, 3.0), BreakEven("never", None, None, None)),
        ((0.75, 0.5, 1.25), BreakEven("unsure", 198, 100, None)),
        ((1.25, 0.5, 1.5), BreakEven("unsure", None, 100, None)),
        ((0.5, None, None), BreakEven("unsure", 100, 1, None)),
    ],
)
def test_the_interval_of_the_ratio_decides_what_can_be_said(ratio, says):
    """A first call of 50 ms against 1 ms, later ones of 1 ms: what is saved, and how surely, is the ratio's matter."""
    first, steady, candidate_first = (exact(seconds) for seconds in (1.0, 1.0, 50.0))
    assert break_even(Pair(first, steady, candidate_first, ratio)) == says


def test_a_first_call_of_one_process_is_no_certainty():
    """One draw has no interval: unsure, but for a candidate whose later calls are slower anyhow."""
    once = (50.0, None, None)
    assert break_even(Pair(exact(1.0), exact(1.0), once, exact(0.5))) == BreakEven("unsure", 100, 1, None)
    assert break_even(Pair(exact(1.0), exact(1.0), once, exact(2.0))).kind == "never"


def test_it_pays_at_once_only_where_the_first_call_is_surely_the_shorter():
    """A shorter first call whose interval reaches the other's: from the first call on, or from some later one."""
    assert break_even(a_pair(9.0, 1.0, 8.0, 0.5)).kind == "at once"
    perhaps = break_even(Pair((9.0, 8.0, 10.0), exact(1.0), (8.0, 7.0, 9.0), exact(0.5)))
    assert perhaps == BreakEven("after", 1, 1, 4)


def test_first_calls_of_processes_have_an_interval():
    """The middle one, and Student's t over their logarithms; one process has none."""
    middle, low, high = first_call([0.05, 0.06, 0.07])
    assert middle == 0.06
    assert low == pytest.approx(0.0391, rel=0.01)
    assert high == pytest.approx(0.0903, rel=0.01)
    assert first_call([0.05]) == (0.05, None, None)


def test_a_total_is_the_first_call_and_the_later_ones():
    """One call is the first one alone, whatever is known of the others."""
    first, steady = (5.0, 4.0, 7.0), (2.0, 1.0, 3.0)
    assert total(first, steady, 1) == first
    assert total(first, steady, 11) == (25.0, 14.0, 37.0)
    assert total(first, (2.0, None, None), 11) == (25.0, None, None)
    assert total(first, (2.0, None, None), 1) == first
