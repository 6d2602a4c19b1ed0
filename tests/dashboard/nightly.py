"""Nights whose trend is known, in a database, and as frames, for the tests of what the page makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from analysis import changes, steps
from dashboard import trends
from storage import derived, releases
from storage.database import open_database
from storage.record import store
from tests.builders import a_bundle, a_measurement, an_environment

FIRST = datetime(2026, 3, 1, 2, tzinfo=UTC)
#: Seconds of a call, night after night (None: it failed), with the JAX of each.
SLOWER = [*[1e-3] * 3, None, *[1e-3] * 3, *[1.3e-3] * 7]
STEADY = [1e-2] * len(SLOWER)
JAX = ["0.9.2"] * 7 + ["0.10.0"] * 7
WOBBLE = (1.002, 0.998, 1.001, 0.999)  # no two nights are alike


def nights(url: str, levels: Mapping[str, Sequence[float | None]], jax: Sequence[str] = JAX, **said: Any) -> str:
    """The database's address, once a machine has a night a day: the seconds of each variant, in the track `latest`.

    `track`, `request` and what else a bundle has may be said, `first`: the first night, and `line`: fields of every
    measurement.
    """
    track, line, first = said.pop("track", "latest"), said.pop("line", {}), said.pop("first", FIRST)
    said = {"request": "nightly", "suite": "nightly", **said}
    engine = open_database(url)
    with TemporaryDirectory() as folder:
        for night in range(max(map(len, levels.values()))):
            place = an_environment(line.get("environment", "current"), jax=jax[night])
            place |= {"track": track} if track else {}
            lines = []
            for number, (variant, seconds) in enumerate(levels.items()):
                level = seconds[night]
                how = {"status": "failed", "reason": "it broke"} if level is None else {}
                wobble = WOBBLE[(night + number) % len(WOBBLE)]
                lines.append(a_measurement(variant, seconds=(level or 0) * wobble, **{**how, **line}))
            started = (first + timedelta(days=night)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            store(engine, a_bundle(Path(folder) / "a.jsonl", lines, environments=[place], started_at=started, **said))
    engine.dispose()
    return url


def series(*variants: str, **said: Any) -> pd.DataFrame:
    """Series as `dashboard.data.series` gives them, of some variants, numbered from 1."""
    rows = [
        {
            "id": number,
            "fingerprint": "f00d",
            "workload": "broadcast_sum",
            "workload_version": 1,
            "case_key": '{"dtype":"float32","n":1024}',
            "size_name": "n",
            "size": 1024.0,
            "variant": variant,
            "device": "cpu",
            "threads": 2,
            **said,
        }
        for number, variant in enumerate(variants, 1)
    ]
    return trends.named(pd.DataFrame(rows))


def rows(levels: Mapping[int, Sequence[float | None]], days: Sequence[float] | None = None, **said: Any) -> Any:
    """Rows as `dashboard.data.trend` gives them: the seconds of each series (None: it failed), on these days."""
    found = []
    for number, seconds in levels.items():
        for night, level in enumerate(seconds):
            day = days[night] if days else night
            row = {
                "series_id": number,
                "run_id": night + 1,
                "place": 0,
                "uuid": f"00000000-0000-4000-8000-{night:012}",
                "request": "nightly",
                "night": (FIRST + timedelta(days=day)).date(),
                "started_at": pd.Timestamp(FIRST + timedelta(days=day)),
                "track": "latest",
                "numpy": "2.4.6",
                "jax": "0.10.2",
                "status": "failed" if level is None else "measured",
                "seconds": level or float("nan"),
                "low_seconds": (level or float("nan")) * 0.98,
                "high_seconds": (level or float("nan")) * 1.02,
            }
            found.append(
                {**row, **{name: value[night] if isinstance(value, list) else value for name, value in said.items()}}
            )
    return pd.DataFrame(found)


def analyse(url: str) -> None:
    """Work out the changes of the backfills of a database, as the service does when it has stored one."""
    engine = open_database(url)
    with engine.begin() as connection:
        for run in releases.backfills(connection):
            found = changes.changes(steps.trends(releases.of_run(connection, run.id)))
            made = [vars(change) for change in found]
            derived.replace(connection, run.id, "changes", changes.VERSION, made, FIRST, run.measured)
    engine.dispose()
