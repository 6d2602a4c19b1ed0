"""What a machine can tell from nothing: floors of its runs in, what is shown and said of them out."""

from __future__ import annotations

import json

import pandas as pd
import plotly.graph_objects as go

from analysis import noise
from dashboard import wording
from dashboard.charts import label, labels, padded, style
from workloads.figures import case_text, change_text

#: So many workloads have a place in the chart: those with the highest floors.
MOST_WORKLOADS = 30
ROW_PIXELS = 24
LEGEND = (
    "A point is a case whose environment was measured twice, side by side, in its newest run: the smallest change that "
    "this measurement could have told from none. The workload with the highest stands on top."
)


def newest(frame: pd.DataFrame) -> pd.DataFrame:
    """Of each series its newest floor; how often it was looked at is in `looks`."""
    looks = frame.groupby("series_id")["series_id"].transform("size")
    return frame.assign(looks=looks).drop_duplicates("series_id")


def answer(frame: pd.DataFrame, machine: str) -> str:
    """What can be told apart on a machine, and how often nothing was taken for something."""
    latest = newest(frame)
    floors = noise.floors(_intervals(latest, "ratio", "low", "high"))
    if floors.typical is None:
        return "Measured in one process, nothing has an interval: no floor is known."
    series, worst = latest["series_id"].nunique(), change_text(floors.worst)
    sentences = [
        f"**On {wording.plain(machine)} a change of {change_text(floors.typical)} can typically be told from none** "
        f"(the middle of {series} series; at worst {worst})."
    ]
    alarms = noise.false_alarms(_intervals(frame, "low", "high"))
    if alarms:
        share, low, high = (f"{100 * figure:.1f}" for figure in (alarms.share, alarms.low, alarms.high))
        runs = frame["run_id"].nunique()
        sentences.append(
            f"In {runs} {'run' if runs == 1 else 'runs'}, {alarms.false} of {alarms.compared} comparisons of something "
            f"with itself found a difference: {share} % \\[{low}, {high}\\] false alarms; 95 % intervals allow 5 %."
        )
    return " ".join(sentences)


def chart(frame: pd.DataFrame) -> go.Figure:
    """The newest floor of every series, workload by workload, on a log axis."""
    latest = newest(frame)
    latest = latest[latest["floor"] > 0]
    order = latest.groupby("workload")["floor"].max().sort_values().index[-MOST_WORKLOADS:]
    shown = latest[latest["workload"].isin(order)]
    names = {workload: label(workload) for workload in order}
    figure = go.Figure()
    for variant, rows in shown.groupby("variant", sort=False):
        look, name = style(str(variant)), label(wording.variant_text(str(variant)))
        figure.add_scatter(
            x=(rows["floor"] * 100).tolist(),
            y=[names[workload] for workload in rows["workload"]],
            mode="markers",
            name=name,
            marker={"color": look.colour, "symbol": look.marker, "size": 8, "opacity": 0.8},
            customdata=[
                f"{label(_case(row))}<br>{change_text(row['floor'])}, {row['night']}" for row in rows.to_dict("records")
            ],
            hovertemplate=f"<b>%{{y}}, {name}</b><br>%{{customdata}}<extra></extra>",
            hoverlabel_align="left",
        )
    low, high = 100 * shown["floor"].min(), 100 * shown["floor"].max()
    ticks = [(tick, f"{tick:g} %") for tick in (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000)]
    figure.update_xaxes(type="log", range=padded(low, high), fixedrange=True, zeroline=False, **labels(ticks))
    figure.update_xaxes(title_text="smallest change told apart")
    figure.update_yaxes(categoryarray=[names[workload] for workload in order], fixedrange=True, tickfont_size=12)
    return figure.update_layout(
        height=110 + ROW_PIXELS * len(order),
        margin={"l": 0, "r": 36, "t": 8, "b": 0},  # beside the legend stands the camera
        legend={"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"},
        showlegend=True,
    )


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """Every series with its floor, the highest first."""
    latest = newest(frame).sort_values("floor", ascending=False)
    rows = latest.to_dict("records")
    return pd.DataFrame(
        {
            "Workload": [row["workload"] for row in rows],
            "Case": [_case(row) for row in rows],
            "Variant": [wording.variant_text(row["variant"]) for row in rows],
            "Floor": [change_text(None if pd.isna(row["floor"]) else row["floor"]) for row in rows],
            "To itself": [
                wording.ratio({"ratio": row["ratio"], "ratio_low": row["low"], "ratio_high": row["high"]})
                for row in rows
            ],
            "Night": [str(row["night"]) for row in rows],
            "Times": latest["looks"].tolist(),
        }
    )


def _case(row: wording.Row) -> str:
    return case_text(json.loads(row["case_key"]))


def _intervals(frame: pd.DataFrame, *columns: str) -> list[tuple[float | None, ...]]:
    return [tuple(None if pd.isna(figure) else figure for figure in row) for row in frame[list(columns)].to_numpy()]
