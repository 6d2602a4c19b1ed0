"""Nights, drawn: frames of `dashboard.trends` in, Plotly figures out."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import above_plot, band, framed, label, labels, padded, rules, style, tick_steps, time_ticks
from dashboard.release_charts import (
    CHARACTER_PIXELS,
    LABEL_FONT,
    LACKING,
    NARROW_PIXELS,
    ROW_PIXELS,
    ratio_ticks,
    stacked,
)
from dashboard.thinning import kept
from dashboard.trends import FIGURES, LOG, MEMORY, STEADY, Upgrade, View, is_by_hand

MOST_POINTS = 1500  # of a line: a screen has no more
MOST_LABELS = 25  # of upgrades: from more on, rules stand alone
FEW_POINTS = 60  # so many of a line have room for large markers
PARTS = 100  # of the axis, for `stacked`
LINEAR_TICKS = 6
LEAST_ROOM = pd.Timedelta(days=2)  # on either side
LEGEND_SYMBOL_PIXELS, LEGEND_ROW_PIXELS = 50, 30

Ticks = list[tuple[float, str]]


def over_nights(frame: pd.DataFrame, upgrades: Sequence[Upgrade], view: View) -> go.Figure | None:
    """A line per variant in the band of its interval, a rule for every upgrade; None where there is no figure.

    Runs by hand are points, and no line.
    """
    if frame["y"].isna().all():
        return None
    figure, by_hand = go.Figure(), is_by_hand(frame)
    for variant, rows in frame.groupby("variant", sort=False):
        _add_variant(figure, str(variant), rows, by_hand=by_hand)
    first, last = frame["started_at"].min(), frame["started_at"].max()
    room = max((last - first) * 0.02, LEAST_ROOM)
    ends = (first - room, last + room)
    low, high = frame[list(FIGURES)].min(axis=None), frame[list(FIGURES)].max(axis=None)
    ticks = (log_ticks if view.scale == LOG else linear_ticks)(low, high, view)
    failed = frame[frame["status"] != "measured"]
    span = padded(low, high) if view.scale == LOG else [0, high * 1.06]
    if view.scale == LOG and len(failed):  # below all lines
        span[0] -= 0.1 * (span[1] - span[0])
    figure.update_yaxes(range=span, type=view.scale, **labels(ticks))
    bottom = span[0] + 0.04 * (span[1] - span[0])
    _add_failed(figure, failed, 10**bottom if view.scale == LOG else bottom)
    rows_of_labels = _add_upgrades(figure, upgrades, *ends)
    figure.update_xaxes(range=[_naive(end) for end in ends], type="date", **_days(*ends))
    figure.update_xaxes(tickfont_size=12, showgrid=False, zeroline=False, fixedrange=True)
    title = label(view.axis) if view.is_ratio else "time per call" if view.measure == STEADY else view.measure
    figure.update_yaxes(tickfont_size=13, title_text=title, zeroline=False, fixedrange=True)
    return framed(figure, above=rows_of_legend(figure) * LEGEND_ROW_PIXELS + rows_of_labels * ROW_PIXELS)


def log_ticks(low: float, high: float, view: View) -> Ticks:
    """Where a log axis is labelled, in the unit of what is shown."""
    if view.is_ratio:
        return ratio_ticks(low, high)
    if view.measure != MEMORY:
        return time_ticks(low, high)
    places = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [step * 10.0**place for place in places for step in tick_steps(low, high)]
    return [(value, wording.disk(value)) for value in found]


def linear_ticks(low: float, high: float, view: View) -> Ticks:
    """The same for an axis that begins with nothing, whatever is lowest."""
    del low
    exponent = math.floor(math.log10(high / LINEAR_TICKS))
    step = next(one * 10.0**exponent for one in (1, 2, 5, 10) if one * 10.0**exponent * LINEAR_TICKS >= high)
    values = [number * step for number in range(1, math.floor(high / step * 1.06) + 1)]
    unit = math.floor(math.log10(high))
    if view.is_ratio:
        return [(0.0, "0"), *((value, f"{value:,.3g}×") for value in values)]
    if view.measure == MEMORY:
        return [(0.0, "0"), *((value, wording.disk(value)) for value in values)]
    return [(0.0, "0"), *((value, wording.tick(round(value / 10.0**unit, 6), unit)) for value in values)]


def _days(first: pd.Timestamp, last: pd.Timestamp) -> dict[str, Any]:
    """How an axis of nights is labelled: never with hours."""
    is_short = last - first < pd.Timedelta(days=8)
    return {"dtick": 86_400_000, "tickformat": "%b %-d"} if is_short else {"nticks": 8}


def rows_of_legend(figure: go.Figure) -> int:
    """How many rows the legend may need on a phone."""
    rows, room = 1, NARROW_PIXELS
    for name in (trace.name for trace in figure.data if trace.showlegend is not False):
        width = len(html.unescape(name)) * CHARACTER_PIXELS + LEGEND_SYMBOL_PIXELS
        rows, room = (rows, room - width) if width <= room else (rows + 1, NARROW_PIXELS - width)
    return rows


def _add_variant(figure: go.Figure, variant: str, rows: pd.DataFrame, *, by_hand: bool) -> None:
    look, name = style(variant), label(wording.variant_text(variant))
    rows = rows[rows["y"].notna()].reset_index(drop=True)
    rows = rows.iloc[kept(rows["y"].tolist(), MOST_POINTS)]
    if rows.empty:
        return
    is_alone = by_hand | (rows.groupby("stretch")["y"].transform("size") == 1)
    figure.add_scatter(
        **_band(rows[~is_alone]),
        **band(variant, name),
    )
    # a point without neighbours has no band: its interval is a bar
    rows = rows.assign(up=(rows["high"] - rows["y"]).where(is_alone), down=(rows["y"] - rows["low"]).where(is_alone))
    line: dict[str, list[Any]] = {"x": [], "y": [], "customdata": [], "up": [], "down": []}
    for number, stretch in enumerate(_stretches(rows)):
        if number:  # a gap
            _extend(line, [None], [None], [["", ""]], [0], [0])
        told = [[_told(row), row["key"]] for row in _records(stretch)]
        bars = [stretch[side].fillna(0).tolist() for side in ("up", "down")]
        _extend(line, _times(stretch), stretch["y"].tolist(), told, *bars)
    bars = {"array": line.pop("up"), "arrayminus": line.pop("down"), "symmetric": False, "thickness": 1.5, "width": 0}
    size = 8 if len(rows) <= FEW_POINTS else 4
    figure.add_scatter(
        **line,
        error_y=bars,
        mode="markers" if by_hand else "lines+markers",
        connectgaps=False,
        name=name,
        legendgroup=variant,
        line={"color": look.colour, "width": 2 if len(rows) <= FEW_POINTS else 1.5, "dash": look.dash},
        marker={"color": look.colour, "symbol": look.marker, "size": size},
        **_as_chosen(size),
    )


def _add_failed(figure: go.Figure, rows: pd.DataFrame, y: float) -> None:
    if len(rows):
        figure.add_scatter(
            x=_times(rows),
            y=[y] * len(rows),
            mode="markers",
            name="no number",
            marker={"symbol": "x-thin", "size": 9, "line": {"color": LACKING, "width": 2}},
            customdata=[[_told(row), row["key"]] for row in _records(rows)],
            **_as_chosen(9),
        )


def _add_upgrades(figure: go.Figure, upgrades: Sequence[Upgrade], first: pd.Timestamp, last: pd.Timestamp) -> int:
    """A rule between the nights, and above the plot its label; how many rows these fill."""
    together = [list(group) for _, group in itertools.groupby(upgrades, key=lambda upgrade: upgrade.middle)][::-1]
    texts = [label(", ".join(f"{one.library} {one.after}" for one in group)) for group in together]
    places = [(group[0].middle - first) / (last - first) * PARTS - 0.5 for group in together]
    figure.update_layout(shapes=rules(_naive(group[0].middle) for group in together))
    if len(together) > MOST_LABELS:
        return 0
    # the newest first: it finds room
    found = stacked(list(zip(places, map(html.unescape, texts), strict=True)), PARTS)
    figure.update_layout(
        annotations=[
            above_plot(
                _naive(group[0].middle),
                text,
                where,
                ROW_PIXELS,
                hovertext=label("; ".join(one.text for one in group)),
                font={"size": LABEL_FONT, "color": LACKING},
            )
            for group, text, where in zip(together, texts, found, strict=True)
            if where
        ]
    )
    return 1 + max((where[0] for where in found if where), default=-1)


def _band(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """The outline of the intervals, a closed one for every stretch."""
    outline: dict[str, list[Any]] = {"x": [], "y": []}
    known = rows[rows["low"].notna() & rows["high"].notna()]
    for stretch in _stretches(known):
        times = _times(stretch)
        if outline["x"]:
            _extend(outline, [None], [None])
        _extend(outline, [*times, *times[::-1]], [*stretch["high"], *stretch["low"][::-1]])
    return outline


def _extend(columns: dict[str, list[Any]], *values: list[Any]) -> None:
    for column, more in zip(columns.values(), values, strict=True):
        column.extend(more)


def _stretches(rows: pd.DataFrame) -> list[pd.DataFrame]:
    return [stretch for _, stretch in rows.groupby("stretch", sort=True)]


def _as_chosen(size: float) -> dict[str, Any]:
    """What is said of a point under the pointer; the chosen one is larger, and the others stay as they are."""
    return {
        "hovertemplate": "%{customdata[0]}<extra></extra>",
        "hoverlabel_align": "left",
        "selected": {"marker": {"size": size + 6}},
        "unselected": {"marker": {"opacity": 1}},
    }


def _told(row: wording.Row) -> str:
    """The night, the variant, its figure, and in what it was measured."""
    figure = row["figure"] if row["status"] == "measured" else wording.status(row["status"])
    jax = "" if pd.isna(row["jax"]) else f", JAX {row['jax']}"
    lines = [wording.variant_text(row["variant"]), figure, f"NumPy {row['numpy']}{jax}"]
    return "<br>".join([f"<b>{wording.moment(row['started_at'])}</b>", *map(label, lines)])


def _times(rows: pd.DataFrame) -> list[str]:
    return [_naive(time) for time in rows["started_at"]]


def _naive(time: pd.Timestamp) -> str:
    """As Plotly takes it, which would convert any zone to the reader's."""
    return f"{time:%Y-%m-%d %H:%M:%S}"


def _records(frame: pd.DataFrame) -> list[wording.Row]:
    return frame.to_dict("records")
