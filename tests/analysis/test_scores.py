"""One figure per workload and one for all: what weighs how much, and what is counted."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from analysis.scores import ALL, scores


def a_row(workload, ratio, *, variant="jax_jit", place=0, spread=0.001):
    known = ratio is not None
    low, high = (ratio * (1 - spread), ratio * (1 + spread)) if known and spread else (None, None)
    return SimpleNamespace(place=place, workload=workload, variant=variant, ratio=ratio, ratio_low=low, ratio_high=high)


def test_every_workload_weighs_the_same():
    """However many cases it has; the mean is geometric, so that half and twice as fast are even."""
    rows = [a_row("a", 0.5), a_row("a", 2.0), a_row("a", 1.0), a_row("b", 4.0)]
    found = {score.workload: score for score in scores(rows)}
    assert {name: (score.ratio, score.cases) for name, score in found.items()} == {
        "a": (pytest.approx(1.0), 3),
        "b": (pytest.approx(4.0), 1),
        ALL: (pytest.approx(2.0), 4),
    }


def test_verdicts_are_counted():
    """What has no interval is neither faster nor slower; NumPy itself, and what has no number, is no case."""
    rows = [a_row("a", 0.5), a_row("a", 3.0), a_row("a", 1.0), a_row("a", 9.0, spread=None), a_row("a", None)]
    whole = scores(rows)[-1]
    assert (whole.cases, whole.faster, whole.slower, whole.same) == (4, 1, 1, 1)


def test_places_and_variants_stand_apart():
    """Each environment of a run has its own scores."""
    rows = [a_row("a", 0.5), a_row("a", 0.25, place=1), a_row("a", 8.0, variant="jax_eager")]
    assert [(score.place, score.variant, score.workload, score.ratio) for score in scores(rows)] == [
        (0, "jax_eager", "a", pytest.approx(8.0)),
        (0, "jax_eager", ALL, pytest.approx(8.0)),
        (0, "jax_jit", "a", pytest.approx(0.5)),
        (0, "jax_jit", ALL, pytest.approx(0.5)),
        (1, "jax_jit", "a", pytest.approx(0.25)),
        (1, "jax_jit", ALL, pytest.approx(0.25)),
    ]
    assert scores([]) == []
