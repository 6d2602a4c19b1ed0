"""What releases did, drawn: frames of `dashboard.releases` in, Plotly figures out. Releases stand evenly, by age."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import above_plot, framed, label, labels, padded, rules, style, tick_steps, time_ticks
from dashboard.releases import IMPORT, INSTALL, LIBRARIES, MEASURES, RELATIVE, STEADY

LACKING = "#8792A2"
LIBRARY_STYLES = {"numpy": "numpy", "jax": "jax_jit"}
MOST_RELEASE_LABELS = 30
LABEL_FONT, ROW_PIXELS, CHARACTER_PIXELS = 11, 16, 6.5
NARROW_PIXELS = 260  # of the plot on a phone: labels that do not collide there collide nowhere
MOST_LABEL_ROWS = 5
BAR_UNITS = {IMPORT: (1e3, "ms"), INSTALL: (1e-6, "MB")}


def over_releases(frame: pd.DataFrame, measure: str) -> go.Figure | None:
    """A measure release after release; None where there is no figure."""
    if frame[MEASURES[measure].column].isna().all():
        return None
    return lines(frame, measure) if MEASURES[measure].of_case else bars(frame, measure)


def lines(frame: pd.DataFrame, measure: str) -> go.Figure:
    """A measure of a case, on a log axis: a line per variant, and a rule where a variant steps."""
    column, is_ratio = MEASURES[measure].column, frame["shown"].iloc[0] == RELATIVE
    figure = go.Figure()
    drawn = frame[frame[column] > 0]
    for variant, rows in frame.groupby("variant", sort=False):
        _add_variant(figure, str(variant), rows, column)
    rows_of_labels = _add_steps(figure, frame) if measure == STEADY else 0
    figures = drawn[[column, "low", "high"]] if measure == STEADY else drawn[[column]]
    low, high = figures.min(axis=None), figures.max(axis=None)
    ends = padded(low, high)
    ticks = ratio_ticks(low, high) if is_ratio else time_ticks(low, high)
    figure.update_yaxes(range=ends, **labels(ticks))
    _add_lacking(figure, frame[frame[column].isna()], 10 ** (ends[0] + 0.04 * (ends[1] - ends[0])))
    title = "ratio to the newest" if is_ratio else {STEADY: "time per call"}.get(measure, measure)
    figure.update_yaxes(type="log", title_text=title, zeroline=False)
    return _framed(figure, frame, above=28 + rows_of_labels * ROW_PIXELS)


def bars(frame: pd.DataFrame, measure: str) -> go.Figure:
    """What each release takes, whatever is computed: a bar each, from nothing."""
    factor, unit = BAR_UNITS[measure]
    known = frame[frame[MEASURES[measure].column].notna()]
    library = frame["library"].iloc[0]
    figure = go.Figure()
    figure.add_bar(
        x=known["place"].tolist(),
        y=(known[MEASURES[measure].column] * factor).tolist(),
        marker_color=style(LIBRARY_STYLES[library]).colour,
        customdata=[_lines([MEASURES[measure].text(row[MEASURES[measure].column])], row) for row in _records(known)],
        hovertemplate="%{customdata}<extra></extra>",
        hoverlabel_align="left",
        name=LIBRARIES[library],
    )
    figure.update_yaxes(title_text=measure, ticksuffix=f" {unit}", rangemode="tozero", separatethousands=True)
    return _framed(figure, frame, above=8).update_layout(showlegend=False)


def ratio_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Where a log axis of ratios is labelled: `0.5×`, `1×`, `2×`."""
    places = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [(step * 10.0**place, f"{step * 10.0**place:,g}×") for place in places for step in tick_steps(low, high)]


