"""The pages Break-even and Decide on results with a known answer, without a browser."""

import pytest

from tests.builders import a_measurement, a_process, ratios_to_numpy, stored
from tests.dashboard.apps import choices, opened, said
from tests.dashboard.backfilled import BOTH, TRENDS, backfilled

#: NumPy takes 1 ms. At n = 1000 JAX takes half of it, its first call 50 ms: a hundred calls. At n = 10 it is slower.
PAYS = [
    *(a_measurement("numpy", n, 1e-3, spread=0.001, first_call_seconds=1e-3) for n in (10, 1000)),
    a_measurement("jax_jit", 10, 2e-3, spread=0.001),
    a_measurement("jax_jit", 1000, 5e-4, spread=0.001),
]


def test_the_number_of_calls_is_said(url):
    """At the largest size, and where it never pays off; the chart and the evidence stand below."""
    stored(url, PAYS)
    app = opened("break_even")
    sentences = said(app)
    assert "Compiled JAX at n = 1,000: its first call has paid off from 100 calls [97, 102] on." in sentences
    assert "Never at n = 10." in sentences
    assert "Transfers of inputs and results are not counted." in sentences
    assert "The compilation cache is cold" in sentences
    assert len(app.get("plotly_chart")) == 1
    assert len(app.dataframe[0].value) == 4


def test_transfers_are_a_choice_where_they_were_timed(url):
    """Once: 10 ms more. It is said, and a link restores it."""
    timed = [a_process(5e-4, seed, 0.05, transfer_in_seconds=8e-3, transfer_out_seconds=2e-3) for seed in range(3)]
    numpy = [a_process(1e-3, seed, 1e-3, transfer_in_seconds=0.0, transfer_out_seconds=0.0) for seed in range(3)]
    lines = [
        a_measurement("numpy", 1000, 1e-3, processes=numpy, spread=0.001),
        a_measurement("jax_jit", 1000, 5e-4, processes=timed, spread=0.001),
    ]
    stored(url, lines)
    assert "from 100 calls" in said(opened("break_even"))
    once = said(opened("break_even", transfers="once"))
    assert "from 120 calls" in once
    assert "Transfers are counted once" in once
    assert "are not counted" in said(opened("break_even", transfers="nonsense"))


def test_without_jax_there_is_nothing_to_pay_off(url):
    """A run of NumPy alone; and one in which JAX broke."""
    stored(url, [a_measurement("numpy", 10)])
    app = opened("break_even")
    assert "there is nothing to pay off" in app.info[0].value
    app = opened("decide")
    assert "no size at which NumPy and another variant were both measured" in app.info[0].value
    assert "crossover run --workload broadcast_sum" in app.code[0].value


@pytest.mark.parametrize("page", ["numpy_vs_jax", "break_even", "decide"])
def test_a_workload_that_only_a_backfill_has_is_said(url, page):
    """Each library was measured by itself: there is nothing to compare, and no traceback."""
    backfilled(url, *TRENDS, places=BOTH, machine="vm")
    assert "was not measured in both libraries yet" in opened(page).info[0].value


def test_what_failed_has_its_reason(url):
    """No chart, but the evidence."""
    stored(url, [a_measurement("numpy"), a_measurement("jax_jit", status="failed", reason="it broke")])
    app = opened("break_even")
    assert "Compiled JAX has no number to compare: it broke." in said(app)
    assert not app.get("plotly_chart")
    assert len(app.dataframe[0].value) == 2


@pytest.mark.parametrize(
    ("calls", "says"),
    [
        ("10", "Use NumPy: 10 calls take 10.00 ms"),
        ("100", "It does not matter: 100 calls take 100.0 ms"),
        ("100,000", "Use compiled JAX: 100,000 calls take 50.05 s"),
    ],
)
def test_the_number_of_calls_decides(url, calls, says):
    """Few are for NumPy, many for JAX, and in between it is all the same."""
    stored(url, PAYS)
    app = opened("decide", calls=calls, size="n = 1,000")
    assert says in said(app)
    assert "Ahead of NumPy: compiled JAX from 100 calls [97, 102] on." in said(app)
    assert len(app.get("plotly_chart")) == 1
    assert len(app.dataframe[0].value) == 2


def test_too_little_evidence_is_said_with_what_to_type(url):
    """An interval that holds both: neither is named, and the command measures this very size."""
    lines = [
        a_measurement("numpy", 1_048_576, 1e-3),
        a_measurement("jax_jit", 1_048_576, 9e-4, first_call_seconds=1e-3),
    ]
    stored(url, lines, ratios_to_numpy(lines, spread=0.3))
    app = opened("decide")
    assert "Not enough evidence: 1,000 calls take " in said(app)
    assert "--workload broadcast_sum --size 1048576 --precision 0.01" in app.code[0].value


def test_a_link_restores_size_and_calls_and_a_bad_one_is_ignored(url):
    """The middle size and a thousand calls are what there is without."""
    stored(url, PAYS)
    assert choices(opened("decide")) == ["Workload", "Size", "Calls"]
    chosen = [box.value for box in opened("decide", size="n = 10", calls="10,000").main.selectbox]
    assert chosen == ["broadcast_sum", "n = 10", "10,000"]
    usual = [box.value for box in opened("decide", size="n = 11", calls="many").main.selectbox]
    assert usual == ["broadcast_sum", "n = 1,000", "1,000"]
