"""The charts of releases, without Streamlit."""

import itertools

import pytest

from analysis import steps
from dashboard import charts, release_charts, releases
from dashboard.releases import facts as facts_of
from storage import releases as reads
from storage.database import open_database
from tests.builders import a_trend
from tests.dashboard.backfilled import FLAT, SPIKE, backfilled


@pytest.fixture
def frame(tmp_path):
    """The frame of the first case of a backfill of some trends."""

    def reading(*trends, shown=releases.ABSOLUTE):
        engine = open_database(backfilled(f"sqlite:///{tmp_path}/crossover.db", *trends))
        try:
            with engine.connect() as connection:
                found = steps.trends(reads.of_run(connection, 1))
                return releases.through(found, facts_of(reads.environments(connection, 1)), shown)
        finally:
            engine.dispose()

    return reading


def drawn(figure):
    return {trace.name: trace for trace in figure.data}


def test_releases_stand_evenly_by_version(frame):
    """0.10.2 is the newest although its text is not; what is drawn is the comparable time, with its interval."""
    figure = release_charts.over_releases(frame(a_trend(SPIKE, seconds=1e-3)), releases.STEADY)
    assert list(figure.layout.xaxis.ticktext) == list(SPIKE)
    assert list(figure.layout.xaxis.tickvals) == [0, 1, 2, 3, 4]
    line = drawn(figure)["compiled JAX"]
    assert list(line.y) == pytest.approx([1e-3, 1e-3, 16e-3, 3.2e-3, 1e-3])
    assert list(line.error_y.array) == pytest.approx([2e-5, 2e-5, 32e-5, 6.4e-5, 0])
    assert line.line.color == charts.style("jax_jit").colour
    assert figure.layout.yaxis.type == "log"
    assert 10 ** figure.layout.yaxis.range[0] < 0.98e-3
    assert 10 ** figure.layout.yaxis.range[1] > 16.32e-3


def test_every_step_has_a_rule_and_a_label(frame):
    """Between the releases, in words, in the colour of its variant."""
    figure = release_charts.over_releases(frame(a_trend(SPIKE)), releases.STEADY)
    assert sorted(shape.x0 for shape in figure.layout.shapes) == [1.5, 2.5, 3.5]
    labels = {one.x: (one.text, one.font.color) for one in figure.layout.annotations}
    colour = charts.style("jax_jit").colour
    assert labels == {1.5: ("16.0× slower", colour), 2.5: ("5.0× faster", colour), 3.5: ("3.2× faster", colour)}
    assert len({one.yshift for one in figure.layout.annotations}) > 1  # neighbours would meet on a phone
    assert figure.layout.margin.t > 2 * release_charts.ROW_PIXELS


def test_no_step_no_rule(frame):
    """And no room for labels."""
    figure = release_charts.over_releases(frame(a_trend(FLAT)), releases.STEADY)
    assert (figure.layout.shapes, figure.layout.annotations) == ((), ())


@pytest.mark.parametrize("count", [2, 5, 21, 60])
def test_labels_never_meet(count):
    """However many there are: each in a row where it has room, or without a label; none beyond the edges."""
    marks = [(place - 0.5, "2.3× slower") for place in range(1, count)]
    found = release_charts.stacked(marks, count)
    width = (len("2.3× slower") * release_charts.CHARACTER_PIXELS) / release_charts.NARROW_PIXELS * count
    spans = []
    for (place, _), where in zip(marks, found, strict=True):
        if where:
            left = {"left": place, "center": place - width / 2, "right": place - width}[where[1]]
            spans.append((where[0], left, left + width))
    for (row, left, right), (other_row, other_left, other_right) in itertools.combinations(spans, 2):
        assert row != other_row or right <= other_left or other_right <= left
    assert all(right <= count - 0.4 for _, _, right in spans)
    assert spans
    assert found[0] is not None  # the largest step is served first


