"""Measurements as `dashboard.data.costs` gives them, whose first calls pay off after a known number of calls."""

from __future__ import annotations

import pandas as pd

from tests.dashboard.frames import NAN, a_point

MILLISECOND = 1e-3


def a_cost(variant: str, n: int, *, first: float, ratio: float = NAN, spread: float = 0.0, **said) -> dict:
    """A call of NumPy takes 1 ms at every size; `first` is in milliseconds, `spread` half of every interval."""
    seconds = MILLISECOND if variant == "numpy" else MILLISECOND * ratio
    point = a_point(variant, n, seconds=seconds, ratio=ratio, first_call_seconds=first * MILLISECOND, place=0)
    known = {
        "first_low_seconds": first * MILLISECOND * (1 - spread),
        "first_high_seconds": first * MILLISECOND * (1 + spread),
        "low_seconds": seconds * (1 - spread),
        "high_seconds": seconds * (1 + spread),
        "ratio_low": ratio * (1 - spread),
        "ratio_high": ratio * (1 + spread),
        "transfer_in_seconds": 2 * MILLISECOND,
        "transfer_out_seconds": 3 * MILLISECOND,
    }
    phases = dict.fromkeys(("trace_seconds", "lower_seconds", "compile_seconds", "execute_seconds"), NAN)
    return {**point, **known, **phases, **said}


def costs(*points: dict, sizes: tuple[int, ...] = (16, 64, 256, 1024)) -> pd.DataFrame:
    """NumPy, whose first call takes 1 ms, and these."""
    return pd.DataFrame([*(a_cost("numpy", n, first=1.0) for n in sizes), *points])


#: 50 ms and half the time per call: 100 calls. Never, at once, unsure.
PAYS = a_cost("jax_jit", 1024, first=50.0, ratio=0.5)
NEVER = a_cost("jax_jit", 16, first=50.0, ratio=2.0, verdict="slower")
AT_ONCE = a_cost("jax_jit", 256, first=0.5, ratio=0.5)
UNSURE = a_cost("jax_jit", 64, first=50.0, ratio=0.75, ratio_low=0.5, ratio_high=1.25)
