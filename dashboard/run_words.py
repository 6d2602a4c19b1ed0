"""A run in words, stored or under way: Markdown, in which every name is escaped."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from urllib.parse import quote

import pandas as pd

from dashboard import commands, wording
from dashboard.wording import plain
from flows.door import ANY, Seen, Wish
from workloads.figures import run_text

_ENDED = {"whole": "finished whole", "has holes": "has holes", "unfinished": "is unfinished"}

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


def last_run(run: wording.Row) -> str:
    """How the newest run of a machine ended, and its counts."""
    return f"**The last run on {plain(run['machine'])} {_ENDED[wording.state(run)]}: {wording.counts(run)}.**"


def lack(run: wording.Row, left_out: Sequence[str] = ()) -> str:
    """What one run lacks: in one sentence, and then what was asked for and could not be measured at all."""
    is_whole = wording.state(run) == "whole" and not left_out
    return f"Nothing: {wording.counts(run)}." if is_whole else ended(run, left_out)


def ended(run: wording.Row, left_out: Sequence[str] = ()) -> str:
    """How a run ended, its counts, and what was asked for and could not be measured at all."""
    sentences = [f"It {_ENDED[wording.state(run)]}: {wording.counts(run)}."]
    return "\n\n".join([*sentences, *(f"Left out: {plain(reason)}" for reason in left_out)])


def place(run: wording.Row) -> str:
    """The machine of a run, and what it is made of."""
    made_of = wording.machine_text(run["machine_description"])
    return f"On {plain(run['machine'])}" + (f": {plain(made_of)}." if made_of else ".")


def bundle_name(run: wording.Row) -> str:
    """What a run's bundle is called when it is taken away: its start and the end of its identity."""
    return f"{run['started_at']:%Y%m%dT%H%M%S}-{re.sub('[^0-9A-Za-z]', '-', run_text(run['uuid']))}.jsonl.gz"


def ways(run: wording.Row, server: str) -> str:
    """How to get at all of a run; its log is Prefect's, if its server ran it, and has the run's own identity."""
    log = wording.code(commands.logs(run["uuid"]))
    if server:
        log += f" or [Prefect's page]({server}/runs/flow-run/{quote(run['uuid'], safe='')})"
    return (
        "Its bundle holds every sample; `crossover ingest` takes it in anywhere. "
        f"As a table: {wording.code(commands.show(run['uuid']))}. If a Prefect server ran it, its log: {log}."
    )


def now(seen: Seen) -> str:
    """What a run does now: `**tiny on otter measures.** Completed: 3 of 3 measured.`"""
    where = f" on {plain(seen.machine)}" if seen.machine else ""
    sentence = f"**{plain(seen.suite or seen.name)}{where} {STATES[seen.state]}.**"
    if not seen.is_over or not seen.message:
        return sentence
    return f"{sentence} {plain(wording.short(seen.message)).rstrip('.')}."


def result(run: wording.Row | None, left_out: Sequence[str]) -> str:
    """What came of a run that is over; None: nothing of it is stored."""
    if run is None:
        return (
            "Nothing of it is in the database. What it has measured, if anything, waits as a bundle on its machine "
            "until the next night, or `crossover sync`."
        )
    return ended(run, left_out)


def links(run: wording.Row, workloads: Sequence[str]) -> dict[str, tuple[str, dict[str, str]]]:
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
