"""A thinner line loses no extreme."""

import math
import random

import pytest

from dashboard.thinning import kept


def test_a_short_line_stays_as_it_is():
    """Without what is not there."""
    assert kept([1.0, math.nan, 3.0], 4) == [0, 2]
    assert kept([], 4) == []


@pytest.mark.parametrize("count", [1501, 2000, 9999])
def test_no_extreme_is_lost(count):
    """A spike of one night, up or down, wherever it is; first and last; in order; no more than was asked for."""
    dice = random.Random(count)
    figures = [dice.gauss(100, 1) for _ in range(count)]
    spikes = dice.sample(range(count), 20)
    for number, place in enumerate(spikes):
        figures[place] = 200 if number % 2 else 10
    places = kept(figures, 1500)
    assert len(places) <= 1500
    assert places == sorted(set(places))
    assert places[0] == 0
    assert places[-1] == count - 1
    assert min(figures) == min(figures[place] for place in places)
    assert max(figures) == max(figures[place] for place in places)


def test_each_stretch_keeps_its_own_lowest_and_highest():
    """Not only those of the whole."""
    figures = [float(k % 10 + 10 * (k // 50)) for k in range(500)]
    places = kept(figures, 22)
    for start in range(0, 500, 50):
        inside = [figures[place] for place in places if start <= place < start + 50]
        assert (min(inside), max(inside)) == (min(figures[start : start + 50]), max(figures[start : start + 50]))
