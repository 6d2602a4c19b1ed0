"""What changed with each release, drawn: a frame of `dashboard.changing` in, a Plotly figure out."""

from __future__ import annotations

import html
import math

import pandas as pd
import plotly.graph_objects as go

from dashboard import wording
from dashboard.change_words import name
from dashboard.changing import in_order
from dashboard.charts import framed, label, labels
from dashboard.compare_charts import LOOKS, RULE, ratio_ticks
from dashboard.compare_words import size

#: More marks than that hide each other.
MOST_MARKS = 400
MOST_LABELS = 30
SPREAD = 0.34  # of the room of a release, to either side, over which its marks stand


def by_release(frame: pd.DataFrame) -> go.Figure:
    """The ratio of each change, at the release that it came with; marks of one release beside each other."""
    releases = in_order(frame)
    at = {came_with: place for place, came_with in enumerate(releases)}
    rows = frame.sort_values("away", ascending=False)[:MOST_MARKS].sort_values(["came_with", "ratio"])
    rank, count = rows.groupby("came_with").cumcount(), rows.groupby("came_with")["ratio"].transform("size")
    beside = ((rank + 0.5) / count - 0.5) * 2 * SPREAD * (1 - 1 / (1 + 0.25 * count))
    rows = rows.assign(x=rows["came_with"].map(at) + beside)
    low, high = _range(rows)
    figure = go.Figure()
    figure.add_hline(1, line={"color": RULE, "width": 1}, layer="below")
    for verdict in ("slower", "faster"):
        members = rows[rows["verdict"] == verdict]
        if len(members):
            _add_marks(figure, verdict, members, low, high)
    stride = math.ceil(len(releases) / MOST_LABELS)
    figure.update_xaxes(
        range=[-0.6, len(releases) - 0.4],
        tickvals=list(range(len(releases)))[::stride],
        ticktext=[label(came_with) for came_with in releases[::stride]],
        tickfont_size=12,
        autotickangles=[0, -45, -90],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_yaxes(
        type="log",
        range=[math.log10(low), math.log10(high)],
        **labels(ratio_ticks(low, high)),
        tickfont_size=13,
        title_text="time after / before",
        zeroline=False,
        fixedrange=True,
    )
    return framed(figure, above=28)


def _add_marks(figure: go.Figure, verdict: str, members: pd.DataFrame, low: float, high: float) -> None:
    colour = LOOKS[verdict].colour
    lines: tuple[list[float | None], list[float | None]] = ([], [])
    for row in members.to_dict("records"):
        lines[0].extend((row["x"], row["x"], None))
        lines[1].extend((max(low, row["ratio_low"]), min(high, row["ratio_high"]), None))
    figure.add_scatter(
        x=lines[0],
        y=lines[1],
        mode="lines",
        line={"color": colour, "width": 1.5},
        legendgroup=verdict,
        showlegend=False,
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=members["x"].tolist(),
        y=members["ratio"].tolist(),
        mode="markers",
        name=f"{verdict} ({len(members)})",
        legendgroup=verdict,
        marker={"color": colour, "symbol": "triangle-up" if verdict == "slower" else "triangle-down", "size": 9},
        customdata=[_hover(row) for row in members.to_dict("records")],
        hovertemplate="%{customdata}<extra></extra>",
        hoverlabel_align="left",
    )


def _range(rows: pd.DataFrame) -> tuple[float, float]:
    """All ratios and 1; of intervals, no more than as much again either way."""
    low, high = min(1.0, rows["ratio"].min()), max(1.0, rows["ratio"].max())
    room = high / low
    low = min(low, rows["ratio_low"].clip(lower=low / room).min())
    high = max(high, rows["ratio_high"].clip(upper=high * room).max())
    pad = (high / low) ** 0.04
    return low / pad, high * pad


def _hover(row: wording.Row) -> str:
    told = [size(row), f"on {row['machine']}, {row['before']} → {row['after']}"]
    lines = [*(wording.short(part) for part in name(row).split(", ", 1)), *told]
    heading, *rest = (html.escape(line, quote=False) for line in lines)
    return "<br>".join([f"<b>{heading}</b>", *rest])
