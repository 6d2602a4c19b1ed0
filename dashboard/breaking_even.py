"""Measurements of one workload as pairs of NumPy and another variant, and when each has repaid its first call.

Frames in (`dashboard.data.costs`), frames out. A size without a number keeps its row, with the reason as its `kind`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.break_even import Pair, break_even, first_call
from analysis.compare import Figure
from dashboard.wording import Row

#: Whether a transfer of inputs and results counts: not at all, with the first call, with every call.
TRANSFERS = ("not counted", "once", "at every call")
KNOWN = ("at once", "after", "never", "unsure")

_ONE = ("place", "workload_version", "case_key", "variant", "device", "threads")


def with_first_calls(frame: pd.DataFrame, rows: Iterable[Any]) -> pd.DataFrame:
    """Measurements with `first_low_seconds` and `first_high_seconds`: how far the first calls of processes lie apart.

    rows: `storage.values.processes_of_workload`. First calls that found their function in a cache do not count.
    """
    found: dict[tuple, Figure] = {}
    for row in rows:
        calls = [call for process in row.processes if (call := process.get("first_call"))]
        cold = [call["seconds"] for call in calls if not call.get("cache_hits")]
        if cold:
            found[tuple(getattr(row, name) for name in _ONE)] = first_call(cold)
    ends = [found.get(key, (math.nan, None, None))[1:] for key in zip(*(frame[name] for name in _ONE), strict=True)]
    low, high = ([math.nan if end is None else end for end in side] for side in (zip(*ends) if ends else ((), ())))
    return frame.assign(first_low_seconds=low, first_high_seconds=high)


def transfers(frame: pd.DataFrame) -> list[str]:
    """The ways in which transfers can count: only one where they were not timed."""
    measured = frame[frame["status"] == "measured"]
    timed = measured[["transfer_in_seconds", "transfer_out_seconds"]].notna().all(axis=None)
    return list(TRANSFERS if len(measured) and timed else TRANSFERS[:1])


def pairs(frame: pd.DataFrame, counted: str = TRANSFERS[0]) -> dict[Any, Pair]:
    """Every measurement that has a ratio to NumPy beside NumPy's on the same case, by its index in the frame."""
    rows = frame.to_dict("index")
    numpy = {_case(row): row for row in rows.values() if row["variant"] == "numpy" and row["status"] == "measured"}
    return {
        index: _pair(row, numpy[_case(row)], counted)
        for index, row in rows.items()
        if row["variant"] != "numpy" and not math.isnan(row["ratio"]) and _case(row) in numpy
    }


def break_evens(frame: pd.DataFrame, counted: str = TRANSFERS[0]) -> pd.DataFrame:
    """The JAX variants of a frame with their `kind` of break-even and its `calls`, `low` and `high` (NaN: none)."""
    found = {index: break_even(pair) for index, pair in pairs(frame, counted).items()}
    jax = frame[~frame["variant"].str.startswith("numpy")].sort_values(["size", "case_key"], kind="stable")
    even = [found.get(index) for index in jax.index]
    columns = {
        name: [math.nan if one is None or getattr(one, name) is None else float(getattr(one, name)) for one in even]
        for name in ("calls", "low", "high")
    }
    kinds = [verdict if one is None else one.kind for one, verdict in zip(even, jax["verdict"], strict=True)]
    return jax.assign(kind=kinds, **columns)


def drawn(even: pd.DataFrame) -> pd.DataFrame:
    """Those break-evens that a chart over size can show."""
    return even[even["kind"].isin(KNOWN) & (even["size"] > 0)].sort_values("size")


def first(row: Row) -> Figure:
    """The first call of a measurement."""
    return figure(row["first_call_seconds"], row["first_low_seconds"], row["first_high_seconds"])


def steady(row: Row) -> Figure:
    """The later calls of a measurement."""
    return figure(row["seconds"], row["low_seconds"], row["high_seconds"])


def figure(middle: float, low: float, high: float) -> Figure:
    """A figure with its interval, or without, as frames have it (NaN)."""
    return middle, *(None if math.isnan(low) or math.isnan(high) else end for end in (low, high))


def transfer(row: Row, counted: str) -> tuple[float, float]:
    """Seconds for moving inputs in and the result out: once, and at every call. NumPy's arrays need not be moved."""
    if counted == TRANSFERS[0] or row["variant"].startswith("numpy"):
        return 0.0, 0.0
    seconds = row["transfer_in_seconds"] + row["transfer_out_seconds"]
    return (seconds, 0.0) if counted == TRANSFERS[1] else (0.0, seconds)


def _pair(row: Row, numpy: Row, counted: str) -> Pair:
    once, each = transfer(row, counted)
    ratio = figure(row["ratio"], row["ratio_low"], row["ratio_high"])
    return Pair(first(numpy), steady(numpy), first(row), ratio, once=once, each=each)


def _case(row: Row) -> tuple:
    return row["environment"], row["workload_version"], row["case_key"]
