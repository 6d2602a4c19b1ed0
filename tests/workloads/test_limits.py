"""Deadlines, on a clock that the test sets."""

import math

import pytest

from workloads import limits
from workloads.limits import Deadline


@pytest.fixture
def time(monkeypatch):
    """A list whose last number is the time."""
    now = [100.0]
    monkeypatch.setattr(limits, "clock", lambda: now[-1])
    return now


def test_a_deadline_counts_down_to_nothing(time):
    """Seconds left, never below 0; over when none is left."""
    deadline = Deadline(10.0)
    assert (deadline.seconds_left(), deadline.is_over()) == (10.0, False)
    time.append(109.5)
    assert (deadline.seconds_left(), deadline.is_over()) == (0.5, False)
    time.append(110.0)
    assert (deadline.seconds_left(), deadline.is_over()) == (0.0, True)
    time.append(500.0)
    assert (deadline.seconds_left(), deadline.is_over()) == (0.0, True)


def test_no_deadline_is_never_over(time):
    """Where nobody set a limit."""
    deadline = Deadline(None)
    time.append(1e9)
    assert (deadline.seconds_left(), deadline.is_over()) == (math.inf, False)


def test_a_wait_is_as_long_as_there_is_time(time):
    """And no longer than asked; a moment even when there is none, so that what is there already is heard."""
    deadline = Deadline(10.0)
    assert (deadline.at_most(60), deadline.at_most(3)) == (10.0, 3)
    time.append(200.0)
    assert deadline.at_most(60) == 0.1
    assert Deadline(None).at_most(60) == 60