def test_what_has_no_number_is_marked(frame):
    """The line has a gap there, and the reason is in the hover."""
    figure = release_charts.over_releases(frame(a_trend({**SPIKE, "0.4.31": None})), releases.STEADY)
    marks = drawn(figure)["no number"]
    assert list(marks.x) == [1]
    assert "failed: it broke" in marks.customdata[0]
    assert drawn(figure)["compiled JAX"].connectgaps is False


def test_the_hover_tells_release_date_time_ratio_and_step(frame):
    """All that is known of a point."""
    line = drawn(release_charts.over_releases(frame(a_trend(SPIKE, seconds=1e-3)), releases.STEADY))["compiled JAX"]
    assert line.customdata[2].split("<br>") == [
        "<b>JAX 0.4.33</b>, 2024-01-03",
        "compiled JAX",
        "16.0 ms [15.7, 16.3]",
        "16.0× [15.7, 16.3] the newest",
        "16.0× slower than 0.4.31",
    ]
    assert line.customdata[4].split("<br>")[-2:] == ["beside which all others were", "3.2× faster than 0.4.34"]


def test_the_ratio_has_ticks_of_its_own(frame):
    """`1×`, `10×`; the anchor lies at 1."""
    figure = release_charts.over_releases(frame(a_trend(SPIKE), shown=releases.RELATIVE), releases.STEADY)
    assert list(drawn(figure)["compiled JAX"].y) == pytest.approx(list(SPIKE.values()))
    assert {"1×", "2×", "10×"} <= set(figure.layout.yaxis.ticktext)
    assert release_charts.ratio_ticks(0.5, 1000)[0] == (0.1, "0.1×")


def test_a_first_call_has_no_interval_and_no_steps(frame):
    """Only its line."""
    figure = release_charts.over_releases(frame(a_trend(SPIKE)), releases.FIRST_CALL)
    assert set(drawn(figure)["compiled JAX"].error_y.array) == {0}
    assert figure.layout.shapes == ()


@pytest.mark.parametrize(("measure", "heights", "unit"), [
    (releases.INSTALL, [101, 102, 103, 104, 105], " MB"),
    (releases.IMPORT, [100, 200, 300, 400, 500], " ms"),
])  # fmt: skip
def test_what_does_not_depend_on_a_case_has_bars(frame, measure, heights, unit):
    """From nothing, in the colour of the library."""
    figure = release_charts.over_releases(frame(a_trend(FLAT)), measure)
    (bars,) = figure.data
    assert list(bars.y) == pytest.approx(heights)
    assert bars.marker.color == charts.style("jax_jit").colour
    assert (figure.layout.yaxis.ticksuffix, figure.layout.yaxis.rangemode) == (unit, "tozero")


def test_nothing_to_draw_is_no_chart(frame):
    """Rather than an empty one."""
    broken = frame(a_trend(FLAT)).assign(y=float("nan"))
    assert release_charts.over_releases(broken, releases.STEADY) is None


def test_many_releases_are_not_all_labelled(frame):
    """The newest always is."""
    found = frame(a_trend(FLAT))
    many = found.iloc[[0] * 50].assign(place=range(50), release=[f"0.{n}.0" for n in range(50)])
    ticks = release_charts.over_releases(many, releases.STEADY).layout.xaxis.ticktext
    assert len(ticks) <= release_charts.MOST_RELEASE_LABELS
    assert "0.49.0" in ticks


def test_names_are_not_markup(frame):
    """Of variants, releases and reasons."""
    hostile = "<b>x</b>"
    found = frame(a_trend(FLAT)).assign(variant=hostile, release=hostile, lack=hostile)
    figure = release_charts.over_releases(found.assign(y=[1, 1, 1, 1, float("nan")]), releases.STEADY)
    texts = [trace.name for trace in figure.data] + [text for trace in figure.data for text in trace.customdata]
    assert all("<b>x" not in text for text in texts)
