"""Serves the pages: `python -P -m dashboard.serve --server.port 8501`, with any option of `streamlit run`.

Streamlit imports what a page needs when somebody first opens it, and they wait seconds for it. Here it is imported
before the server listens.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import plotly.graph_objects as go
from streamlit.web import cli

import dashboard

HERE = Path(__file__).parent
NOT_TO_IMPORT = ("app", "app_pages", "serve")


def warm() -> None:
    """Import whatever any page does, and have Plotly make its first figure, which takes it longer than all others."""
    for module in pkgutil.iter_modules(dashboard.__path__):
        if module.name not in NOT_TO_IMPORT:
            importlib.import_module(f"dashboard.{module.name}")
    figure = go.Figure().add_scatter(x=[1, 2], y=[1, 2], mode="lines+markers")
    figure.update_xaxes(type="log").update_layout(height=400).to_json()


if __name__ == "__main__":
    warm()
    sys.argv[1:] = ["run", str(HERE / "app.py"), *sys.argv[1:]]
    cli.main(prog_name="streamlit")
