"""What every page does in the same way: choices that a link restores, and charts that can be taken away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

PICTURES = ["SVG", "PNG"]


def choices() -> Any:
    """A row for what is chosen, above the answer."""
    return st.container(horizontal=True, vertical_alignment="bottom")


def choose(
    row: Any,
    label: str,
    options: Sequence[str],
    key: str,
    *,
    default: str | None = None,
    width: int,
    always: bool = False,
) -> str:
    """One of the options, the default or the first; shown where there are several, or always, and kept in the link."""
    index = options.index(default) if default in options else 0
    if len(options) == 1 and not always:
        return options[0]
    return row.selectbox(label, options, index=index, key=key, bind="query-params", width=width)


def chart(figure: go.Figure, *, alt: str, name: str, table: pd.DataFrame, command: str = "", **look: Any) -> Any:
    """A chart, and below it its figures as CSV, the chart as a picture, and the command that measures the same again.

    name: of the files, and of the chart within its page. look: more for `st.plotly_chart`, whose answer is given.
    """
    kind = st.session_state.get(f"{name}_picture") or PICTURES[0]
    picture = {"format": kind.lower(), "filename": name, "scale": 2}
    config = {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": picture,
    }
    selected = st.plotly_chart(figure, config=config, alt=alt, key=f"{name}_chart", **look)
    with st.popover("Download or repeat", icon=":material/download:"):
        written = partial(table.to_csv, index=False)  # once somebody asks for it
        st.download_button("Figures as CSV", written, f"{name}.csv", "text/csv", key=f"{name}_csv", on_click="ignore")
        st.segmented_control("Picture", PICTURES, default=PICTURES[0], key=f"{name}_picture")
        st.caption("The camera above the chart saves it as it is seen.")
        if command:
            st.caption("Measures the same again, in the same environments:")
            st.code(command, language="bash", wrap_lines=True)
    return selected
