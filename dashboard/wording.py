"""Figures, verdicts and states as text. Rows in, words out; knows no page and no chart.

Two kinds of text: the sentences are Markdown, in which every name that came out of a bundle is escaped; the words and
figures are plain text, for tables and charts.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from workloads.figures import UNITS, case_text, ratio_text, run_text, seconds_text, size_text

Row = Mapping[Hashable, Any]

VARIANTS = {"numpy": "NumPy", "jax_eager": "eager JAX", "jax_jit": "compiled JAX"}
HOW_TO_READ_A_VERDICT = (
    "The ratio is the variant's time divided by NumPy's, sampled side by side: below 1 is faster. A verdict needs the "
    "whole 95 % interval of the ratio on one side of 1, or within 2 % of it for *same*; anything else is *unsure*."
)
OPPOSITES = {("slower", "faster"), ("faster", "slower")}
MAX_REASON = 120


def answer(frame: pd.DataFrame) -> str:
    """NumPy or JAX, for one workload in one environment: one paragraph per variant, the compiled one first."""
    variants = [variant for variant in frame["variant"].unique() if variant != "numpy"]
    variants.sort(key=lambda variant: variant != "jax_jit")
    if not variants:
        return "Only NumPy was measured: there is nothing to compare it with."
    return "\n\n".join(against_numpy(frame[frame["variant"] == variant]) for variant in variants)


def against_numpy(rows: pd.DataFrame) -> str:
    """One variant's verdicts over the sizes, then its ratio at both ends."""
    cases = rows.sort_values("size").to_dict("records")
    name = _capital(plain(variant_text(cases[0]["variant"])))
    compared = [case for case in cases if not math.isnan(case["ratio"])]
    if not any(case["status"] == "measured" for case in cases):
        reasons = "; ".join(sorted({plain(short(case["reason"] or case["status"])) for case in cases}))
        return f"**{name} was not measured:** {reasons}."
    sentences = [f"**{name} against NumPy: {_course(cases)}.**", *_flips(cases)]
    if compared:
        sentences.append(_ends(compared))
    if compared and all(math.isnan(case["ratio_low"]) for case in compared):
        sentences.append("Measured in one process, so without an interval: no verdict.")
    return " ".join(sentences)


def first_calls(frame: pd.DataFrame) -> list[str]:
    """What the first call costs, for each variant but NumPy, at the largest size that was measured."""
    sentences = []
    measured = frame[(frame["status"] == "measured") & (frame["variant"] != "numpy")]
    for _, rows in measured.groupby("variant", sort=False):
        row = rows.sort_values("size").to_dict("records")[-1]
        extra = row["first_call_seconds"] - row["seconds"]
        if math.isnan(extra):
            continue
        cost = f"costs {duration(extra)} more than a later one" if extra > 0 else "costs no more than a later one"
        sentences.append(f"The first call of {plain(variant_text(row['variant']))} at {_unbroken(at(row))} {cost}.")
    return sentences


def provenance(frame: pd.DataFrame, machine: str) -> str:
    """Where, when and with what a frame of one environment was measured."""
    first = frame.iloc[0]
    jax = ", without JAX" if pd.isna(first["jax"]) else f" and JAX {first['jax']}"
    text = f"Measured on {machine}, {moment(frame['measured_at'].min())}, with NumPy {first['numpy']}{jax}"
    text += f" on Python {first['python']}"
    measured = frame[frame["status"] == "measured"]  # what was not may never have reached its device
    if len(measured):
        threads = ", ".join(str(count) for count in sorted(measured["threads"].unique()))
        text += f"; threads: {threads}; device: {_devices(measured)}"
    busy = int((measured["disturbed"] != "").sum())
    if busy:
        text += f". Others used the machine during {busy} of {len(measured)} measurements (~)"
    return plain(text + ".")


def legend(frame: pd.DataFrame) -> str:
    """What the points and the bands of a chart of seconds are."""
    if frame["low_seconds"].isna().all():
        return "Points are medians. There are no bands: one process gives no interval."
    return "Points are medians over processes, bands their 95 % intervals. Both axes are logarithmic."


def state(run: Row) -> str:
    """`whole`, `has holes` or `unfinished`."""
    if pd.isna(run["finished_at"]):
        return "unfinished"
    accounted = run["measured"] + run["unsupported"] + run["too_large"]
    whole = run["failed"] == 0 and accounted == run["planned"]
    return "whole" if whole else "has holes"


def counts(run: Row) -> str:
    """`33 of 36 measured, 1 not supported here, 2 failed`."""
    parts = [f"{run['measured']:,} of {run['planned']:,} measured"]
    missing = run["planned"] - run["measured"] - run["unsupported"] - run["too_large"] - run["failed"]
    others = (
        (run["unsupported"], "not supported here"),
        (run["too_large"], "too large for it"),
        (run["failed"], "failed"),
        (missing, "not reached"),
    )
    for count, word in others:
        if count > 0:
            parts.append(f"{count:,} {word}")
    return ", ".join(parts)


def run_label(run: Row) -> str:
    """A run as it stands in a choice and in a link: its start and the end of its identity."""
    return f"{moment(run['started_at'])}, {run_text(run['uuid'])}"


def status(status: str) -> str:
    """A measurement's status as words: `timed out`."""
    return status.replace("_", " ")


def machine_text(description: Mapping[str, Any]) -> str:
    """What a machine is: processor, cores, memory; whatever its bundle told of them."""
    cores, memory = description.get("cores"), description.get("memory_gib")
    parts = [description.get("processor"), f"{cores} cores" if cores else None, f"{memory} GiB" if memory else None]
    return ", ".join(str(part) for part in parts if part)


