"""What nights did, in words."""

import pandas as pd
import pytest

from dashboard import one_point, trend_words, trends
from dashboard.trends import FIRST_CALL, MEMORY, TO_FIRST, TO_MACHINE, TO_NUMPY, View
from tests.dashboard import nightly
from tests.dashboard.apps import words
from tests.dashboard.frames import a_point

WOBBLE = (1.002, 0.998, 1.001, 0.999, 1.0)
SLOWER = [1e-3 * WOBBLE[k % 5] * (1.3 if k >= 10 else 1.0) for k in range(20)]
FLAT = [1e-2 * WOBBLE[k % 5] for k in range(20)]
UPGRADED = ["0.9.2"] * 10 + ["0.10.0"] * 10


def told(levels, view=None, changes=None, variants=("numpy", "jax_jit"), **said):
    frame = trends.drawn(nightly.rows(levels, **said), nightly.series(*variants), view or View())
    changes = pd.DataFrame() if changes is None else changes
    return words(trend_words.answer(frame, trends.upgrades(frame), changes, view or View()))


def a_change(**said):
    found = {"series_id": 2, "before": "jax==0.9.2", "after": "jax==0.10.0 (group 2)", "ratio": 1.28}
    return pd.DataFrame([{**found, "low": 1.2, "high": 1.36, **said}])


def test_a_verdict_per_variant_the_compiled_one_first():
    """With the ratio of the last nights to the first; the step and what came with it; that it is no proof."""
    compiled, numpy = told({1: FLAT, 2: SLOWER}, jax=UPGRADED).split("\n\n")
    assert compiled.startswith("Compiled JAX: slower. In the last 7 nights it took 1.3")
    assert "the time of the first 7 nights, 2026-03-01 to 2026-03-20." in compiled
    assert "begins with 2026-03-11, with JAX 0.9.2 → 0.10.0. That they came together is no proof." in compiled
    assert numpy.startswith("NumPy: the same.")
    assert "No single step is sure." in numpy


def test_a_step_without_an_upgrade_says_so():
    """Nothing is blamed."""
    said = told({1: FLAT, 2: SLOWER})
    assert "slower, begins with 2026-03-11; no upgrade of NumPy or JAX came with it," in said
    assert "so it may be the machine's own." in said


def test_what_a_backfill_found_too_is_said():
    """Of this series, in this direction, within this upgrade; else it remains a coincidence."""
    confirmed = told({1: FLAT, 2: SLOWER}, changes=a_change(), jax=UPGRADED)
    assert "A backfill found it too, side by side: 1.3× [1.2, 1.4] from JAX 0.9.2 to JAX 0.10.0." in confirmed
    assert "no proof" not in confirmed
    others = (
        {"series_id": 1},
        {"ratio": 0.8},
        {"after": "jax==0.11.0"},
        {"after": "jax==0.9.2"},
        {"after": "numpy==2"},
    )
    for other in others:
        assert "no proof" in told({1: FLAT, 2: SLOWER}, changes=a_change(**other), jax=UPGRADED), other


def test_too_few_nights_are_no_verdict():
    """Under five with a number, however different; said once, and of a variant alone where others have more."""
    few = [1e-3, 9e-3, None, 9e-3, 9e-3]
    assert told({1: few, 2: few}) == "Too few nights for a verdict: 4 nights have a number, and it takes 5."
    assert "1 night has a number" in told({1: [1e-3]}, variants=("numpy",))
    compiled, numpy = told({1: [1e-3] * 5, 2: few}).split("\n\n")
    assert compiled == (
        "Compiled JAX: too few nights. 4 nights have a number, and a verdict needs 5. "
        "No number in 1 of 5 nights (failed)."
    )
    assert numpy.startswith("NumPy: the same.")


def test_noise_is_unsure():
    """An interval that holds 1 and reaches far."""
    noisy = [1e-3 * (1 + 0.3 * ((k * 7) % 5 - 2) / 2) for k in range(20)]
    assert told({1: noisy}, variants=("numpy",)).startswith("NumPy: unsure.")


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (View(FIRST_CALL), "The first call of compiled JAX: slower. In the last 7 nights it took 1.3"),
        (View(MEMORY), "The peak memory of compiled JAX: more. In the last 7 nights it was 1.3"),
        (View(shown=TO_NUMPY), "Compiled JAX against NumPy: slower. In the last 7 nights it was 1.3"),
        (View(shown=TO_FIRST), "Compiled JAX: slower. In the last 7 nights it took 1.3"),
    ],
)
def test_other_figures_have_other_words(view, text):
    """Memory gets more; a ratio is against something."""
    ratios = {"ratio": SLOWER, "ratio_low": SLOWER, "ratio_high": SLOWER}
    further = {"first_call_seconds": SLOWER, "peak_bytes": [one * 1e11 for one in SLOWER]}
    assert text in told({2: SLOWER}, view, variants=("numpy", "jax_jit"), **ratios, **further)


