"""Frames in, Plotly figures out. The one place that knows how a chart looks; knows no page.

Colour, marker and dash belong to the variant and are the same on every chart. Text, grid and background are left to
the theme, which knows whether it is light or dark.
"""

from __future__ import annotations

import html
import itertools
import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import wording
from workloads.figures import size_text

HEIGHT = 430
MAX_SIZE_LABELS = 8
MAX_NAME = 40
RULE = "#9AA4B2"
PLAIN_BELOW = 10_000  # sizes up to here are written out; an axis that goes on is labelled with powers


@dataclass(frozen=True)
class Style:
    """How a variant looks."""

    colour: str
    marker: str
    dash: str = "solid"


STYLES = {
    "numpy": Style("#4C6FFF", "circle"),
    "jax_eager": Style("#F2994A", "square"),
    "jax_jit": Style("#12A594", "diamond"),
}
FURTHER_COLOURS = ("#E5484D", "#8E4EC6", "#6B7280", "#B8860B", "#0091FF")
FURTHER_MARKERS = ("triangle-up", "x", "star", "triangle-down", "cross", "hexagon", "pentagon")


def style(variant: str) -> Style:
    """The variant's look. One that is not known by name gets a look that depends on its name alone."""
    number = zlib.crc32(variant.encode())
    colour = FURTHER_COLOURS[number % len(FURTHER_COLOURS)]
    return STYLES.get(variant) or Style(colour, FURTHER_MARKERS[number // 8 % len(FURTHER_MARKERS)], "dash")


def scaling(frame: pd.DataFrame) -> go.Figure:
    """Seconds per call over size, both on a log axis: a line per variant, in the band of its interval."""
    # a log axis has no place for anything else; what was not measured has no seconds
    points = frame[(frame["size"] > 0) & (frame["seconds"] > 0)]
    figure = go.Figure()
    for variant, rows in points.sort_values("size").groupby("variant", sort=False):
        _add_variant(figure, variant, rows)
    sizes = sorted(points["size"].unique())
    if sizes:
        figure.update_xaxes(range=padded(sizes[0], sizes[-1]), **labels(size_ticks(sizes)))
        seconds = points[["seconds", "low_seconds", "high_seconds"]]
        low, high = seconds.min(axis=None), seconds.max(axis=None)
        figure.update_yaxes(range=padded(low, high), **labels(time_ticks(low, high)))
        figure.update_xaxes(title_text=label(points["size_name"].iloc[0] or "size"))
    figure.update_xaxes(type="log", tickfont_size=13, showgrid=False, fixedrange=True)
    figure.update_yaxes(type="log", tickfont_size=13, title_text="time per call", fixedrange=True, zeroline=False)
    return figure.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom"},
        showlegend=True,
    )


def size_ticks(sizes: list[float]) -> list[tuple[float, str]]:
    """Where a log axis of sizes is labelled, and how: at powers of two where all sizes are, else at powers of ten."""
    exponents = [math.log2(size) for size in sizes]
    if all(exponent.is_integer() for exponent in exponents):
        base, places = 2, _apart([int(exponent) for exponent in exponents])
    else:
        base, places = 10, list(range(math.floor(math.log10(sizes[0])), math.ceil(math.log10(sizes[-1])) + 1))
        inside = [place for place in places if sizes[0] * 0.99 <= 10.0**place <= sizes[-1] * 1.01]
        if len(inside) < 2:  # less than a decade: the sizes themselves
            return [(size, size_text(size)) for size in sizes[:MAX_SIZE_LABELS]]
        places = inside
    powers = sizes[-1] >= PLAIN_BELOW
    return [(float(base) ** place, _power(base, place) if powers else size_text(base**place)) for place in places]


def time_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Where a log axis of seconds is labelled, and how: `1 µs`, `10 µs`; more densely where it spans little."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    stride = max(1, math.ceil((last - first) / 8))
    return [
        (step * 10.0**exponent, wording.tick(step, exponent))
        for exponent in range(first, last + 1, stride)
        for step in tick_steps(low, high)
    ]


def tick_steps(low: float, high: float) -> tuple[float, ...]:
    """The labelled places of each decade: enough for two or more to be seen, few enough to be read."""
    decades = math.log10(high / low)
    if decades < 0.6:
        return (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8)
    return (1, 2, 5) if decades < 1.5 else (1,)


def label(text: str) -> str:
    """Text as it is, although Plotly reads markup; shortened, because a long one would leave no room for the plot."""
    return html.escape(text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…", quote=False)


def labels(ticks: list[tuple[float, str]]) -> dict[str, list]:
    values, texts = zip(*ticks)
    return {"tickvals": list(values), "ticktext": list(texts)}


def padded(low: float, high: float) -> list[float]:
    """A log axis' range with room for the markers at both ends."""
    first, last = math.log10(low), math.log10(high)
    room = max(0.06, 0.04 * (last - first))
    return [first - room, last + room]


def band(variant: str, name: str) -> dict[str, Any]:
    """How the outline of a variant's intervals is drawn, given the name of the variant as text."""
    return {
        "mode": "lines",
        "line_width": 0,
        "fill": "toself",
        "fillcolor": style(variant).colour,
        "opacity": 0.22,
        "name": f"{name}, 95 % interval",
        "legendgroup": variant,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def rules(places: Iterable[Any]) -> list[dict[str, Any]]:
    """Dotted rules across the plot, as shapes of a layout: set all at once, for Plotly takes long to add one by one."""
    line = {"color": RULE, "width": 1, "dash": "dot"}
    return [{"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": line} for x in places]


def above_plot(x: Any, text: str, where: tuple[int, str], row_pixels: float, **look: Any) -> dict[str, Any]:
    """A label above the plot, as an annotation of a layout. where: its row and the side that it hangs on."""
    place = {"x": x, "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": where[0] * row_pixels, "xanchor": where[1]}
    return {**place, "text": text, "showarrow": False, **look}


def framed(figure: go.Figure, *, above: float, height: float = HEIGHT) -> go.Figure:
    """A chart whose legend stands at its top, in the room of so many pixels above the plot."""
    return figure.update_layout(
        height=round(height),
        margin={"l": 0, "r": 8, "t": above, "b": 0},
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "y": 1, "yref": "container", "xanchor": "left", "yanchor": "top"},
        showlegend=True,
    )


def _add_variant(figure: go.Figure, variant: str, rows: pd.DataFrame) -> None:
    look = style(variant)
    name = label(wording.variant_text(variant))
    for stretch in _with_interval(rows):
        figure.add_scatter(
            x=[*stretch["size"], *stretch["size"][::-1]],
            y=[*stretch["high_seconds"], *stretch["low_seconds"][::-1]],
            **band(variant, name),
        )
    figure.add_scatter(
        x=rows["size"].tolist(),
        y=rows["seconds"].tolist(),
        mode="lines+markers",
        name=name,
        legendgroup=variant,
        line={"color": look.colour, "width": 2, "dash": look.dash},
        marker={"color": look.colour, "symbol": look.marker, "size": 8},
        customdata=["<br>".join(map(label, wording.hover(row))) for row in rows.to_dict("records")],
        hovertemplate=f"<b>{name}</b><br>%{{customdata}}<extra></extra>",
        hoverlabel_align="left",
    )


def _with_interval(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The stretches of neighbouring sizes whose measurements have an interval."""
    known = rows["low_seconds"].notna() & rows["high_seconds"].notna()
    for number, stretch in rows.groupby((known != known.shift()).cumsum()):
        del number
        if known[stretch.index[0]]:
            yield stretch


def _apart(exponents: list[int]) -> list[int]:
    """Those of some exponents that leave each other room for a label."""
    room = (exponents[-1] - exponents[0]) / MAX_SIZE_LABELS
    kept = exponents[:1]
    for exponent in itertools.islice(exponents, 1, None):
        if exponent - kept[-1] >= room:
            kept.append(exponent)
    return kept


def _power(base: int, exponent: int) -> str:
    return f"{base}<sup>{exponent}</sup>" if exponent else "1"
