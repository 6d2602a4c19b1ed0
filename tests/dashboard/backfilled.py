"""A backfill whose steps are known, in a database, for the tests of what the page makes of it."""

from __future__ import annotations

from tests.builders import a_trend, some_releases, stored, together

#: Seconds over those of the newest release: a spike in 0.4.33, half mended by 0.4.34, and gone by 0.10.2.
SPIKE = {"0.4.30": 1.0, "0.4.31": 1.0, "0.4.33": 16.0, "0.4.34": 3.2, "0.10.2": 1.0}
FLAT = dict.fromkeys(SPIKE, 1.0)
NUMPY = {"1.26.4": 1.5, "2.0.2": 1.0}

JAX = some_releases(list(SPIKE))
BOTH = [*some_releases(list(NUMPY), "numpy"), *some_releases(list(SPIKE), first_group=1)]
TRENDS = (
    a_trend(NUMPY, "numpy", workload="sort"),
    a_trend(FLAT, workload="sort", n=64),
    a_trend(FLAT, workload="sort", dtype="float64"),
    a_trend(SPIKE, workload="scan_products", seconds=40e-6),
)


def backfilled(url: str, *trends: tuple[list, list], places: list[dict] = JAX, **said) -> str:
    """The database's address, once a backfill of these trends is in it."""
    return stored(url, *together(*trends), environments=places, **said)