def variant_text(variant: str) -> str:
    """A variant as people say it; a further one by its own name."""
    return VARIANTS.get(variant, variant)


def case(case_key: str, size_name: str) -> str:
    """`n=10,000 places=1,000 float64`: the size first, then other numbers, then the rest."""
    found = json.loads(case_key)
    rank = {name: (name != size_name, isinstance(value, str)) for name, value in found.items()}
    return case_text({name: found[name] for name in sorted(found, key=rank.__getitem__)}) or "all"


def at(row: Row) -> str:
    """`n = 1,000,000`."""
    return f"{row['size_name'] or 'size'} = {size_text(row['size'])}"


def duration(seconds: float, low: float | None = None, high: float | None = None) -> str:
    """`2.81 ms [2.77, 2.85]`; `2.8 ms` without an interval; a dash where there is nothing."""
    return seconds_text(*(None if _absent(figure) else figure for figure in (seconds, low, high)))


def disk(size_bytes: float) -> str:
    """`385 MB`."""
    return "–" if _absent(size_bytes) else f"{size_bytes / 1e6:,.0f} MB"


def ratio(row: Row) -> str:
    """`0.31× [0.29, 0.33]`; a dash where there is none."""
    return ratio_text(*(None if _absent(row[name]) else row[name] for name in ("ratio", "ratio_low", "ratio_high")))


def hover(row: Row) -> list[str]:
    """A point of a chart, line by line: its size, its time with the interval, and how it compares."""
    lines = [at(row), duration(row["seconds"], row["low_seconds"], row["high_seconds"])]
    return lines if _absent(row["ratio"]) else [*lines, f"{ratio(row)} NumPy: {row['verdict']}"]


def tick(step: float, exponent: int) -> str:
    """step · 10^exponent seconds on an axis: `20 µs`."""
    place = min(max(math.floor(exponent / 3), -3), 0)
    return f"{step * 10.0 ** (exponent - 3 * place):,g} {UNITS[-place][1]}"


def moment(time: pd.Timestamp) -> str:
    """`2026-11-22 16:25 UTC`."""
    return f"{time:%Y-%m-%d %H:%M} UTC"


def day(time: pd.Timestamp) -> str:
    """`2026-11-22`; a dash where nobody knows."""
    return "–" if pd.isna(time) else f"{time:%Y-%m-%d}"


def short(text: str) -> str:
    """A reason, no longer than a reader wants it in a sentence."""
    return text if len(text) <= MAX_REASON else text[: MAX_REASON - 1] + "…"


def plain(text: str) -> str:
    """Text as it is, for a place that reads Markdown."""
    escaped = re.sub(r"([\\`*_{}\[\]()<>#!|~$&])", r"\\\1", re.sub(r"[ \t\r\n]+", " ", text))
    # a colon would begin an icon or a colour, and its escape is undone too early: an invisible joiner stops both
    return re.sub(r"(?<!\d):(?=\S)|:(?=[^\s\d])", ":\u2060", escaped)


def code(text: str) -> str:
    """A command inside a sentence; nothing in it can end the code."""
    return f"`{text.replace('`', '')}`"


def _course(cases: list[Row]) -> str:
    """The verdicts from the smallest size to the largest: `slower up to n = 64, faster from n = 2,048 on`."""
    stretches = [list(stretch) for _, stretch in itertools.groupby(cases, key=lambda case: case["verdict"])]
    if len(stretches) == 1 and len(cases) > 1:
        return f"{cases[0]['verdict']} at every size, {_span(cases[0], cases[-1])}"
    parts = []
    for number, stretch in enumerate(stretches):
        first, last = stretch[0], stretch[-1]
        where = f"at {_span(first, last)}"
        if len(stretch) > 1 and number == 0:
            where = f"up to {_unbroken(at(last))}"
        elif len(stretch) > 1 and number == len(stretches) - 1:
            where = f"from {_unbroken(at(first))} on"
        parts.append(f"{first['verdict']} {where}")
    return ", ".join(parts)


def _span(first: Row, last: Row) -> str:
    text = _unbroken(at(first))
    return text if first is last else f"{text} to {size_text(last['size'])}"


def _flips(cases: list[Row]) -> list[str]:
    decided = [case for case in cases if case["verdict"] in ("faster", "slower")]
    return [
        f"The lead changes hands between {_unbroken(at(before))} and {size_text(after['size'])}."
        for before, after in itertools.pairwise(decided)
        if (before["verdict"], after["verdict"]) in OPPOSITES
    ]


def _ends(compared: list[Row]) -> str:
    first, last = compared[0], compared[-1]
    text = f"At {_unbroken(at(last))} it takes {_unbroken(ratio(last))} the time of NumPy"
    if first["verdict"] != last["verdict"]:
        text += f", and {_unbroken(ratio(first))} at {_unbroken(at(first))}"
    return text + "."


def _devices(frame: pd.DataFrame) -> str:
    devices = {variant_text(row["variant"]): row["device"] for row in frame.to_dict("records")}
    if len(set(devices.values())) == 1:
        return next(iter(devices.values()))
    return ", ".join(f"{device} ({variant})" for variant, device in devices.items())


def _unbroken(text: str) -> str:
    """Text for Markdown that no line is broken in."""
    return plain(text.replace(" ", "\u00a0"))


def _absent(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text in VARIANTS.values() else text