def stacked(marks: Sequence[tuple[float, str]], count: int) -> list[tuple[int, str] | None]:
    """Row and anchor of each label, given where on `count` releases it stands, so that none meets another.

    The first are served first. None for a label that finds no room: its rule stays.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(MOST_LABEL_ROWS)]
    found: list[tuple[int, str] | None] = []
    for place, text in marks:
        width = (len(text) * CHARACTER_PIXELS + 8) / NARROW_PIXELS * count
        left, anchor = place - width / 2, "center"
        if left + width > count - 0.5:
            left, anchor = place - width, "right"
        if left < -0.5:
            left, anchor = place, "left"
        row = next((n for n, spans in enumerate(taken) if all(e <= left or left + width <= s for s, e in spans)), None)
        if row is not None:
            taken[row].append((left, left + width))
        found.append(None if row is None else (row, anchor))
    return found


def _add_variant(figure: go.Figure, variant: str, rows: pd.DataFrame, column: str) -> None:
    look = style(variant)
    with_interval = rows["low"].notna() & (column == "y")
    figure.add_scatter(
        x=rows["place"].tolist(),
        y=rows[column].tolist(),
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (rows["high"] - rows["y"]).where(with_interval, 0).tolist(),
            "arrayminus": (rows["y"] - rows["low"]).where(with_interval, 0).tolist(),
            "thickness": 1.5,
            "width": 3,
        },
        mode="lines+markers",
        connectgaps=False,
        name=label(wording.variant_text(variant)),
        line={"color": look.colour, "width": 2, "dash": look.dash},
        marker={"color": look.colour, "symbol": look.marker, "size": 8},
        customdata=[_lines(_told(row, column), row) for row in _records(rows)],
        hovertemplate="%{customdata}<extra></extra>",
        hoverlabel_align="left",
    )


def _add_steps(figure: go.Figure, frame: pd.DataFrame) -> int:
    """A rule before each release with which a variant steps, and its label above the plot; how many rows these fill."""
    stepping = [row for row in _records(frame) if row["step"] is not None]
    stepping.sort(key=lambda row: -row["step"].times[0])
    figure.update_layout(shapes=rules(place - 0.5 for place in sorted({row["place"] for row in stepping})))
    found = stacked([(row["place"] - 0.5, row["step"].size) for row in stepping], frame["release"].nunique())
    figure.update_layout(
        annotations=[
            above_plot(
                row["place"] - 0.5,
                row["step"].size,
                where,
                ROW_PIXELS,
                font={"size": LABEL_FONT, "color": style(row["variant"]).colour},
            )
            for row, where in zip(stepping, found, strict=True)
            if where
        ]
    )
    return 1 + max((where[0] for where in found if where), default=-1)


def _add_lacking(figure: go.Figure, rows: pd.DataFrame, y: float) -> None:
    if len(rows):
        figure.add_scatter(
            x=rows["place"].tolist(),
            y=[y] * len(rows),
            mode="markers",
            name="no number",
            marker={"symbol": "x-thin", "size": 9, "line": {"color": LACKING, "width": 2}},
            customdata=[_lines([wording.short(row["lack"])], row) for row in _records(rows)],
            hovertemplate="%{customdata}<extra></extra>",
            hoverlabel_align="left",
        )


def _framed(figure: go.Figure, frame: pd.DataFrame, above: int) -> go.Figure:
    """With releases along the bottom, and room above the plot for labels."""
    releases = frame.drop_duplicates("release")
    stride = math.ceil(len(releases) / MOST_RELEASE_LABELS)
    shown = releases[::-1][::stride][::-1]  # the newest always
    figure.update_xaxes(
        range=[-0.6, len(releases) - 0.4],
        tickvals=shown["place"].tolist(),
        ticktext=[label(release) for release in shown["release"]],
        tickfont_size=12,
        autotickangles=[0, -45, -90],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        title_text=f"release of {LIBRARIES[frame['library'].iloc[0]]}",
    )
    figure.update_yaxes(tickfont_size=13, fixedrange=True)
    return framed(figure, above=above)


def _told(row: wording.Row, column: str) -> list[str]:
    """What is known of a variant with a release: its time, its ratio to the anchor, its step."""
    told = [wording.variant_text(row["variant"])]
    if column != "y":
        return [*told, wording.duration(row[column])]
    if row["shown"] != RELATIVE:
        told.append(wording.duration(row["y"], row["low"], row["high"]))
    told.append("beside which all others were" if row["anchor"] else f"{wording.ratio(row)} the newest")
    step = row["step"]
    return [*told, f"{step.size} than {step.before}"] if step is not None else told


def _lines(told: list[str], row: wording.Row) -> str:
    heading = f"<b>{LIBRARIES[row['library']]} {label(row['release'])}</b>, {wording.day(row['appeared'])}"
    return "<br>".join([heading, *(html.escape(line, quote=False) for line in told)])


def _records(frame: pd.DataFrame) -> list[wording.Row]:
    return frame.to_dict("records")
