"""What differs between two sides, in words: frames and a check in, Markdown out, in which every name is escaped."""

from __future__ import annotations

import math

import pandas as pd

from analysis import upgrade_check
from analysis.compare import SAME_WITHIN
from analysis.steps import Step
from analysis.upgrade_check import Check, percent
from dashboard import wording
from dashboard.comparing import ENVIRONMENTS, MACHINES, NOT_COMPARED, RUNS, UNKNOWN_FLOOR, name
from dashboard.wording import plain

Row = wording.Row

NOTHING_YET = (
    "There is nothing to compare yet: one run in one environment. To measure two environments side by side, type "
    '`crossover run --env "numpy==1.26.4,jax==0.4.18" --env "numpy,jax"`; to ask whether an upgrade is safe, '
    '`crossover upgrade-check --from "numpy==2.2.6,jax==0.6.2" --to latest`. A second run will do too: `crossover run`.'
)
#: Why nothing of two sides could be compared.
NOTHING_ALIKE = "**Nothing can be compared:** no case has a number on both sides."


def answer(kind: str, frame: pd.DataFrame, check: Check | None, before: Row, after: Row) -> str:
    """Whether an upgrade is safe, where there is a check of it; then how many are what, and the largest either way."""
    if check is None and frame.empty:
        return NOTHING_ALIKE
    if check is None:
        where = plain(f"On {after['machine']} against {before['machine']}: ") if kind == MACHINES else ""
        return f"**{where}{counts(frame) if where else _sentence(counts(frame))}**{plain(_largest(frame))}"
    paragraphs = [f"**Is it safe to upgrade? {plain(upgrade_check.answer(check))}**"]
    if len(frame):
        paragraphs.append(plain(f"{_sentence(counts(frame))}{_largest(frame)}{_other_values(frame)}"))
    return "\n\n".join(paragraphs)


def unsettled(check: Check) -> str:
    """What settles a check that had one look; empty where nothing is to be settled."""
    if not check.is_one_look or not (check.open_questions or check.broken):
        return ""
    return (
        "Of many comparisons some stand out by chance, and what failed once may have been the machine's doing. To have "
        "what stands out measured again, longer, until it is settled:"
    )


def counts(frame: pd.DataFrame) -> str:
    """`of 51 with a number on both sides, 3 slower, 5 faster, 20 the same, 23 unsure.`"""
    found = frame["verdict"].value_counts()
    words = (("slower", "slower"), ("faster", "faster"), ("same", "the same"), ("unsure", "unsure"))
    parts = [f"{found.get(verdict, 0)} {word}" for verdict, word in words]
    if NOT_COMPARED in found:
        parts.append(f"{found[NOT_COMPARED]} not compared")
    return f"of {len(frame)} with a number on both sides, {', '.join(parts)}."


def _other_values(frame: pd.DataFrame) -> str:
    count = int((frame["values"] != "").sum())
    return f" {count} {'computes' if count == 1 else 'compute'} other values." if count else ""


def _largest(frame: pd.DataFrame) -> str:
    """The largest of each direction, of those that are sure."""
    found = []
    for verdict in ("slower", "faster"):
        rows = frame[frame["verdict"] == verdict]
        if len(rows):
            row = rows.loc[rows["ratio"].idxmax() if verdict == "slower" else rows["ratio"].idxmin()]
            found.append(f"{size(row)} ({name(row)})")
    return f" The largest: {'; '.join(found)}." if found else ""


def size(row: Row) -> str:
    """`1.4× slower [1.2, 1.6]`, of a ratio with an interval."""
    step = Step("", "", row["ratio"], row["ratio_low"], row["ratio_high"])
    _, low, high = step.texts
    return f"{step.size} [{low}, {high}]"


def legend(frame: pd.DataFrame, check: Check | None) -> str:
    """How to read ratio and verdict."""
    if check is not None:
        within = percent(check.tolerance)
        looks = " What was looked at again is shown as all later looks together have it." if len(check.runs) > 1 else ""
        return (
            f"The ratio is the time per call in {plain(check.new)} over that in {plain(check.old)}, from samples taken "
            f"side by side: below 1 is faster. *Slower* and *faster*: the whole 95 % interval lies beyond {within}, "
            f"the shaded band; *same*: within it; *unsure*: it could be either.{looks}"
        )
    known = int(frame["floor"].notna().sum())
    of_how_many = "all of them" if known == len(frame) else f"{known} of {len(frame)}" if known else "none of them"
    taken = "" if known == len(frame) else f"; where it is not, {percent(UNKNOWN_FLOOR)} is taken"
    return (
        "The ratio is the second side's median over the first's: below 1 is faster. Its interval is built from those "
        "of both sides as if they were independent. *Slower* and *faster*: all of it lies beyond the noise floor of "
        f"the series; *same*: within {percent(SAME_WITHIN)} of 1; *unsure*: anything else. The noise floor is known "
        f"for {of_how_many}{taken}."
    )


def caveat(kind: str, before: Row, after: Row) -> str:
    """What is in a ratio beside what is asked for; empty where both sides were sampled side by side."""
    if kind == ENVIRONMENTS:
        return ""
    apart = _apart(abs(after["started_at"] - before["started_at"]))
    if kind == RUNS:
        return (
            f"The two runs were not sampled side by side: they began {apart} apart. Whatever changed on the machine in "
            "between is in every ratio, and no interval knows of it. Environments of one run are free of that."
        )
    return (
        "Two machines are never sampled side by side. What differs in hardware, load, device and threads is in every "
        "ratio: it says what a call takes there, and nothing of why."
    )


def differences(before: Row, after: Row) -> str:
    """What stands on either side: `NumPy 2.4.3 → 2.4.6, JAX 0.9.2 → 0.10.2, Python 3.11.7`."""
    parts = []
    for label, column in (("NumPy", "numpy"), ("JAX", "jax"), ("Python", "python")):
        old, new = (row[column] or "none" for row in (before, after))
        parts.append(f"{label} {old}" if old == new else f"{label} {old} → {new}")
    return plain(", ".join(parts))


def provenance(kind: str, before: Row, after: Row) -> str:
    """Where and when both sides were measured, and with which versions."""
    found = differences(before, after)
    if kind == ENVIRONMENTS:
        anchor = ", each beside the newest release" if before["measures"] else ""
        return f"Measured on {plain(before['machine'])}, {wording.moment(before['started_at'])}{anchor}. {found}."
    first, second = (plain(f"{row['label']} on {row['machine']}") for row in (before, after))
    return f"From {first} to {second}. {found}."


def lacking(lacks: pd.DataFrame) -> str:
    """How much one side alone has a number of."""
    found = lacks["side"].value_counts()
    first, second = found.get("after", 0), found.get("before", 0)
    return f"{first + second} have a number on one side only: {first} on the first, {second} on the second."


def left_out(frame: pd.DataFrame, drawn: pd.DataFrame) -> str:
    """What a chart of the surest does not show; empty where it shows all."""
    rest = frame.drop(drawn.index)
    if rest.empty:
        return ""
    found = rest["verdict"].value_counts()
    parts = ", ".join(f"{count} {verdict}" for verdict, count in found.items())
    return f"Drawn are the {len(drawn)} surest of {len(frame)}; left out: {parts}. All are in the table below."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _apart(time: pd.Timedelta) -> str:
    hours = time.total_seconds() / 3600
    if math.isnan(hours) or hours < 1:
        return "less than an hour"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
