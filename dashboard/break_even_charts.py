"""Break-evens, drawn: rows of `dashboard.breaking_even.break_evens` in, a Plotly figure out."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import break_even_words, breaking_even, wording
from dashboard.charts import framed, label, labels, padded, size_ticks, style

MANY = 1000.0  # the axis goes at least as far
STRIP = 0.07  # of the axis' length, for each row of marks at its top edge
MARKS = {"never": "x-thin-open", "unsure": "circle-open"}
GREY = "#8792A2"


def break_evens(frame: pd.DataFrame) -> go.Figure:
    """Calls over size, both on a log axis: a line per variant with the intervals; what has no end, at the top edge.

    frame: one of which `breaking_even.drawn` leaves something.
    """
    known = breaking_even.drawn(frame)
    finite = known[known["kind"].isin(("at once", "after"))]
    decades = math.log10(max([MANY, *finite["high"], *known["low"].dropna()])) + 0.15
    variants = list(dict.fromkeys(known["variant"]))
    figure, rows = go.Figure(), len(variants) + 0.5
    step = decades * STRIP / (1 - STRIP * rows)
    for number, variant in enumerate(variants):
        at = 10 ** (decades + step * (number + 0.5))
        _add_variant(figure, variant, known[known["variant"] == variant], at)
    for kind, symbol in MARKS.items():
        if count := int((known["kind"] == kind).sum()):
            mark = {"symbol": symbol, "size": 9, "color": GREY, "line_width": 2}
            figure.add_scatter(
                x=[None], y=[None], mode="markers", name=f"{kind} ({count})", marker=mark, hoverinfo="skip"
            )
    sizes = sorted(known["size"].unique())
    figure.update_xaxes(range=padded(sizes[0], sizes[-1]), **labels(size_ticks(sizes)))
    figure.update_xaxes(title_text=label(known["size_name"].iloc[0] or "size"))
    figure.update_xaxes(type="log", tickfont_size=13, showgrid=False, fixedrange=True)
    figure.update_yaxes(range=[-0.1, decades + step * rows], **labels(call_ticks(decades)))
    figure.update_yaxes(type="log", tickfont_size=13, title_text="calls", fixedrange=True, zeroline=False)
    if not known["kind"].isin(MARKS).any():
        figure.update_yaxes(range=[-0.1, decades])
    else:
        figure.add_hline(10**decades, line={"color": GREY, "width": 1, "dash": "dot"}, layer="below")
    return framed(figure, above=34)


def call_ticks(decades: float, written: int = 6) -> list[tuple[float, str]]:
    """Where an axis of calls from 1 on is labelled: `1`, `10`, `100`, ..., beyond 10^written as powers."""
    stride = max(1, math.ceil(decades / 8))
    places = range(0, math.floor(decades) + 1, stride)
    return [(10.0**place, f"{10**place:,}" if place <= written else f"10<sup>{place}</sup>") for place in places]


def _add_variant(figure: go.Figure, variant: str, rows: pd.DataFrame, edge: float) -> None:
    """A line through what has a number; marks at `edge` for the rest, with what is known below them."""
    look, name = style(variant), label(wording.variant_text(variant))
    # a gap where there is no number: a line across it would say that there is one
    finite = rows["kind"].isin(("at once", "after"))
    calls = rows["calls"].where(finite)
    shared = {"legendgroup": variant, "hoverlabel_align": "left"}
    figure.add_scatter(
        x=rows["size"].tolist(),
        y=calls.tolist(),
        error_y={
            "type": "data",
            "array": (rows["high"] - calls).fillna(0).tolist(),
            "arrayminus": (calls - rows["low"]).where(finite).fillna(0).tolist(),
            "thickness": 2,
            "width": 4,
            "color": look.colour,
        },
        mode="lines+markers",
        name=name,
        line={"color": look.colour, "width": 2, "dash": look.dash},
        marker={"color": look.colour, "symbol": look.marker, "size": 8},
        **_told(rows, name),
        **shared,
    )
    for kind, symbol in MARKS.items():
        members = rows[rows["kind"] == kind]
        if members.empty:
            continue
        if kind == "unsure":
            figure.add_scatter(
                x=[x for size in members["size"] for x in (size, size, None)],
                y=[y for low in members["low"] for y in (low, edge, None)],
                mode="lines",
                line={"color": look.colour, "width": 1.5, "dash": "dot"},
                showlegend=False,
                hoverinfo="skip",
                legendgroup=variant,
            )
        figure.add_scatter(
            x=members["size"].tolist(),
            y=[edge] * len(members),
            mode="markers",
            name=name,
            showlegend=False,
            marker={"color": look.colour, "symbol": symbol, "size": 9, "line_width": 2},
            **_told(members, name),
            **shared,
        )


def _told(rows: pd.DataFrame, name: str) -> dict[str, Any]:
    return {
        "customdata": ["<br>".join(map(label, break_even_words.hover(row))) for row in rows.to_dict("records")],
        "hovertemplate": f"<b>{name}</b><br>%{{customdata}}<extra></extra>",
    }
