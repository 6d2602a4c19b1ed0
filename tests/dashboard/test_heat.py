"""All workloads of a run as cells: what is sure has a colour, and nothing else."""

import math

import pandas as pd
import pytest

from dashboard import heat, heat_charts, heat_words
from tests.dashboard.frames import NAN, a_point


def cell(workload, n, verdict, ratio, **said):
    return a_point("jax_jit", n, ratio=ratio, verdict=verdict, workload=workload, **said)


POINTS = [
    cell("late", 10, "slower", 4.0),
    cell("late", 1000, "faster", 0.25),
    cell("early", 10, "faster", 0.5),
    cell("early", 100, "unsure", 0.9),
    cell("early", 10_000, "same", 1.0),
    cell("never", 10, "slower", 100.0),
    cell("never", 100, "too large", NAN, status="too_large", reason="a call would take 3 s"),
]
FRAME = pd.DataFrame([*POINTS, a_point("numpy", 10, workload="late"), a_point("numpy", 10, workload="early")])


@pytest.fixture
def cells():
    return heat.cells(FRAME, "current", "jax_jit")


def test_the_first_to_win_stands_on_top(cells):
    """By the smallest size that is faster, and those that never are at the bottom."""
    assert list(cells.drop_duplicates("row").sort_values("row")["workload"]) == ["early", "late", "never"]


def test_cells_meet_halfway_between_sizes(cells):
    """On the log scale, and without a gap."""
    rows = cells[cells["workload"] == "early"]
    assert list(rows["left"]) == pytest.approx([0.5, 1.5, 3.0])
    assert list(rows["right"]) == pytest.approx([1.5, 3.0, 5.0])


def test_a_workload_of_one_size_is_a_cell_too():
    """It has a width of its own."""
    (alone,) = heat.cells(pd.DataFrame([cell("one", 100, "faster", 0.5)]), "current", "jax_jit").to_dict("records")
    assert alone["left"] < 2 < alone["right"]


def test_of_each_workload_the_first_case_and_one_environment():
    """Another dtype or environment is no second cell, not even at a size of its own."""
    more = [cell("early", 50, "slower", 9.0, group="float64"), cell("early", 10, "slower", 9.0, environment="other")]
    found = heat.cells(pd.DataFrame([*POINTS, *more]), "current", "jax_jit")
    assert len(found) == len(POINTS)
    assert (found["ratio"] != 9.0).all()


def test_only_what_is_sure_has_a_colour(cells):
    """Strength by the ratio, clipped; same and unsure are neutral, and what has no number is empty."""
    decided, *others = heat_charts.heat(cells, "jax_jit").data
    assert sorted(decided.marker.color) == [-2, -1, 2, 4]
    assert decided.marker.cmin == -decided.marker.cmax == -math.log2(heat_charts.FARTHEST)
    looks = {trace.name: trace.marker for trace in others}
    assert list(looks) == ["same (1)", "unsure (1)", "no number (1)"]
    assert looks["unsure (1)"].pattern.shape == "/"
    assert all(isinstance(look.color, str) for look in looks.values())
    assert "too large: a call would take 3 s" in others[-1].customdata[0]


def test_names_are_text_and_short(cells):
    """Markup in a name is shown as it is, and a long one leaves room for its cells."""
    odd = cells.assign(workload="<b>" + "W" * 200)
    (name,) = set(heat_charts.heat(odd, "jax_jit").layout.yaxis.ticktext)
    assert name.startswith("&lt;b&gt;W")
    assert len(name) < 40


def test_the_words_count_what_is_compared(cells):
    """What has no number does not count; what there is none of is not named."""
    said = heat_words.answer(cells, "jax_jit")
    assert said == (
        "**Compiled JAX against NumPy, over 6 sizes of 3 workloads: 2 faster, 2 slower, 1 the same, 1 unsure.** "
        "It is faster at some size in 2 of the workloads."
    )
    none = heat_words.answer(cells[cells["state"] == "no number"], "jax_jit")
    assert none == "**Compiled JAX was compared with NumPy in none of these workloads.**"


def test_variants_that_several_workloads_have_are_offered():
    """The compiled one first; none that a single workload has."""
    more = [{**point, "variant": "jax_eager"} for point in POINTS] + [{**POINTS[0], "variant": "jax_jit_scan"}]
    found = heat.variants(pd.DataFrame([*POINTS, *more, a_point("numpy", 10)]), "current")
    assert found == {"compiled JAX": "jax_jit", "eager JAX": "jax_eager"}
    assert heat.variants(FRAME, "elsewhere") == {}


def test_a_size_that_a_log_axis_has_no_place_for_is_left_out():
    """Zero of something is a case, but no cell."""
    assert len(heat.narrow(pd.DataFrame([*POINTS, cell("early", 0, "faster", 0.5)]))) == len(POINTS)