def test_runs_by_hand_are_told_by_day():
    """Two on one day are one."""
    days = [0, 0.1, 1, 2, 3]
    frame = trends.drawn(nightly.rows({1: [1e-3] * 5}, days, track=None, request=""), nightly.series("numpy"), View())
    assert "Too few days for a verdict: 4 days have a number" in words(
        trend_words.answer(frame, [], pd.DataFrame(), View())
    )
    assert "these are runs by hand" in trend_words.legend(frame, View())


def test_a_comparison_that_was_not_side_by_side_says_so():
    """And the other machine's name is text."""
    frame = trends.drawn(nightly.rows({1: [1e-3] * 5}), nightly.series("numpy"), View())
    text = trend_words.legend(frame, View(shown=TO_MACHINE, other="<b>owl</b>"))
    assert "over those of <b>owl</b> in the same night, not sampled side by side" in words(text)
    assert "<b>" not in text
    assert "sampled side by side" in trend_words.legend(frame, View(shown=TO_NUMPY))


def test_why_there_is_nothing_to_draw():
    """All failed; the other machine has no such night; it was not recorded."""
    frame = trends.drawn(nightly.rows({1: [None, None]}), nightly.series("numpy"), View())
    assert "There is no number in any night: failed." in words(trend_words.no_number(frame, View()))
    frame = trends.drawn(nightly.rows({1: [1e-3]}), nightly.series("numpy"), View())
    view = View(shown=TO_MACHINE, other="owl")
    assert "no night in which owl measured the same" in words(trend_words.no_number(frame, view))
    assert "There is no peak memory" in words(trend_words.no_number(frame, View(MEMORY)))


def test_a_point_is_found_by_what_was_clicked():
    """A gap, a point of other choices and no click are none."""
    frame = trends.drawn(nightly.rows({1: [1e-3, 2e-3]}), nightly.series("numpy"), View())

    def clicked(*points):
        return one_point.chosen({"selection": {"points": list(points)}}, frame)

    assert one_point.key(clicked({"customdata": ["text", "2-0-1"]})) == (2, 0, 1)
    for nothing in ((), ({"customdata": ["", ""]},), ({"customdata": ["text", "9-0-1"]},), ({"customdata": None},)):
        assert clicked(*nothing) is None


def test_all_that_is_known_of_a_point_is_told():
    """What was not recorded is left out; the run is a link where the page can show it, else a command."""
    absent = ("lower_seconds", "execute_seconds", "start_seconds", "transfer_in_seconds", "transfer_out_seconds")
    known = a_point("jax_jit", 10, ratio=0.5, verdict="faster", load=0.5, peak_bytes=3e8, import_seconds=0.4)
    known |= {**dict.fromkeys(absent, float("nan")), "trace_seconds": 0.01, "compile_seconds": 0.03}
    known |= {"device_peak_bytes": float("nan"), "disturbed": "others used 20 % of the cores"}
    row = nightly.rows({1: [1e-3]}).to_dict("records")[0]
    nothing = pd.DataFrame({"uuid": []})
    table = dict(one_point.facts(row, known, nothing, "vm").itertuples(index=False))
    assert {name: words(text) for name, text in table.items()} == {
        "Run": "2026-03-01 02:00 UTC, 00000000; `crossover show 00000000` prints it",
        "Status": "measured",
        "Time per call": "1.0 ms [0.92, 1.1]",
        "Ratio to NumPy": "0.50× [0.46, 0.54], faster",
        "Versions": "NumPy 2.4.6, JAX 0.10.2, Python 3.11.7",
        "Environment": "current",
        "Computed on": "cpu, threads: 2",
        "First call": "50 ms, of that tracing 10 ms, compiling 30 ms",
        "Import of the library": "400 ms",
        "Peak memory": "300 MB",
        "Load of the machine": "0.5",
        "Disturbed (~)": "others used 20 % of the cores",
    }
    runs = pd.DataFrame([{"uuid": row["uuid"], "started_at": row["started_at"]}])
    link = one_point.facts(row, known, runs, "a machine")["Known"][0]
    assert link.endswith("(runs?machine=a%20machine&run=2026-03-01%2002%3A00%20UTC%2C%2000000000)")
    failed = one_point.facts(row, known | {"status": "failed", "reason": "it <b>broke</b>"}, runs, "vm")
    assert r"failed: it \<b\>broke" in failed["Known"][1]
    assert "Time per call" not in set(failed["What"])
