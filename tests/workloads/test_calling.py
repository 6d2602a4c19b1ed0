"""The call that is timed, with and without a state that it hands on."""

import functools

import numpy as np
import pytest

from workloads import calling
from workloads.workload import WorkloadError


def test_without_a_state_nothing_of_ours_runs_beside_the_function():
    """The call is a partial of the very function, with the very arguments."""
    call, arguments = calling.call_of(max, (1, 2), 0)
    assert isinstance(call, functools.partial)
    assert (call(), arguments()) == (2, (1, 2))


def test_a_state_is_handed_from_call_to_call():
    """What a call returns first is what the next one gets first; the other arguments stay."""
    seen = []

    def step(total, count, amount):
        seen.append((total, count, amount))
        return total + amount, count + 1, "by the way"

    call, arguments = calling.call_of(step, (0, 0, 5), 2)
    assert (call(), call()) == ((5, 1, "by the way"), (10, 2, "by the way"))
    assert seen == [(0, 0, 5), (5, 1, 5)]
    assert arguments() == (10, 2, 5)


def test_a_single_array_is_a_state_of_one():
    """No tuple around it is asked for."""
    call, _ = calling.call_of(lambda x, y: x + y, (1, 2), 1)
    assert (call(), call()) == (3, 5)


def test_a_state_may_be_overwritten_without_harm():
    """Each preparation copies it; what is no state is the same array."""
    state, other = np.zeros(3), np.zeros(3)
    own, same = calling.with_own_state((state, other), 1)
    own += 1
    assert state.sum() == 0
    assert same is other


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (np.zeros(3), "carry=2 needs as many arrays back first, and 1 came"),
        ((np.zeros(3), np.zeros(4)), "an array of shape (3,) and dtype float64 as output 1"),
        ((np.zeros(3), np.zeros(3, np.float32)), "an array of shape (3,) and dtype float64 as output 1"),
    ],
    ids=["fewer", "another shape", "another dtype"],
)
def test_a_state_comes_back_as_it_went_in(returned, said):
    """Else the next call would be another computation: recompiled, or of another precision."""
    state = (np.zeros(3), np.zeros(3))
    calling.check_state((*state, np.zeros(9)), state)
    with pytest.raises(WorkloadError) as raised:
        calling.check_state(returned, state)
    assert said in str(raised.value)
