"""A run that was begun from the pages, in words: Markdown, in which every name is escaped."""

from __future__ import annotations

import shlex
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard import wording
from dashboard.wording import plain
from flows.door import ANY, Seen, Wish

#: What a run does, by the type of its state at Prefect.
STATES = {
    "SCHEDULED": "waits for its machine",
    "PENDING": "is about to begin",
    "RUNNING": "measures",
    "PAUSED": "is paused",
    "CANCELLING": "is being ended",
    "CANCELLED": "was ended",
    "COMPLETED": "is over",
    "FAILED": "is over, and not whole",
    "CRASHED": "broke off",
}


def state(seen: Seen) -> str:
    """What a run does now: `**tiny on otter measures.** Completed: 3 of 3 measured.`"""
    where = f" on {plain(seen.machine)}" if seen.machine else ""
    sentence = f"**{plain(seen.suite or seen.name)}{where} {STATES[seen.state]}.**"
    if not seen.is_over or not seen.message:
        return sentence
    return f"{sentence} {plain(wording.short(seen.message)).rstrip('.')}."


def result(run: Mapping[Hashable, Any] | None, left_out: Sequence[str]) -> str:
    """What came of a run that is over; None: nothing of it is stored."""
    if run is None:
        return (
            "Nothing of it is in the database. What it has measured, if anything, waits as a bundle on its machine "
            "until the next night, or `crossover sync`."
        )
    return wording.ended(run, left_out)


def links(run: Mapping[Hashable, Any], workloads: Sequence[str]) -> dict[str, tuple[str, dict[str, str]]]:
    """Where its result is: what a link says, the page that it leads to, and the choices there."""
    label = wording.run_label(run)
    found = {"All of the run": ("runs", {"machine": run["machine"], "run": label})}
    if workloads:
        chosen = {"machine": run["machine"], "workload": workloads[0], "scaling_run": label}
        found["NumPy or JAX"] = ("numpy_vs_jax", chosen)
    return found


def command(wish: Wish) -> str:
    """The same by hand, on a machine that knows the Prefect server."""
    where = ["--pool", wish.where.removeprefix(ANY)] if wish.where.startswith(ANY) else ["--on", wish.where]
    more = [("--workload", name) for name in wish.workloads] + [("--track", name) for name in wish.tracks]
    more += [("--env", wish.environment)] if wish.environment else []
    return shlex.join(["crossover", "trigger", wish.suite, *where, *(part for pair in more for part in pair), "--wait"])


def measured(measurements: pd.DataFrame) -> list[str]:
    """The workloads of which a run has a number, in their order."""
    if measurements.empty:
        return []
    return list(measurements.loc[measurements["status"] == "measured", "workload"].unique())
