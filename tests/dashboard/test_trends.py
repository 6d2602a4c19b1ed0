"""Frames of nights: which series are chosen, what is drawn of them, where lines break, which upgrades there are."""

import math
from datetime import date

import pandas as pd
import pytest

from dashboard import trends
from dashboard.trends import FIRST_CALL, MEASURED, STEADY, TO_FIRST, TO_MACHINE, TO_NUMPY, View
from tests.dashboard import nightly


def test_a_choice_of_device_is_of_those_that_have_several():
    """NumPy has the CPU alone, and stays beside JAX on either."""
    both = pd.concat([nightly.series("numpy", "jax_jit"), nightly.series("jax_jit", device="gpu", id=3)])
    assert trends.options(both, "device") == ["cpu", "gpu"]
    assert trends.options(both, "threads") == ["2"]
    assert list(trends.narrowed(both, "device", "gpu")["id"]) == [1, 3]
    assert list(trends.narrowed(both, "device", "cpu")["id"]) == [1, 2]


def test_the_newest_computer_and_version_come_first():
    """Series of another computer, or of another meaning, are never one line."""
    found = pd.concat([nightly.series("numpy"), nightly.series("numpy", fingerprint="beef", workload_version=2)])
    assert trends.options(found, "computer") == ["beef", "f00d"]
    assert trends.options(found, "version") == ["2", "1"]
    assert len(trends.narrowed(found, "computer", "beef")) == 1


def test_another_machines_series_are_those_alike():
    """Same variant, case and version, on its newest computer; our device where it has several."""
    ours = nightly.series("numpy", "jax_jit")
    theirs = pd.concat(
        [
            nightly.series("jax_jit", id=1, fingerprint="old"),
            nightly.series("numpy", id=2, threads=8),
            nightly.series("jax_jit", id=3, device="gpu"),
            nightly.series("jax_jit", id=4),
            nightly.series("jax_jit", id=5, workload_version=2),
            nightly.series("jax_jit", id=6, case_key='{"n":2}'),
        ]
    )
    assert list(trends.beside(theirs, ours)["id"]) == [2, 4]
    assert trends.beside(trends.named(pd.DataFrame()), ours).empty


def test_what_can_be_shown_depends_on_what_there_is():
    """No ratio to NumPy of a first call, or without JAX; no other machine where there is none."""
    both = nightly.series("numpy", "jax_jit")
    assert trends.shown(STEADY, both, ["owl"]) == [MEASURED, TO_NUMPY, TO_FIRST, TO_MACHINE]
    assert trends.shown(FIRST_CALL, both, []) == [MEASURED, TO_FIRST]
    assert trends.shown(STEADY, nightly.series("numpy"), []) == [MEASURED, TO_FIRST]


def test_figures_are_drawn_as_measured():
    """What failed has none."""
    frame = trends.drawn(nightly.rows({1: [1e-3, None, 2e-3]}), nightly.series("numpy"), View())
    assert list(frame["y"])[::2] == [1e-3, 2e-3]
    assert math.isnan(frame["y"][1])
    assert frame["low"][0] == pytest.approx(0.98e-3)
    assert frame["figure"][0] == "1.00 ms [0.980, 1.02]"


def test_further_measures_have_no_interval():
    """That of a call is not theirs."""
    rows = nightly.rows({1: [1e-3, 1e-3]}, first_call_seconds=[0.5, 0.25])
    frame = trends.drawn(rows, nightly.series("numpy"), View(FIRST_CALL))
    assert list(frame["y"]) == [0.5, 0.25]
    assert frame["low"].isna().all()


def test_ratios_to_numpy_are_those_that_were_sampled_side_by_side():
    """Not quotients of medians; NumPy itself has none, and where there is no ratio there is none."""
    rows = nightly.rows({1: [1e-3, 1e-3], 2: [5e-4, 5e-4]})
    rows = rows.assign(ratio=[math.nan, math.nan, 0.4, math.nan], ratio_low=0.3, ratio_high=0.5)
    frame = trends.drawn(rows, nightly.series("numpy", "jax_jit"), View(shown=TO_NUMPY))
    assert set(frame["variant"]) == {"jax_jit"}
    assert frame["y"][0] == 0.4
    assert math.isnan(frame["y"][1])


