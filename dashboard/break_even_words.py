"""When a first call has paid off, in words: rows of `dashboard.breaking_even.break_evens` in, Markdown or text out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

import pandas as pd

from dashboard import wording
from dashboard.breaking_even import KNOWN, TRANSFERS
from dashboard.wording import Row, plain
from workloads.figures import significant_digits, size_text

EXACT_BELOW = 100  # calls that are written out to the last one
NO_JAX = "JAX was not measured in this run: there is nothing to pay off."


_NOTHING_SAVED = "its first call never pays off, because later calls save nothing"
_EVERYWHERE = {
    "at once": "ahead from the first call on",
    "never": _NOTHING_SAVED,
    "unsure": "unsure whether its first call ever pays off",
}
_ELSEWHERE = {"at once": "Ahead from the first call on", "never": "Never", "unsure": "Unsure"}


def answer(frame: pd.DataFrame) -> str:
    """One paragraph per variant, the compiled one first."""
    variants = sorted(frame["variant"].unique(), key=lambda variant: variant != "jax_jit")
    return "\n\n".join(_of_variant(variant, frame[frame["variant"] == variant]) for variant in variants)


def says(row: Row) -> str:
    """A break-even as a figure or a word: `40 calls [22, 68]`, `never`, `unsure, not before 185 calls`."""
    if row["kind"] == "after":
        calls = number(row["calls"], row["low"], row["high"])
        text = f"{calls} {'call' if calls == '1' else 'calls'}"
        ends = [number(end, row["low"], row["high"]) for end in (row["low"], row["high"])]
        return text if ends == [calls, calls] else f"{text} [{', '.join(ends)}]"
    if row["kind"] == "unsure" and row["low"] > 1:
        return f"unsure, not before {number(row['low'], row['low'], math.nan)} calls"
    return row["kind"]


def number(calls: float, low: float, high: float) -> str:
    """A number of calls with no more digits than its interval allows; few calls are exact."""
    if calls < EXACT_BELOW:
        return f"{calls:,.0f}"
    ends = (None, None) if math.isnan(low) or math.isnan(high) else (low, high)
    digits = significant_digits(calls, *ends)
    return f"{round(calls, digits - 1 - math.floor(math.log10(calls))):,.0f}"


def hover(row: Row) -> list[str]:
    """A point of the chart, line by line."""
    figures = (row["first_call_seconds"], row["first_low_seconds"], row["first_high_seconds"])
    return [
        wording.at(row),
        _told(row),
        f"first call {wording.duration(*figures)}",
        f"later {wording.ratio(row)} NumPy",
    ]


def legend(frame: pd.DataFrame) -> str:
    """What marks and bars of the chart are."""
    kinds, sentences = (
        set(frame["kind"]),
        ["A point is the number of calls from which on the variant has taken less time"],
    )
    sentences[0] += " than NumPy, first call included; its bar is the interval. Both axes are logarithmic."
    if "at once" in kinds:
        sentences.append("At 1 it is ahead from the first call on.")
    if kinds & {"never", "unsure"}:
        sentences.append(
            "At the top edge, apart: a cross is *never*, because later calls save nothing; an open circle *unsure*, "
            "with a dotted line from the calls before which it is surely not ahead."
        )
    return " ".join(sentences)


def counted(transfers: str) -> str:
    """What is in the figures, and what is not."""
    text = {
        TRANSFERS[0]: "Transfers of inputs and results are not counted.",
        TRANSFERS[1]: "Transfers are counted once, beside the first call.",
        TRANSFERS[2]: "Transfers are counted at every call.",
    }[transfers]
    if transfers != TRANSFERS[0]:
        text += (
            " Each process timed one of them, its first, which may take longer than later ones; it is taken as it is."
        )
    return (
        f"{text} Importing the libraries is not counted. The compilation cache is cold: each first call compiles anew. "
        "The interval takes first calls, times and ratio at their worst and at their best together."
    )


def _of_variant(variant: str, rows: pd.DataFrame) -> str:
    name = plain(wording.variant_text(variant))
    name = name[:1].upper() + name[1:] if name in wording.VARIANTS.values() else name
    known = rows[rows["kind"].isin(KNOWN)].sort_values("size").to_dict("records")
    if not known:
        reasons = "; ".join(
            sorted({plain(wording.short(row["reason"] or row["kind"])) for row in rows.to_dict("records")})
        )
        return f"**{name} has no number to compare:** {reasons}."
    last, smaller = known[-1], known[:-1]
    kinds = {row["kind"] for row in known}
    if smaller and len(kinds) == 1 and last["kind"] != "after":
        span = f"{wording.at(known[0])} to {size_text(last['size'])}"
        return f"**{name} at every size, {_unbroken(span)}: {_EVERYWHERE[last['kind']]}.**"
    sentences = [f"**{name} at {_unbroken(wording.at(last))}: {_bold(last)}.**"]
    for kind, text in _ELSEWHERE.items():
        if places := list(_stretches(smaller, kind)):
            sentences.append(f"{text} at {_and(places)}.")
    paid = [row for row in smaller if row["kind"] == "after"]
    if paid:
        sentences.append(_range(paid))
    return " ".join(sentences)


def _bold(row: Row) -> str:
    if row["kind"] == "after":
        return f"its first call has paid off from {_unbroken(says(row))} on"
    return says(row) if row["kind"] == "unsure" else _EVERYWHERE[row["kind"]]


def _told(row: Row) -> str:
    return f"from {says(row)} on" if row["kind"] == "after" else says(row)


def _range(rows: Sequence[Row]) -> str:
    few, many = (pick(rows, key=lambda row: row["calls"]) for pick in (min, max))
    if few is many:
        return f"At {_unbroken(wording.at(few))} it has paid off from {_unbroken(says(few))} on."
    return (
        f"At other sizes it has paid off from {_unbroken(says(few))} ({_unbroken(wording.at(few))}) "
        f"to {_unbroken(says(many))} ({_unbroken(wording.at(many))}) on."
    )


def _stretches(rows: Iterable[Row], kind: str) -> Iterable[str]:
    """The sizes of one kind: neighbours as `n = 100 to 10,000`."""
    for found, group in itertools.groupby(rows, key=lambda row: row["kind"]):
        if found == kind:
            first, *others = group
            yield _unbroken(wording.at(first) + (f" to {size_text(others[-1]['size'])}" if others else ""))


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _unbroken(text: str) -> str:
    return plain(text.replace(" ", "\u00a0"))
