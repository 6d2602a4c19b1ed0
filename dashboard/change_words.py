"""What got slower or faster, in words and tables: frames of `dashboard.changing` in; every name is escaped."""

from __future__ import annotations

import pandas as pd

from analysis import steps
from dashboard import wording
from dashboard.changing import EVERYWHERE, link, release
from dashboard.compare_words import size
from dashboard.wording import plain
from workloads.figures import run_text

MOST_LINKS = 20

NOTHING_KNOWN = (
    "No change is known yet. Changes come from runs through releases: `crossover backfill --jax 0.4.30..` measures "
    "them here, and `crossover demo` shows some measured elsewhere. Changes from night to night are not worked out "
    "yet. What an earlier version stored is worked out by `crossover reanalyse`."
)
KIND = (
    "These are steps of backfills: from one release to the next, the whole 95 % interval of the ratio lies beyond "
    f"{steps.LEAST_TEXT}, in one run that sampled both side by side or each beside the newest release. The nights are "
    "those of the runs that found them, not of the releases. What changed from one night to the next is not worked "
    "out yet. What several runs found counts once, as the newest has it."
)


def nothing_in(span: str, everything: pd.DataFrame, scope: str, machine: str) -> str:
    """What to do where the time that was chosen holds no change, but an earlier one does."""
    where = "on any machine" if scope == EVERYWHERE else f"on {plain(machine)}"
    newest = wording.day(pd.Timestamp(everything["night"].max()))
    return f"No change was found {where} in {span}. The newest is of {newest}: choose a longer time."


def answer(frame: pd.DataFrame, scope: str, machine: str) -> str:
    """How many got slower and faster, the largest each way, and what most came with."""
    machines = frame["machine"].nunique()
    where = f" on {plain(machine)}"
    if scope == EVERYWHERE:
        where = f" on {machines} machine" + ("" if machines == 1 else "s")
    counts = frame["verdict"].value_counts()
    head = f"**{_counted(len(frame))}{where}: {counts.get('slower', 0)} slower, {counts.get('faster', 0)} faster.**"
    largest = []
    for verdict in ("slower", "faster"):
        rows = frame[frame["verdict"] == verdict]
        if len(rows):
            row = rows.loc[rows["away"].idxmax()].to_dict()
            largest.append(f"{size(row)} with {row['came_with']} ({name(row)})")
    told = [head, plain(f"The largest: {'; '.join(largest)}.")]
    most = frame["came_with"].value_counts()
    if len(most) > 1:
        first = most.index[0]
        of_it = frame[frame["came_with"] == first]["verdict"].value_counts()
        both = ", ".join(f"{of_it[verdict]} {verdict}" for verdict in ("slower", "faster") if verdict in of_it)
        told.append(plain(f"Most came with {first}: {most.iloc[0]} ({both})."))
    return " ".join(told)


def name(row: wording.Row) -> str:
    """`sort, n=1,024 float32, compiled JAX`."""
    case = wording.case(row["case_key"], row["size_name"])
    return f"{row['workload']}, {case}, {wording.variant_text(row['variant'])}"


def largest(frame: pd.DataFrame, scope: str) -> pd.DataFrame:
    """The largest changes as Markdown: how much, of what, with a link to its chart, and between which releases."""
    rows = frame.sort_values("away", ascending=False)[:MOST_LINKS].to_dict("records")
    told = []
    for row in rows:
        rest = name(row).removeprefix(f"{row['workload']}, ")
        where = f", on {row['machine']}" if scope == EVERYWHERE else ""
        told.append(f"[{plain(row['workload'])}]({link(row)}), {plain(rest + where)}: {_unbroken(_between(row))}")
    bold = [size(row).partition(" [") for row in rows]
    # two columns: a third would be cut off on a phone
    return pd.DataFrame({"Change": [f"**{plain(head)}** {plain('[' + end)}" for head, _, end in bold], "Of what": told})


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """Every change, the largest first."""
    rows = frame.sort_values("away", ascending=False).to_dict("records")
    return pd.DataFrame(
        {
            "Change": [row["verdict"] for row in rows],
            "Ratio": [wording.ratio(row) for row in rows],
            "Workload": [row["workload"] for row in rows],
            "Case": [wording.case(row["case_key"], row["size_name"]) for row in rows],
            "Variant": [wording.variant_text(row["variant"]) for row in rows],
            "Before": [row["before"] for row in rows],
            "After": [row["after"] for row in rows],
            "Machine": [row["machine"] for row in rows],
            "Found": [wording.day(pd.Timestamp(row["night"])) for row in rows],
            "Run": [run_text(row["uuid"]) for row in rows],
        }
    )


def legend(drawn: int, count: int) -> str:
    """How to read the chart."""
    rest = f" Drawn are the {drawn} largest of {count}." if drawn < count else ""
    return (
        "Each mark is a change: the time with that release over the time with the one before, with its 95 % interval. "
        f"Above 1 is slower. Within a release, marks stand beside each other by size.{rest}"
    )


def _between(row: wording.Row) -> str:
    """`JAX 0.4.31 → 0.4.33`; of nights, the environments."""
    if pd.isna(row["measures"]):
        return f"{row['before']} → {row['after']}"
    library = row["came_with"].partition(" ")[0]
    return f"{library} {release(row['before'])} → {release(row['after'])}"


def _unbroken(text: str) -> str:
    return plain(text.replace(" ", "\u00a0"))


def _counted(count: int) -> str:
    return f"{count:,} change" + ("" if count == 1 else "s")
