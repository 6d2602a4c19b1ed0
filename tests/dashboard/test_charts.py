"""The charts, without Streamlit."""

import math
import subprocess
import sys

import pandas as pd
import pytest

from dashboard import charts
from tests.dashboard.frames import a_frame, a_point

FRAME = a_frame(
    jax_eager=[(10, "slower", 4.0), (1000, "slower", 2.0)], jax_jit=[(10, "slower", 2.0), (1000, "faster", 0.5)]
)


def lines(figure):
    return {trace.name: trace for trace in figure.data if trace.mode == "lines+markers"}


def bands(figure):
    return [trace for trace in figure.data if trace.fill]


def test_every_variant_has_a_line_through_its_measurements():
    """A line per variant, named as people say it, from the smallest size to the largest."""
    drawn = lines(charts.scaling(FRAME.sample(frac=1, random_state=1)))
    assert set(drawn) == {"NumPy", "eager JAX", "compiled JAX"}
    assert list(drawn["compiled JAX"].x) == [10, 1000]
    assert list(drawn["compiled JAX"].y) == pytest.approx([2e-3, 0.5e-3])


def test_both_axes_are_logarithmic_and_hold_every_band():
    """Nothing that was measured lies outside of the axes."""
    figure = charts.scaling(FRAME)
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert 10 ** figure.layout.xaxis.range[0] < 10
    assert 10 ** figure.layout.xaxis.range[1] > 1000
    assert 10 ** figure.layout.yaxis.range[0] < 0.5e-3 * 0.92
    assert 10 ** figure.layout.yaxis.range[1] > 4e-3 * 1.08


def test_a_band_is_the_interval():
    """A variant's band goes along the upper ends of its intervals and back along the lower ones, in its colour."""
    figure = charts.scaling(FRAME)
    band = next(trace for trace in bands(figure) if trace.name.startswith("compiled JAX"))
    assert list(band.x) == [10, 1000, 1000, 10]
    assert list(band.y) == pytest.approx([2e-3 * 1.08, 0.5e-3 * 1.08, 0.5e-3 * 0.92, 2e-3 * 0.92])
    assert band.fillcolor == charts.style("jax_jit").colour


def test_no_interval_no_band():
    """Measured in one process there is no interval, and so no band; the line stays."""
    figure = charts.scaling(a_frame(jax_jit=[(10, "unsure", 2.0)], interval=False))
    assert not bands(figure)
    assert len(lines(figure)) == 2


def test_a_band_stops_where_the_interval_is_missing():
    """A size without an interval parts the band; it is not bridged."""
    rows = [a_point("numpy", n, interval=n != 100) for n in (10, 100, 1000, 10000)]
    assert [sorted(set(trace.x)) for trace in bands(charts.scaling(pd.DataFrame(rows)))] == [[10], [1000, 10000]]


def test_what_was_not_measured_is_not_drawn():
    """A failed measurement is no point of a line, and alone it draws nothing."""
    failed = a_point("jax_jit", 10, status="failed")
    assert set(lines(charts.scaling(pd.DataFrame([a_point("numpy", 10), failed])))) == {"NumPy"}
    assert not charts.scaling(pd.DataFrame([failed])).data


def test_a_colour_belongs_to_one_variant():
    """The known variants have looks of their own; a further one has the same look on every chart, and theirs never."""
    known = [charts.style(variant) for variant in charts.STYLES]
    further = [charts.style(variant) for variant in ("jax_jit_scan", "numpy_loop")]
    looks = [*known, *further]
    assert len({look.colour for look in looks}) == len(looks)
    assert charts.style("jax_jit_scan") == charts.style("jax_jit_scan")


def test_hovering_tells_time_interval_and_verdict():
    """A point says its size, its time with unit and interval, and the ratio with its verdict."""
    text = lines(charts.scaling(FRAME))["compiled JAX"].customdata[1]
    assert text == "n = 1,000<br>500 µs [460, 540]<br>0.50× [0.46, 0.54] NumPy: faster"


@pytest.mark.parametrize(
    ("sizes", "texts"),
    [
        ([8, 32, 128, 1024], ["8", "32", "128", "1,024"]),
        ([2, 64, 65536], ["2<sup>1</sup>", "2<sup>6</sup>", "2<sup>16</sup>"]),
        ([100, 1000, 10000], ["10<sup>2</sup>", "10<sup>3</sup>", "10<sup>4</sup>"]),
        ([3, 96, 3072, 98304], ["10<sup>1</sup>", "10<sup>2</sup>", "10<sup>3</sup>", "10<sup>4</sup>"]),
        ([3, 5], ["3", "5"]),
        ([1000], ["1,000"]),
        ([0.5, 1.5], ["0.5", "1.5"]),
    ],
)
def test_sizes_are_written_out_or_as_powers(sizes, texts):
    """Whole numbers with separators, or powers on an axis that goes far; never 1.024k."""
    assert [text for _, text in charts.size_ticks([float(size) for size in sizes])] == texts


def test_crowded_sizes_leave_room_for_labels():
    """Twenty powers of two get at most nine labels, the first of them always."""
    ticks = charts.size_ticks([2.0**k for k in range(20)])
    assert len(ticks) <= charts.MAX_SIZE_LABELS + 1
    assert ticks[0] == (1.0, "1")


@pytest.mark.parametrize(
    ("low", "high", "some"),
    [(2e-6, 3e-2, ["1 µs", "100 µs", "10 ms"]), (1e-3, 3e-3, ["1 ms", "2 ms", "5 ms"]), (3e-9, 3.0, ["1 ns", "1 ms"])],
)
def test_times_have_units_on_the_axis(low, high, some):
    """Decades as a number with its unit, with 2 and 5 between them where they are few; never 0.000001."""
    texts = [text for _, text in charts.time_ticks(low, high)]
    assert set(some) <= set(texts)
    assert all(text.split()[1] in {"ns", "µs", "ms", "s"} for text in texts)


@pytest.mark.parametrize("low", [1.0e-3, 1.3e-3, 1.9e-3, 3.1e-3, 5.2e-3, 8.1e-3, 9.3e-3])
def test_an_axis_that_spans_little_is_labelled_too(low):
    """Wherever it begins: a chart of nearly equal times needs two labels, or its scale cannot be read."""
    first, last = charts.padded(low, low * 1.02)
    seen = [text for place, text in charts.time_ticks(low, low * 1.02) if first <= math.log10(place) <= last]
    assert seen
    first, last = charts.padded(low, low * 2)
    seen = [text for place, text in charts.time_ticks(low, low * 2) if first <= math.log10(place) <= last]
    assert 2 <= len(seen) <= 8
    assert len(set(seen)) == len(seen)


def test_names_are_text_in_a_chart():
    """A name out of a bundle is neither markup nor as long as the chart is wide."""
    figure = charts.scaling(pd.DataFrame([a_point("<b>x</b>", 10, size_name="<i>n</i>"), a_point("x" * 120, 10)]))
    assert "&lt;b&gt;x&lt;/b&gt;" in lines(figure)
    assert max(len(name) for name in lines(figure)) <= charts.MAX_NAME
    assert figure.layout.xaxis.title.text == "&lt;i&gt;n&lt;/i&gt;"


def test_charts_and_words_know_no_page():
    """Neither imports Streamlit."""
    rooms = "charts, dashboard.release_charts, dashboard.release_words, dashboard.tables, dashboard.wording"
    code = f"import sys, dashboard.{rooms}; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
