"""Two sides, drawn: frames of `dashboard.comparing` in, Plotly figures out. Colours are verdicts, and nothing else."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import framed, labels
from dashboard.compare_words import size

MOST_ROWS = 40
ROW_PIXELS, AROUND_PIXELS = 28, 84
MOST_LETTERS, MOST_VARIANT_LETTERS = 56, 24  # of the name of a row, which stands above its interval: so many on a phone
MOST_BINS = 41
BIN_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3, 9, 99)
DISTRIBUTION_HEIGHT = 260
#: Below so many a distribution says no more than its members.
LEAST_DISTRIBUTION = 8
RULE = "#8792A2"


@dataclass(frozen=True)
class Look:
    """How a verdict looks."""

    colour: str
    marker: str


LOOKS = {
    "slower": Look("#E5484D", "triangle-right"),
    "faster": Look("#12A594", "triangle-left"),
    "same": Look("#6B7280", "circle"),
    "unsure": Look("#9AA4B2", "circle-open"),
}


def surest(frame: pd.DataFrame, most: int = MOST_ROWS) -> pd.DataFrame:
    """Those to draw: first what is surely slower or faster, the farthest from 1 first, then the narrowest intervals."""
    if frame.empty:
        return frame
    known = frame[frame["verdict"].isin(LOOKS) & (frame["ratio"] > 0)]
    order = sorted(known.to_dict("index").items(), key=lambda item: _doubt(item[1]))
    return frame.loc[[index for index, _ in order[:most]]]


def _doubt(row: wording.Row) -> tuple[bool, float]:
    """What sorts the surest first."""
    low, high = _log(row["ratio_low"]), _log(row["ratio_high"])
    if row["verdict"] in ("slower", "faster"):
        return False, -max(low, -high)
    return True, math.inf if math.isnan(high - low) else high - low


def ratios(frame: pd.DataFrame, tolerance: float | None = None) -> go.Figure:
    """The ratio of each row with its interval, the slowest on top. tolerance: half of a band around 1, as a share."""
    rows = frame.sort_values("ratio").reset_index(drop=True)
    figure = go.Figure()
    if tolerance:
        figure.add_vrect(1 / (1 + tolerance), 1 + tolerance, fillcolor=RULE, opacity=0.12, line_width=0, layer="below")
    low, high = _range(rows)
    _add_rule(figure, len(rows))
    for verdict, look in LOOKS.items():
        members = rows[rows["verdict"] == verdict]
        if len(members):
            _add_rows(figure, verdict, look, members, low, high)
    several = rows["variant"].nunique() > 1
    name = {"x": 0, "xref": "paper", "xanchor": "left", "yshift": 4, "yanchor": "bottom", "showarrow": False}
    figure.update_layout(  # all at once: Plotly takes half a second to add so many one by one
        annotations=[
            {**name, "y": place, "text": _row_name(row, with_variant=several), "font_size": 11}
            for place, row in enumerate(rows.to_dict("records"))
        ]
    )
    figure.update_xaxes(
        type="log",
        range=[math.log10(low), math.log10(high)],
        **labels(ratio_ticks(low, high)),
        tickfont_size=13,
        title_text="ratio of times",
        fixedrange=True,
        zeroline=False,
        side="bottom",
    )
    figure.update_yaxes(range=[-0.6, len(rows)], showticklabels=False, showgrid=False, zeroline=False, fixedrange=True)
    return framed(figure, above=28, height=AROUND_PIXELS + ROW_PIXELS * (len(rows) + 0.6))


def distribution(frame: pd.DataFrame) -> go.Figure:
    """How many ratios lie where, on a log scale whose middle bin is around 1, by verdict."""
    known = frame[frame["verdict"].isin(LOOKS) & (frame["ratio"] > 0)]
    logs = [math.log(ratio) for ratio in known["ratio"]]
    farthest = max(map(abs, logs), default=0.0)
    width = next((math.log1p(w) for w in BIN_SHARES if farthest / math.log1p(w) <= MOST_BINS // 2), farthest / 20)
    bins = pd.Series([round(log / width) for log in logs], index=known.index)
    reach = max(2, int(bins.abs().max()))
    figure = go.Figure()
    for verdict, look in LOOKS.items():
        counts = bins[known["verdict"] == verdict].value_counts().sort_index()
        if counts.empty:
            continue
        told = [
            f"{count} {verdict}, {math.exp((at - 0.5) * width):.3g}× to {math.exp((at + 0.5) * width):.3g}×"
            for at, count in counts.items()
        ]
        figure.add_bar(
            x=[at * width for at in counts.index],
            y=counts.tolist(),
            width=width * 0.92,
            name=f"{verdict} ({counts.sum()})",
            marker_color=look.colour,
            customdata=told,
            hovertemplate="%{customdata}<extra></extra>",
        )
    ends = (reach + 0.7) * width
    ticks = ratio_ticks(math.exp(-ends), math.exp(ends))
    figure.add_vline(0, line={"color": RULE, "width": 1}, layer="below")
    figure.update_xaxes(
        range=[-ends, ends],
        **labels([(math.log(at), text) for at, text in ticks]),
        tickfont_size=13,
        title_text="ratio of times",
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_yaxes(title_text="series", tickfont_size=13, fixedrange=True, rangemode="tozero", tickformat=",d")
    return framed(figure, above=28, height=DISTRIBUTION_HEIGHT).update_layout(
        barmode="stack", bargap=0, legend_traceorder="normal"
    )


def ratio_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Where an axis of ratios that holds 1 is labelled: five to eight places, as far apart from 1 either way."""
    span = max(high, 1 / low)
    for steps in _TICKS:
        if span <= steps[-1] ** 1.3:
            found = sorted({1.0, *steps, *(1 / step for step in steps)})
            return [(at, f"{at:.2g}×" if at < 1 else f"{at:.3g}×") for at in found]
    decades = math.ceil(math.log10(span))
    stride = max(1, math.ceil(decades / 3))
    return [(10.0**at, f"{10.0**at:,g}×") for at in range(-decades, decades + 1) if at % stride == 0]


