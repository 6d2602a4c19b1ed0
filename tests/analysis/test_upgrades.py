"""What the tracks of a night came to that they did not the last time."""

from __future__ import annotations

from types import SimpleNamespace

from analysis.upgrades import upgraded


def a_row(run, track, jax="0.10.1", python="3.13.0"):
    return SimpleNamespace(run_id=run, track=track, python=python, numpy="2.4.6", jax=jax, jaxlib=jax)


def test_a_track_is_compared_with_the_last_night_that_had_it():
    """Whichever that was; one that is new, unchanged or no track is passed over."""
    rows = [
        *(a_row(3, "latest", "0.10.2"), a_row(3, "pinned"), a_row(3, "pre", "0.11.0"), a_row(3, None, "0.11.0")),
        *(a_row(2, "pinned"), a_row(2, None)),
        *(a_row(1, "latest"), a_row(1, "pinned", "0.1.0")),
    ]
    assert list(upgraded(rows, [3, 2, 1])) == ["latest: jax 0.10.1 to 0.10.2, jaxlib 0.10.1 to 0.10.2"]


def test_a_first_night_upgrades_nothing():
    """There is nothing that it could differ from."""
    assert list(upgraded([a_row(1, "latest")], [1])) == []
