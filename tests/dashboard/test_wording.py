"""The answers in words."""

import pandas as pd
import pytest

from dashboard import wording
from tests.dashboard.apps import words
from tests.dashboard.frames import a_frame, a_point


def test_the_answer_says_where_the_verdict_changes():
    """Slower at small sizes and faster at large ones is told with the two sizes between which it flips."""
    frame = a_frame(jax_jit=[(10, "slower", 2.0), (100, "slower", 1.5), (1000, "faster", 0.5), (10000, "faster", 0.25)])
    assert words(wording.answer(frame)) == (
        "Compiled JAX against NumPy: slower up to n = 100, faster from n = 1,000 on. "
        "The lead changes hands between n = 100 and 1,000. "
        "At n = 10,000 it takes 0.25× [0.23, 0.27] the time of NumPy, and 2.0× [1.8, 2.2] at n = 10."
    )


def test_unsure_is_an_answer():
    """Sizes without a verdict are named as unsure, and the lead is not said to have changed there alone."""
    frame = a_frame(jax_jit=[(10, "slower", 2.0), (100, "unsure", 1.0), (1000, "unsure", 0.9)])
    text = words(wording.answer(frame))
    assert "slower at n = 10, unsure from n = 100 on" in text
    assert "changes hands" not in text


def test_one_verdict_everywhere_is_said_once():
    """The same verdict at every size gives one clause with both ends, and the ratio at the largest size only."""
    text = words(wording.answer(a_frame(jax_jit=[(10, "faster", 0.5), (100, "faster", 0.25)])))
    assert "faster at every size, n = 10 to 100." in text
    assert text.endswith("At n = 100 it takes 0.25× [0.23, 0.27] the time of NumPy.")


def test_the_compiled_variant_comes_first():
    """Whatever the order of the rows, compiled JAX is answered before the others."""
    frame = a_frame(jax_eager=[(10, "slower", 9.0)], jax_jit=[(10, "slower", 2.0)], numpy_loop=[(10, "slower", 50.0)])
    starts = [paragraph.split(" against")[0] for paragraph in words(wording.answer(frame)).split("\n\n")]
    assert starts == ["Compiled JAX", "Eager JAX", "numpy_loop"]


def test_one_process_gives_no_verdict_and_says_why():
    """Ratios without an interval are shown as such, and the reader is told that one process is too few."""
    frame = a_frame(jax_jit=[(10, "unsure", 0.5), (100, "unsure", 0.25)], interval=False)
    text = words(wording.answer(frame))
    assert "unsure at every size" in text
    assert "0.25× the time of NumPy" in text
    assert "in one process" in text


def test_what_was_not_measured_is_answered_with_its_reason():
    """A variant without a single time is not left out: the reason stands in the answer."""
    frame = pd.DataFrame([a_point("jax_jit", 10, status="unsupported", reason="needs jax")])
    assert words(wording.answer(frame)) == "Compiled JAX was not measured: needs jax."


def test_numpy_alone_has_no_answer():
    """Without a second variant the page says that there is nothing to compare."""
    assert "nothing to compare" in wording.answer(pd.DataFrame([a_point("numpy", 10)]))


@pytest.mark.parametrize(
    ("seconds", "low", "high", "text"),
    [
        (2.81e-3, None, None, "2.8 ms"),
        (2.81e-3, 2.7e-3, 2.9e-3, "2.81 ms [2.70, 2.90]"),
        (2.81e-3, 2.0e-3, 3.9e-3, "2.8 ms [2.0, 3.9]"),
        (1.5, None, None, "1.5 s"),
        (4e-8, None, None, "40 ns"),
        (0.0, None, None, "0 ns"),
        (float("nan"), None, None, "–"),
        (2e-3, float("nan"), float("nan"), "2.0 ms"),
    ],
)
def test_a_duration_has_no_more_digits_than_its_interval(seconds, low, high, text):
    """Digits come from the width of the interval; two without one; a dash for what is absent."""
    assert wording.duration(seconds, low, high) == text


def test_the_first_call_is_told_apart():
    """What the first call costs more than a later one, at the largest size; NumPy has no such cost to tell."""
    frame = pd.DataFrame(
        [a_point("numpy", 10), a_point("jax_jit", 10), a_point("jax_jit", 100, first_call_seconds=0.057)]
    )
    assert [words(text) for text in wording.first_calls(frame)] == [
        "The first call of compiled JAX at n = 100 costs 56 ms more than a later one."
    ]


def test_where_a_frame_comes_from():
    """Machine, time, versions, threads and device are in the caption; devices apart where they differ."""
    frame = pd.DataFrame([a_point("numpy", 10), a_point("jax_jit", 10, device="gpu:H100")])
    assert words(wording.provenance(frame, "vm")) == (
        "Measured on vm, 2026-03-01 02:00 UTC, with NumPy 2.4.6 and JAX 0.10.2 on Python 3.11.7; "
        "threads: 2; device: cpu (NumPy), gpu:H100 (compiled JAX)."
    )
    assert "gpu:\u2060H100" in wording.provenance(frame, "vm")
    lost = frame.assign(status=["measured", "unsupported"], device=["cpu", ""], threads=[2, 1])
    assert words(wording.provenance(lost, "vm")).endswith("threads: 2; device: cpu.")
    assert words(wording.provenance(frame.assign(status="failed"), "vm")).endswith("on Python 3.11.7.")
    assert "NumPy 2.4.6, without JAX" in words(wording.provenance(frame.assign(jax=None), "vm"))
    busy = frame.assign(disturbed=["others used 1.0 of 2 cores", ""])
    assert words(wording.provenance(busy, "vm")).endswith("Others used the machine during 1 of 2 measurements (~).")


@pytest.mark.parametrize("name", ["<b>x</b>", "[l](e)", "**x**", "`x`", "$x$", "_x_", "a | b", "~~x~~", "&lt;", "\\*"])
def test_names_are_text_in_markdown(name):
    """Every character that Markdown would read is escaped: without the escapes it is the name again."""
    escaped = wording.plain(name)
    assert escaped.replace("\\", "") == name.replace("\\", "")
    assert all(escaped[place - 1] == "\\" for place, sign in enumerate(escaped) if sign in "<>[]*`$_|~&")


@pytest.mark.parametrize("name", [":material/home:", ":red[x]", "x:smile:", "http://x"])
def test_names_are_neither_icons_nor_colours(name):
    """A colon that could begin one of Streamlit's directives is parted from what follows."""
    assert ":\u2060" in wording.plain(name)
    assert wording.plain("16:25, at: 2") == "16:25, at: 2"


@pytest.mark.parametrize(
    ("step", "exponent", "text"), [(1, -6, "1 µs"), (2, -5, "20 µs"), (1, -9, "1 ns"), (5, 1, "50 s")]
)
def test_ticks_have_units(step, exponent, text):
    """Axis labels are small whole numbers with a unit."""
    assert wording.tick(step, exponent) == text


def test_sizes_days_and_reasons_are_short():
    """In units that people know; a dash for what nobody knows, an ellipsis for what is too long to be read."""
    assert (wording.disk(385_400_000.0), wording.disk(float("nan"))) == ("385 MB", "–")
    assert (wording.day(pd.Timestamp("2026-03-01 23:00", tz="UTC")), wording.day(pd.NaT)) == ("2026-03-01", "–")
    assert wording.short("x" * 500) == "x" * (wording.MAX_REASON - 1) + "…"
