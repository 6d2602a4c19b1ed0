"""What the pages on NumPy beside JAX are about: a workload, a run that compared it, an environment and a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data, page, wording

NOTHING_YET = (
    "This workload was not measured in both libraries yet. What is known of releases has its own page; "
    "`crossover run` measures both."
)

#: Frame of a workload in a run: `data.scaling`, or another that has its columns.
Read = Callable[[data.Version, int, str], pd.DataFrame]


def choose(row: Any, version: data.Version, machine: str, *, read: Read, among_runs: bool = True) -> Any:
    """The chosen run and its measurements of one workload, in one environment and one case; ends the page without.

    row: where the choices go. among_runs: to be chosen; else it is the newest one that has a curve.
    """
    known, newest = data.workloads(version, machine), data.newest_workload(version, machine)
    workload = page.choose(row, "Workload", known, "workload", default=newest, width=320, always=True)
    runs = data.runs_of_workload(version, machine, workload)
    if runs.empty:
        st.info(NOTHING_YET)
        st.stop()
    labels = {wording.run_label(run): run for run in runs.to_dict("records")}
    # the newest that has a curve: a run of one size must not hide the ladder
    label = next((label for label, run in labels.items() if run["sizes"] > 1), next(iter(labels)))
    if among_runs:
        label = page.choose(row, "Run", list(labels), "scaling_run", default=label, width=320)
    run = labels[label]
    frame = read(version, run["id"], workload)
    for column, name, key in (("environment", "Environment", "environment"), ("group", "Case", "case")):
        frame = frame[frame[column] == page.choose(row, name, list(frame[column].unique()), key, width=320)]
    return run, frame
