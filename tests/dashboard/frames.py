"""Rows as `dashboard.data` gives them, for the tests of what is made of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

STARTED = pd.Timestamp("2026-03-01 02:00", tz="UTC")
NAN = float("nan")


def a_point(
    variant: str, n: int, *, seconds: float = 1e-3, ratio: float = NAN, interval: bool = True, **said: Any
) -> dict:
    """One measurement, its interval 8 % of it to either side."""
    measured = said.get("status", "measured") == "measured"
    spread = 0.08 if interval else NAN
    point = {
        "workload": "broadcast_sum",
        "workload_version": 1,
        "case_key": f'{{"dtype":"float32","n":{n}}}',
        "size_name": "n",
        "size": float(n),
        "variant": variant,
        "environment": "current",
        "python": "3.11.7",
        "numpy": "2.4.6",
        "jax": "0.10.2",
        "device": "cpu",
        "threads": 2,
        "measured_at": STARTED,
        "status": "measured",
        "reason": "",
        "disturbed": "",
        "seconds": seconds if measured else NAN,
        "low_seconds": seconds * (1 - spread) if measured else NAN,
        "high_seconds": seconds * (1 + spread) if measured else NAN,
        "first_call_seconds": 0.05 if measured else NAN,
        "ratio": ratio,
        "ratio_low": ratio * (1 - spread),
        "ratio_high": ratio * (1 + spread),
        "verdict": "reference" if variant == "numpy" else "not compared",
        "group": "float32",
    }
    return {**point, **said}


def a_frame(interval: bool = True, **verdicts: list[tuple[int, str, float]]) -> pd.DataFrame:
    """NumPy at 1 ms, and for each further variant its size, verdict and ratio."""
    sizes = sorted({n for points in verdicts.values() for n, _, _ in points})
    rows = [a_point("numpy", n, interval=interval) for n in sizes]
    for variant, points in verdicts.items():
        for n, verdict, ratio in points:
            rows.append(a_point(variant, n, seconds=1e-3 * ratio, ratio=ratio, verdict=verdict, interval=interval))
    return pd.DataFrame(rows)


def a_run(
    *,
    measured: int,
    planned: int = 36,
    unsupported: int = 0,
    too_large: int = 0,
    failed: int = 0,
    finished: bool = True,
) -> dict:
    """A run as `storage.queries.runs` gives it."""
    return {
        "id": 1,
        "uuid": "ba5f0000-0000-4000-8000-000000000000",
        "machine": "vm",
        "machine_description": {"processor": "A processor", "cores": 2, "memory_gib": 24},
        "suite": "all",
        "started_at": STARTED,
        "finished_at": STARTED if finished else pd.NaT,
        "planned": planned,
        "measured": measured,
        "unsupported": unsupported,
        "too_large": too_large,
        "failed": failed,
    }
