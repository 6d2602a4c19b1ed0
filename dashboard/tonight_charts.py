"""How the variants stand beside NumPy, drawn: frames of `dashboard.tonight` in, a Plotly figure out."""

from __future__ import annotations

import html
import math

import pandas as pd
import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import label, labels, padded, style
from dashboard.release_charts import ratio_ticks
from dashboard.tonight import unsure
from workloads.figures import ratio_text

ROW_PIXELS, LEGEND_PIXELS, ABOVE, BELOW = 22, 20, 36, 62
MANY_ROWS, LEAST_ROW_PIXELS = 24, 17  # a whole suite: no more height than its names need
TWO_LINES = 32  # characters of a legend that a phone shows in two lines
MOST_TICKS = 5
MAX_ROW_NAME = 24  # more would leave no room for the points on a phone
ROOM_FOR_SLOWER = 0.22  # of the axis, right of the rule: for the word


def standing(frame: pd.DataFrame) -> go.Figure:
    """Time over NumPy's on a log axis: a row per `label`, a point per variant, NumPy itself as a rule at 1."""
    rows = {name: place for place, name in enumerate(dict.fromkeys(frame["label"]))}
    figure = go.Figure()
    bottom, top = len(rows) - 0.5, -0.5
    names = [label(wording.variant_text(variant)) for variant in ["numpy", *frame["variant"].unique()]]
    variants = dict(zip(frame["variant"].unique(), names[1:], strict=True))
    for variant, name in reversed(variants.items()):  # the first lies on top
        members, look = frame[frame["variant"] == variant], style(variant)
        figure.add_scatter(
            x=members["ratio"].tolist(),
            y=[rows[one] for one in members["label"]],
            mode="markers",
            name=name,
            marker={"color": look.colour, "symbol": look.marker, "size": 9},
            customdata=[_hover(row) for row in members.to_dict("records")],
            hovertemplate="%{customdata}<extra></extra>",
            hoverlabel_align="left",
        )
    figure.add_scatter(
        x=[1, 1],
        y=[bottom, top],
        mode="lines",
        name=names[0],
        line={"color": style("numpy").colour, "width": 2},
        hoverinfo="skip",
    )
    low, high = min(frame["ratio"].min(), 1.0), max(frame["ratio"].max(), 1.0)
    first, last = padded(low, high)
    last = max(last, -first * ROOM_FOR_SLOWER / (1 - ROOM_FOR_SLOWER))
    for word, side, shift in (("faster", "right", -8), ("slower", "left", 8)):
        figure.add_annotation(
            x=0,  # an annotation on a log axis takes the exponent
            y=1,
            yref="paper",
            yanchor="bottom",
            xanchor=side,
            xshift=shift,
            text=word,
            showarrow=False,
            font_size=12,
        )
    figure.update_xaxes(
        type="log",
        range=[first, last],
        **labels(_ticks(10**first, 10**last)),
        title_text="time over NumPy's",
        title_standoff=12,
        tickfont_size=11,
        tickangle=0,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_yaxes(
        range=[bottom, top],
        tickvals=list(rows.values()),
        ticktext=[label(_short(name)) for name in rows],
        tickfont_size=12,
        showgrid=True,
        zeroline=False,
        fixedrange=True,
        automargin=True,
    )
    row_pixels = LEAST_ROW_PIXELS if len(rows) > MANY_ROWS else ROW_PIXELS
    above = ABOVE + LEGEND_PIXELS * (len(names) if len("".join(names)) > TWO_LINES else 2)
    return figure.update_layout(
        height=above + BELOW + row_pixels * len(rows),
        margin={"l": 0, "r": 14, "t": above, "b": 0},
        minreducedheight=ROW_PIXELS,  # else what stands below a single row is pushed into it
        hovermode="closest",
        legend={"orientation": "h", "traceorder": "reversed", "x": 0, "y": 1, "xanchor": "left", "yanchor": "top"},
        legend_xref="container",
        legend_yref="container",
        showlegend=True,
    )


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Some of the places that are in sight, and 1 always: no more than stand beside each other on a phone."""
    ticks = [tick for tick in ratio_ticks(low, high) if low <= tick[0] <= high]
    one = [place for place, _ in ticks].index(1.0)
    stride = math.ceil(len(ticks) / MOST_TICKS)
    return [tick for place, tick in enumerate(ticks) if (place - one) % stride == 0]


def _hover(row: wording.Row) -> str:
    counts = {"faster": row["faster"], "slower": row["slower"], "the same": row["same"], "unsure": unsure(row)}
    name = wording.variant_text(row["variant"])
    lines = [
        f"<b>{label(row['label'])}</b>",
        f"{label(name)}: {ratio_text(row['ratio'])} the time of NumPy",
        html.escape(f"of {row['cases']:,} cases: " + ", ".join(f"{n:,} {word}" for word, n in counts.items() if n)),
    ]
    return "<br>".join(lines)


def _short(name: str) -> str:
    return name if len(name) <= MAX_ROW_NAME else name[: MAX_ROW_NAME - 1] + "…"
