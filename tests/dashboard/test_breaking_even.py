"""From measurements to break-evens, their words, their chart and their table."""

import math
from types import SimpleNamespace

import pytest

from dashboard import break_even_charts, break_even_words, breaking_even, cost_tables
from dashboard.breaking_even import TRANSFERS, break_evens
from tests.dashboard.costly import AT_ONCE, NEVER, PAYS, UNSURE, a_cost, costs

EVERY = costs(PAYS, NEVER, AT_ONCE, UNSURE)


def answer(*points):
    return break_even_words.answer(break_evens(costs(*points))).replace("\u00a0", " ").replace("\\", "")


def test_every_size_has_its_break_even():
    """Each kind where it was built in, ascending."""
    found = break_evens(EVERY)
    assert list(found["size"]) == [16, 64, 256, 1024]
    assert list(found["kind"]) == ["never", "unsure", "at once", "after"]
    assert [found["calls"].iloc[-1], found["low"].iloc[1]] == [100, 100]
    assert math.isnan(found["calls"].iloc[0])


def test_numpys_own_variants_have_nothing_to_pay_off():
    """They compile nothing; a size without a number keeps its reason."""
    lost = a_cost("jax_jit", 1024, first=1.0, status="failed", verdict="failed", reason="it broke")
    found = break_evens(costs(a_cost("numpy_loop", 16, first=1.0, ratio=0.5), lost))
    assert list(found["variant"]) == ["jax_jit"]
    assert list(found["kind"]) == ["failed"]


def test_transfers_count_once_or_at_every_call():
    """5 ms once: ten calls more. 0.25 ms at every call: half as much is saved, so it takes twice as long."""
    assert break_evens(costs(PAYS), TRANSFERS[1])["calls"].item() == pytest.approx(110, abs=1)
    light = a_cost("jax_jit", 1024, first=50.0, ratio=0.5, transfer_in_seconds=2.5e-4, transfer_out_seconds=0.0)
    assert break_evens(costs(light), TRANSFERS[2])["calls"].item() == pytest.approx(199, abs=1)
    assert breaking_even.transfers(costs(PAYS)) == list(TRANSFERS)
    assert breaking_even.transfers(costs(a_cost("jax_jit", 16, first=1.0, transfer_in_seconds=math.nan))) == [
        "not counted"
    ]


def test_first_calls_are_taken_from_the_processes_that_compiled():
    """The interval is over cold processes; another place, or none, has no part in it."""
    frame = costs(PAYS).drop(columns=["first_low_seconds", "first_high_seconds"])
    key = {name: frame.iloc[-1][name] for name in ("workload_version", "case_key", "variant", "device", "threads")}
    cold = [{"first_call": {"seconds": seconds, "cache_hits": 0}} for seconds in (0.05, 0.06, 0.07)]
    warm = [{"first_call": {"seconds": 1e-6, "cache_hits": 1}}, {"first_call": None}]
    rows = [SimpleNamespace(place=0, processes=cold + warm, **key), SimpleNamespace(place=1, processes=warm, **key)]
    found = breaking_even.with_first_calls(frame, rows)
    assert found["first_low_seconds"].iloc[-1] == pytest.approx(0.0391, rel=0.01)
    assert found["first_high_seconds"].iloc[-1] == pytest.approx(0.0903, rel=0.01)
    assert found["first_low_seconds"].iloc[:-1].isna().all()


def test_the_largest_size_comes_first_and_the_rest_is_named():
    """One sentence with the number, then where it never, at once or perhaps pays off."""
    assert answer(PAYS, NEVER, AT_ONCE, UNSURE) == (
        "**Compiled JAX at n = 1,024: its first call has paid off from 100 calls on.** "
        "Ahead from the first call on at n = 256. Never at n = 16. Unsure at n = 64."
    )
    wide = a_cost("jax_jit", 1024, first=50.0, ratio=0.5, spread=0.1)
    assert "from 100 calls [82, 120] on.**" in answer(wide)
    assert answer(a_cost("jax_jit", 16, first=5.0, ratio=0.5), PAYS).endswith(
        "At n = 16 it has paid off from 10 calls on."
    )


def test_what_is_alike_at_every_size_is_said_once():
    """Neither a list of all sizes, nor a number that there is not."""
    slower = [{**NEVER, **a_cost("jax_jit", n, first=50.0, ratio=2.0)} for n in (16, 64)]
    assert answer(*slower) == (
        "**Compiled JAX at every size, n = 16 to 64: its first call never pays off, because later calls save nothing.**"
    )
    failed = {**PAYS, "status": "failed", "verdict": "failed", "reason": "it *broke*", "ratio": math.nan}
    assert "Compiled JAX has no number to compare:** it *broke*" in answer(failed)
    assert answer({**UNSURE, "size": 1024.0}) == "**Compiled JAX at n = 1,024: unsure, not before 100 calls.**"


@pytest.mark.parametrize(
    ("figures", "text"),
    [((3, 2, 4), "3"), ((99, 1, 1000), "99"), ((1234, 1000, 1500), "1,200"), ((1234, 1230, 1238), "1,234")],
)
def test_a_number_of_calls_has_the_digits_that_its_interval_allows(figures, text):
    """Few calls are exact."""
    assert break_even_words.number(*figures) == text


def test_the_chart_draws_numbers_with_intervals_and_puts_the_rest_at_its_edge():
    """Points where there is a number; never and unsure above all of them, each by its own mark; a legend of both."""
    figure = break_even_charts.break_evens(break_evens(EVERY))
    points, *others = figure.data
    assert [calls for calls in points.y if calls == calls] == [1, 100]
    marks = {trace.marker.symbol: trace for trace in others if trace.mode == "markers" and trace.x[0]}
    assert marks["x-thin-open"].x == (16,)
    assert marks["circle-open"].x == (64,)
    assert min(marks["x-thin-open"].y[0], marks["circle-open"].y[0]) > 1000
    assert {trace.name for trace in others if trace.showlegend is not False} == {"never (1)", "unsure (1)"}
    (dotted,) = (trace for trace in others if trace.mode == "lines")
    assert dotted.y[0] == 100  # what is known of the unsure one: not before so many calls


def test_bars_reach_to_the_ends_of_the_interval():
    """Not symmetric, as the interval is not."""
    even = break_evens(costs(a_cost("jax_jit", 1024, first=50.0, ratio=0.5, spread=0.1)))
    bars = break_even_charts.break_evens(even).data[0]
    assert bars.y[0] + bars.error_y.array[0] == even["high"].item()
    assert bars.y[0] - bars.error_y.arrayminus[0] == even["low"].item()


def test_the_table_has_the_first_call_its_phases_and_numpy_beside_it():
    """The answer in the first columns."""
    table = cost_tables.break_evens(EVERY, break_evens(EVERY))
    assert list(table)[:3] == ["Size", "Variant", "Break-even"]
    assert list(table["Break-even"])[:2] == ["reference", "never"]
    assert table["Break-even"].iloc[-1] == "100 calls"
    assert "Of it compiling" in table
