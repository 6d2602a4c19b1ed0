"""Sure steps become changes of a series, from one place of the run to another."""

from __future__ import annotations

from types import SimpleNamespace

from analysis.changes import changes
from analysis.steps import trends


def a_row(place, release, ratio, *, anchor=False, spread=0.01):
    said = {"series_id": 7, "workload": "sort", "case_key": "{}", "size_name": "n", "variant": "jax_jit"}
    interval = (None, None, None) if anchor else (ratio, ratio * (1 - spread), ratio * (1 + spread))
    return SimpleNamespace(
        **said,
        **dict(zip(("ratio", "ratio_low", "ratio_high"), interval)),
        place=place,
        environment=f"jax=={release}",
        measures="jax",
        jax=release,
        anchor=anchor,
        status="measured",
        reason="",
        seconds=1.0,
        step_from=None,
        step_ratio=None,
    )


def test_a_step_is_a_change_from_place_to_place():
    """What is within its interval is none."""
    rows = [a_row(0, "0.9.2", 1.0, anchor=True), a_row(1, "0.9.0", 1.01), a_row(2, "0.9.1", 2.0)]
    found = changes(trends(rows))
    assert [(change.series_id, change.before_place, change.place) for change in found] == [(7, 1, 2), (7, 2, 0)]
    up, down = found
    assert up.low < 2.0 / 1.01 < up.high
    assert down.high < 0.6
    assert changes(trends(rows[:2])) == []