def test_the_first_night_that_has_a_number_is_what_others_are_shown_over():
    """Of each variant its own."""
    rows = nightly.rows({1: [None, 2e-3, 3e-3], 2: [1e-3, 1e-3, 4e-3]})
    frame = trends.drawn(rows, nightly.series("numpy", "jax_jit"), View(shown=TO_FIRST))
    assert list(frame[frame["variant"] == "numpy"]["y"])[1:] == pytest.approx([1.0, 1.5])
    assert list(frame[frame["variant"] == "jax_jit"]["y"]) == pytest.approx([1.0, 1.0, 4.0])


def test_another_machine_is_compared_night_by_night():
    """Both intervals are in the quotient's; a night that it lacks has no figure."""
    mine = nightly.series("numpy")
    theirs = trends.drawn(nightly.rows({1: [2e-3, None, 4e-3]}), mine, View())
    frame = trends.drawn(nightly.rows({1: [1e-3, 1e-3, 1e-3, 1e-3]}), mine, View(shown=TO_MACHINE), theirs)
    assert frame["y"][0] == pytest.approx(0.5)
    assert frame["y"][2] == pytest.approx(0.25)
    assert frame["y"].isna().tolist() == [False, True, False, True]
    assert math.log(frame["high"][0] / 0.5) == pytest.approx(math.hypot(math.log(1.02), math.log(1 / 0.98)))
    nothing = trends.drawn(pd.DataFrame(), mine, View())
    assert trends.drawn(nightly.rows({1: [1e-3]}), mine, View(shown=TO_MACHINE), nothing)["y"].isna().all()


@pytest.mark.parametrize(
    ("days", "stretches"),
    [
        ([0, 1, 2, 3, 4], [0, 0, 0, 0, 0]),
        ([0, 1, 2, 4, 5], [0, 0, 0, 1, 1]),
        ([0, 7, 14, 21, 40], [0, 0, 0, 0, 1]),  # each seventh night, as a budget may leave it
        ([0, 0.1, 1, 2, 3], [0, 0, 0, 0, 0]),
    ],
)
def test_a_line_breaks_where_nights_are_missing(days, stretches):
    """More than usual."""
    frame = trends.drawn(nightly.rows({1: [1e-3] * 5}, days), nightly.series("numpy"), View())
    assert list(frame["stretch"]) == stretches


def test_a_line_breaks_where_a_night_failed():
    """What is on its two sides is not joined."""
    frame = trends.drawn(nightly.rows({1: [1e-3, 1e-3, None, 1e-3]}), nightly.series("numpy"), View())
    assert frame["stretch"][0] == frame["stretch"][1] != frame["stretch"][3]


def test_a_run_in_several_environments_is_one_point():
    """The first: the line would go up and down."""
    rows = nightly.rows({1: [1e-3]})
    twice = pd.concat([rows, rows.assign(place=1, seconds=2e-3)])
    assert list(trends.drawn(twice, nightly.series("numpy"), View())["y"]) == [1e-3]


def test_an_upgrade_is_another_version_than_in_the_night_before():
    """Of NumPy and of JAX; between the nights; JAX may be gone."""
    rows = nightly.rows({1: [1e-3] * 4, 2: [1e-3] * 4}, numpy=["2.3.0", "2.4.0", "2.4.0", "2.4.0"])
    rows["jax"] = ["0.9.0", "0.9.0", "0.10.0", None] * 2
    found = trends.upgrades(trends.drawn(rows, nightly.series("numpy", "jax_jit"), View()))
    assert [(one.night, one.text) for one in found] == [
        (date(2026, 3, 2), "NumPy 2.3.0 → 2.4.0"),
        (date(2026, 3, 3), "JAX 0.9.0 → 0.10.0"),
        (date(2026, 3, 4), "JAX 0.10.0 → none"),
    ]
    assert found[0].middle == pd.Timestamp("2026-03-01 14:00", tz="UTC")


def test_runs_by_hand_are_no_nights():
    """They are in no track, and were asked for as something else."""
    rows = nightly.rows({1: [1e-3]})
    assert not trends.is_by_hand(rows)
    assert trends.is_by_hand(rows.assign(request="", track=None))
    assert not trends.is_by_hand(rows.assign(request="nightly", track=None))


def test_tracks_are_named_and_none_comes_last():
    """What was measured in none has a name too."""
    found = trends.tracks(["", "latest", "pinned"])
    assert list(found.items()) == [("latest", "latest"), ("pinned", "pinned"), ("no track", "")]
    assert trends.since("last year", date(2026, 11, 20)) == date(2025, 11, 20)
    assert trends.since("all", date(2026, 11, 20)) == date(1970, 1, 1)
