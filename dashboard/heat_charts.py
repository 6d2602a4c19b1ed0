"""All workloads of a run, drawn: cells of `dashboard.heat` in, a Plotly figure out.

Blue is NumPy's side and orange the variant's, which the colour-blind tell apart; how strong, says how much. What is not
sure has no colour, but a pattern. Sizes stand as powers of ten on a linear axis, because a cell has two ends.
"""

from __future__ import annotations

import html
import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import heat_words, wording
from dashboard.charts import framed

ROW_PIXELS, ABOVE_PIXELS, BELOW_PIXELS = 18, 122, 8
SCALE_TITLE_PIXELS = 18
MOST_LETTERS, MOST_HOVER_LETTERS = 24, 56
FARTHEST = 16.0  # times as fast: from there on the colour stays
NUMPY, OTHER, NEUTRAL = "47,91,234", "226,120,20", "135,146,162"
FAINTEST = 0.28
APART = 0.008  # decades between a cell's end and where it meets the next one
TICKS = {-4: "16×", -2: "4×", 0: "1×", 2: "4×", 4: "16×"}


def heat(cells: pd.DataFrame, variant: str) -> go.Figure:
    """A row per workload, a cell per size: where is the variant faster than NumPy, and by how much?"""
    figure, name = go.Figure(), html.escape(_cut(wording.variant_text(variant), 16), quote=False)
    names = cells.drop_duplicates("row").sort_values("row")["workload"]
    height = ABOVE_PIXELS + BELOW_PIXELS + ROW_PIXELS * len(names)
    decided = cells[cells["state"].isin(("faster", "slower"))]
    _add(figure, decided, "decided", marker=_coloured(decided, 1 - SCALE_TITLE_PIXELS / height), showlegend=False)
    for state, look in _UNCOLOURED.items():
        members = cells[cells["state"] == state]
        if len(members):
            _add(figure, members, f"{state} ({len(members)})", marker=look)
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[html.escape(_cut(name, MOST_LETTERS), quote=False) for name in names],
        range=[len(names) - 0.4, -0.6],
        tickfont_size=11,
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    low, high = math.floor(cells["left"].min()), math.ceil(cells["right"].max())
    stride = max(1, math.ceil((high - low) / 5))
    ticks = [place for place in range(max(low, 0), high + 1) if place % stride == 0]
    figure.update_xaxes(
        tickvals=ticks,
        ticktext=[f"10<sup>{place}</sup>" if place > 1 else f"{10**place}" for place in ticks],
        range=[cells["left"].min() - 0.05, cells["right"].max() + 0.05],
        tickfont_size=13,
        title_text="size",
        side="top",
        zeroline=False,
        fixedrange=True,
    )
    framed(figure, above=ABOVE_PIXELS, height=height)
    return figure.update_layout(
        barmode="overlay",
        bargap=0.12,
        legend={"y": 1 - 52 / height, "xref": "container"},
        # the colour bar's own title would lie on it where there are few rows
        title={
            "text": f"{name} faster ← → NumPy faster" if len(decided) else "",
            "x": 0,
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 12, "t": 2},
        },
        title_font={"size": 12, "weight": "normal"},
    )


def _add(figure: go.Figure, members: pd.DataFrame, name: str, **look: Any) -> None:
    figure.add_bar(
        orientation="h",
        y=members["row"].tolist(),
        base=(members["left"] + APART).tolist(),
        x=(members["right"] - members["left"] - 2 * APART).tolist(),
        name=name,
        customdata=[_hover(row) for row in members.to_dict("records")],
        hovertemplate="%{customdata}<extra></extra>",
        hoverlabel_align="left",
        **look,
    )


def _coloured(decided: pd.DataFrame, top: float) -> dict[str, Any]:
    reach = math.log2(FARTHEST)
    return {
        "color": [max(-reach, min(reach, math.log2(ratio))) for ratio in decided["ratio"]],
        "cmin": -reach,
        "cmax": reach,
        "colorscale": [
            [0, f"rgba({OTHER},1)"],
            [0.5, f"rgba({OTHER},{FAINTEST})"],
            [0.5, f"rgba({NUMPY},{FAINTEST})"],
            [1, f"rgba({NUMPY},1)"],
        ],
        "line_width": 0,
        "colorbar": {
            "orientation": "h",
            "lenmode": "pixels",
            "len": 230,
            "thickness": 12,
            "x": 0,
            "xanchor": "left",
            "xref": "container",
            "y": top,
            "yanchor": "top",
            "yref": "container",
            "xpad": 12,
            "ypad": 0,
            "tickvals": list(TICKS),
            "ticktext": list(TICKS.values()),
            "outlinewidth": 0,
        },
    }


_UNCOLOURED: dict[str, dict[str, Any]] = {
    "same": {"color": f"rgba({NEUTRAL},0.55)", "line_width": 0},
    "unsure": {
        "color": f"rgba({NEUTRAL},0.14)",
        "line_width": 0,
        "pattern": {"shape": "/", "size": 5, "solidity": 0.25, "fgcolor": f"rgba({NEUTRAL},1)"},
    },
    "no number": {"color": "rgba(0,0,0,0)", "line": {"color": f"rgba({NEUTRAL},0.35)", "width": 1}},
}


def _hover(row: Any) -> str:
    first, *others = (html.escape(_cut(line, MOST_HOVER_LETTERS), quote=False) for line in heat_words.hover(row))
    return "<br>".join([f"<b>{first}</b>", *others])


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