_TICKS = ((1.01, 1.02), (1.02, 1.05), (1.05, 1.1), (1.1, 1.2), (1.2, 1.5), (1.5, 2, 3), (2, 4), (2, 5, 10), (10, 100))


def _range(rows: pd.DataFrame) -> tuple[float, float]:
    """What is drawn of the ratios: all of them and 1; of intervals, no more than as much again either way."""
    logs, lows, highs = (rows[column].map(_log) for column in ("ratio", "ratio_low", "ratio_high"))
    low, high = min(0.0, logs.min()), max(0.0, logs.max())
    room = max(high - low, 0.02)
    low = min(low, lows.clip(lower=low - room).min()) if lows.notna().any() else low
    high = max(high, highs.clip(upper=high + room).max()) if highs.notna().any() else high
    pad = 0.06 * max(high - low, 0.04)
    return math.exp(low - pad), math.exp(high + pad)


def _add_rule(figure: go.Figure, count: int) -> None:
    """Where both sides are equal: a piece in each row, which leaves its name free."""
    places = [end for place in range(count) for end in (place - 0.42, place + 0.14, None)]
    figure.add_scatter(
        x=[1, 1, None] * count,
        y=places,
        mode="lines",
        line={"color": RULE, "width": 1},
        showlegend=False,
        hoverinfo="skip",
    )


def _add_rows(figure: go.Figure, verdict: str, look: Look, members: pd.DataFrame, low: float, high: float) -> None:
    """Intervals as lines, cut where the chart ends, and a marker on each."""
    lines: tuple[list[float | None], list[float | None]] = ([], [])
    for place, row in members.iterrows():
        ends = (row["ratio_low"], row["ratio_high"]) if row["ratio_low"] > 0 else (row["ratio"], row["ratio"])
        lines[0].extend((max(low, min(high, ends[0])), max(low, min(high, ends[1])), None))
        lines[1].extend((place, place, None))
    figure.add_scatter(
        x=lines[0],
        y=lines[1],
        mode="lines",
        line={"color": look.colour, "width": 2},
        legendgroup=verdict,
        showlegend=False,
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=members["ratio"].tolist(),
        y=members.index.tolist(),
        mode="markers",
        name=f"{verdict} ({len(members)})",
        legendgroup=verdict,
        marker={
            "color": look.colour,
            "symbol": look.marker,
            "size": 10,
            "line_width": 2 if "open" in look.marker else 0,
        },
        customdata=[_hover(row) for row in members.to_dict("records")],
        hovertemplate="%{customdata}<extra></extra>",
        hoverlabel_align="left",
    )


def _row_name(row: wording.Row, *, with_variant: bool) -> str:
    variant = f", {_cut(wording.variant_text(row['variant']), MOST_VARIANT_LETTERS)}" if with_variant else ""
    case = _cut(f"{row['workload']} {wording.case(row['case_key'], row['size_name'])}", MOST_LETTERS - len(variant))
    return html.escape(f"{case}{variant}", quote=False)


def _hover(row: wording.Row) -> str:
    """All that is known of a row, line by line."""
    told = [row["verdict"], f"{wording.ratio(row)}"]
    if row["verdict"] in ("slower", "faster"):
        told[0] = size(row)
    for word, side in (("from", "before"), ("to", "after")):
        told.append(f"{word} {wording.duration(row[f'{side}_seconds'], row[f'{side}_low'], row[f'{side}_high'])}")
    known_by = (
        row["workload"],
        f"{wording.case(row['case_key'], row['size_name'])}, {wording.variant_text(row['variant'])}",
    )
    heading = "<br>".join(html.escape(_cut(part, MOST_LETTERS), quote=False) for part in known_by)
    return "<br>".join([f"<b>{heading}</b>", *(html.escape(line, quote=False) for line in told)])


def _log(figure: float) -> float:
    return math.log(figure) if figure > 0 else math.nan


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(most, 2) - 1] + "…"
