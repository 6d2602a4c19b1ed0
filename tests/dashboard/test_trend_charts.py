"""The charts of nights, without Streamlit."""

import itertools

import pytest

from dashboard import charts, trend_charts, trends
from dashboard.trends import LINEAR, MEMORY, TO_NUMPY, View
from tests.dashboard import nightly


def figure_of(levels, view=None, **said):
    series = nightly.series(*["numpy", "jax_jit"][: len(levels)])
    frame = trends.drawn(nightly.rows(levels, **said), series, view or View())
    return trend_charts.over_nights(frame, trends.upgrades(frame), view or View())


def drawn(figure):
    return {trace.name: trace for trace in figure.data}


def test_a_variant_is_a_line_in_its_colour_with_a_band():
    """Over time, in the order of nights; the band is as wide as the interval."""
    found = drawn(figure_of({1: [1e-2, 1.1e-2, 1e-2], 2: [1e-3] * 3}))
    line, band = found["NumPy"], found["NumPy, 95 % interval"]
    assert list(line.x) == ["2026-03-01 02:00:00", "2026-03-02 02:00:00", "2026-03-03 02:00:00"]
    assert list(line.y) == [1e-2, 1.1e-2, 1e-2]
    assert line.line.color == charts.style("numpy").colour == band.fillcolor
    assert list(band.y) == pytest.approx([1.02e-2, 1.122e-2, 1.02e-2, 0.98e-2, 1.078e-2, 0.98e-2])
    assert found["compiled JAX"].line.color == charts.style("jax_jit").colour


def test_a_gap_is_a_gap_and_a_failure_is_marked():
    """Below all lines; the band is closed on either side; a point alone has a bar instead."""
    figure = figure_of({1: [1e-3, 1e-3, None, 1e-3, 1e-3, None, 1e-3]})
    found = drawn(figure)
    assert list(found["NumPy"].y) == [1e-3, 1e-3, None, 1e-3, 1e-3, None, 1e-3]
    assert list(found["NumPy, 95 % interval"].y).count(None) == 1
    assert list(found["NumPy"].error_y.array) == pytest.approx([0, 0, 0, 0, 0, 0, 2e-5])
    assert list(found["no number"].x) == ["2026-03-03 02:00:00", "2026-03-06 02:00:00"]
    assert found["no number"].y[0] < 0.85e-3
    assert 10 ** figure.layout.yaxis.range[0] < found["no number"].y[0]


def test_years_are_thinned_and_lose_no_spike():
    """At most 1,500 points of a variant."""
    seconds = [1e-3 + 1e-6 * (night % 7) for night in range(2000)]
    seconds[1234] = 5e-3
    line = drawn(figure_of({1: seconds}))["NumPy"]
    assert len(line.y) <= trend_charts.MOST_POINTS
    assert max(line.y) == 5e-3


def test_an_upgrade_is_a_rule_with_a_label():
    """Between the nights, with the new version; of both libraries in one label."""
    figure = figure_of(
        {1: [1e-3] * 4}, jax=["0.9.0", "0.9.0", "0.10.0", "0.10.0"], numpy=["2.4.0", "2.4.0", "2.4.1", "2.4.1"]
    )
    assert [shape.x0 for shape in figure.layout.shapes] == ["2026-03-02 14:00:00"]
    assert [one.text for one in figure.layout.annotations] == ["NumPy 2.4.1, JAX 0.10.0"]


def test_labels_of_upgrades_never_meet():
    """On a plot of a phone's width: those that find no room are left out, their rules are not."""
    figure = figure_of({1: [1e-3] * 60}, jax=[f"0.9.{night // 3}" for night in range(60)])
    assert len(figure.layout.shapes) == 19
    days = {shape.x0: place for place, shape in enumerate(figure.layout.shapes)}
    rows: dict[float, list[tuple[float, float]]] = {}
    for one in figure.layout.annotations:
        width = len(one.text) * 6.5
        centre = (days[one.x] + 1) * 3 / 61 * 260
        start = {"center": centre - width / 2, "left": centre, "right": centre - width}[one.xanchor]
        rows.setdefault(one.yshift, []).append((start, start + width))
    for spans in rows.values():
        spans.sort()
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert "JAX 0.9.19" in [one.text for one in figure.layout.annotations]


def test_more_than_25_upgrades_have_no_labels():
    """A release each night is no news."""
    figure = figure_of({1: [1e-3] * 30}, jax=[f"0.9.{night}" for night in range(30)])
    assert len(figure.layout.shapes) == 29
    assert not figure.layout.annotations


def test_runs_by_hand_are_points():
    """No line, no band: each has its interval as a bar."""
    found = drawn(figure_of({1: [1e-3, 2e-3]}, track=None, request=""))
    assert found["NumPy"].mode == "markers"
    assert min(found["NumPy"].error_y.array) > 0
    assert not found["NumPy, 95 % interval"].y


def test_a_linear_scale_begins_with_nothing():
    """Its ticks are in one unit."""
    figure = figure_of({1: [9e-4, 1.4e-3]}, View(scale=LINEAR))
    assert figure.layout.yaxis.range[0] == 0
    assert list(figure.layout.yaxis.ticktext) == ["0", "0.5 ms", "1 ms", "1.5 ms"]
    assert list(figure.layout.yaxis.tickvals) == pytest.approx([0, 5e-4, 1e-3, 1.5e-3])


@pytest.mark.parametrize(
    ("view", "span", "text"),
    [
        (View(MEMORY), (2e8, 5e8), "300 MB"),
        (View(MEMORY, scale=LINEAR), (2e8, 5e8), "400 MB"),
        (View(shown=TO_NUMPY), (0.1, 1), "0.5×"),
        (View(shown=TO_NUMPY, scale=LINEAR), (0.1, 1), "0.4×"),
        (View(), (1e-6, 1e-3), "10 µs"),
    ],
)
def test_axes_have_the_unit_of_what_is_shown(view, span, text):
    """Bytes as MB, ratios with a cross, times in µs and ms."""
    ticks = (trend_charts.linear_ticks if view.scale == LINEAR else trend_charts.log_ticks)(*span, view)
    assert text in [label for _, label in ticks]


def test_every_point_says_what_it_is_and_can_be_found_again():
    """Night, variant, figure, versions; markup in a version is text."""
    (told, key), *_ = drawn(figure_of({1: [1e-3]}, jax=["<b>0</b>"]))["NumPy"].customdata
    assert (
        told == "<b>2026-03-01 02:00 UTC</b><br>NumPy<br>1.00 ms [0.980, 1.02]<br>NumPy 2.4.6, JAX &lt;b&gt;0&lt;/b&gt;"
    )
    assert key == "1-0-1"


def test_no_figure_is_no_chart():
    """Nothing to draw an axis by."""
    assert figure_of({1: [None, None]}) is None


def test_an_axis_of_nights_has_no_hours():
    """One night alone has room for days on either side."""
    axis = figure_of({1: [1e-3]}).layout.xaxis
    assert list(axis.range) == ["2026-02-27 02:00:00", "2026-03-03 02:00:00"]
    assert axis.dtick == 86_400_000
    assert figure_of({1: [1e-3] * 20}).layout.xaxis.dtick is None
