"""What so many calls take, drawn: measurements of one size in, a Plotly figure out."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboard import deciding, wording
from dashboard.break_even_charts import call_ticks
from dashboard.charts import band, framed, label, labels, padded, style, time_ticks

FARTHEST = 7  # powers of ten of calls
PER_DECADE = 8
RULE = "#8792A2"


def totals(frame: pd.DataFrame, calls: int, counted: str) -> go.Figure:
    """Seconds over the number of calls, both on a log axis: a line per variant in its band, a rule at `calls`."""
    grid = sorted({round(10 ** (step / PER_DECADE)) for step in range(FARTHEST * PER_DECADE + 1)})
    rows = frame[frame["status"] == "measured"].to_dict("records")
    figure, seconds = go.Figure(), []
    for row in rows:
        lines = [deciding.total(row, count, counted) for count in grid]
        _add_variant(figure, row["variant"], grid, lines)
        seconds += [end for line in lines for end in line if end is not None]
    figure.add_vline(calls, line={"color": RULE, "width": 1.5, "dash": "dash"}, layer="below")
    figure.update_xaxes(range=padded(1, grid[-1]), **labels(call_ticks(FARTHEST, written=2)))
    figure.update_xaxes(type="log", tickfont_size=13, showgrid=False, fixedrange=True, title_text="calls")
    low, high = min(seconds), max(seconds)
    figure.update_yaxes(range=padded(low, high), **labels(time_ticks(low, high)))
    figure.update_yaxes(type="log", tickfont_size=13, title_text="time for all calls", fixedrange=True, zeroline=False)
    return framed(figure, above=34)


def _add_variant(figure: go.Figure, variant: str, grid: list[int], lines: list) -> None:
    look, name = style(variant), label(wording.variant_text(variant))
    middle, low, high = (list(side) for side in zip(*lines, strict=True))
    if None not in low[:2]:
        figure.add_scatter(x=[*grid, *grid[::-1]], y=[*high, *low[::-1]], **band(variant, name))
    figure.add_scatter(
        x=grid,
        y=middle,
        mode="lines",
        name=name,
        legendgroup=variant,
        line={"color": look.colour, "width": 2, "dash": look.dash},
        customdata=[f"{_calls(at)}: {wording.duration(*line)}" for at, line in zip(grid, lines, strict=True)],
        hovertemplate=f"<b>{name}</b><br>%{{customdata}}<extra></extra>",
        hoverlabel_align="left",
    )


def _calls(calls: int) -> str:
    return f"{calls:,} {'call' if calls == 1 else 'calls'}"
