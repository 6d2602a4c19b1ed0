"""How fast and how large the database is after years: synthetic nights of ten machines, then every read of the pages.

    python -m benchmarks.storage FOLDER --rows 10_000_000 --backend sqlite
    python -m benchmarks.storage FOLDER --rows 1_000_000 --backend postgresql://me@127.0.0.1/empty

Ten machines, three tracks, 250 cases in NumPy and JAX, night after night until there are so many measurements.
SYNTHETIC: figures are noise, sizes are real. What is known of a measurement's processes, of the machine meanwhile and
of XLA is that of examples/suite.jsonl.gz, and there are as many samples. Loaded in bulk, without checks of a bundle;
what storing a bundle takes is measured by itself. What is loaded already is measured again.

Prints rates, sizes, and for each query p50 and p95 of --tries with other arguments each, wall time and processor time
of this process (Postgres works in others), the rows it gave, and the same for forms that one would write first.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Engine, text

from benchmarks import storage_load as load
from storage import capability, database, derived, inventory, nights, queries, record, trends
from tests import builders

LONG_AGO = "2020-01-01T00:00:00Z"  # it is not to be the newest run
Query = Callable[[Connection, random.Random], Any]


def some_series(dice: random.Random, count: int = 1) -> list[int]:
    """Series of one machine, drawn."""
    first = dice.randrange(load.MACHINES) * load.SERIES + 1
    return dice.sample(range(first, first + load.SERIES), count)


def a_machine(dice: random.Random) -> str:
    return f"m{dice.randrange(load.MACHINES)}"


def newest(connection: Connection, dice: random.Random) -> Any:
    return queries.runs(connection, machine=a_machine(dice), limit=1)[0]


def two_places(connection: Connection, dice: random.Random, *, beside: bool) -> Any:
    """Two tracks of a machine's newest run beside each other, or one with what it was a release earlier."""
    runs = queries.runs(connection, machine=a_machine(dice), limit=load.RELEASE_NIGHTS + 1)
    last, earlier = (queries.environments_of_runs(connection, [runs[at].id]) for at in (0, -1))
    return trends.alike(connection, last[0] if beside else earlier[1], last[1])


QUERIES: dict[str, Query] = {
    "trend of a series, a year of one track": lambda c, d: trends.trend(
        c, some_series(d), since=load.last_night() - timedelta(days=365), track="latest"
    ),
    "trend of a series, all nights and tracks": lambda c, d: trends.trend(c, some_series(d)),
    "six series, a year of one track": lambda c, d: trends.trend(
        c, some_series(d, 6), since=load.last_night() - timedelta(days=365), track="latest"
    ),
    "latest ratios of a machine": lambda c, d: trends.ratios(c, newest(c, d).id),
    "two environments beside each other, of one run": lambda c, d: two_places(c, d, beside=True),
    "two environments beside each other, of two runs": lambda c, d: two_places(c, d, beside=False),
    "runs with counts": lambda c, d: queries.runs(c, machine=a_machine(d)),
    "changes of 30 nights": lambda c, _: trends.changes(c, since=load.last_night() - timedelta(days=30)),
    "overview": lambda c, _: trends.overview(c),
    "scores of the newest run of each machine": lambda c, _: trends.scores(
        c, sorted({row.run_id for row in trends.overview(c)})
    ),
    "computers with their nights": lambda c, _: inventory.machines(c),
    "environments of all machines": lambda c, _: inventory.environments(c),
    "all measurements of a run": lambda c, d: queries.measurements(c, newest(c, d).id),
    "one workload of a run": lambda c, d: queries.scaling(
        c, run_id=newest(c, d).id, workload=f"workload{d.randrange(load.WORKLOADS)}"
    ),
    "runs of a workload": lambda c, d: queries.runs_of_workload(
        c, machine=a_machine(d), workload=f"workload{d.randrange(load.WORKLOADS)}"
    ),
    "noise floors of a workload": lambda c, d: capability.floors_of_workload(
        c, machine=a_machine(d), workload=f"workload{d.randrange(load.WORKLOADS)}"
    ),
    "nights of a machine": lambda c, d: nights.of_machine(c, machine=a_machine(d)),
    "tracks of a machine": lambda c, d: nights.last_of_tracks(c, machine=a_machine(d), tracks=load.TRACKS),
    "machines": lambda c, _: queries.machines(c),
    "what a cache is keyed by": lambda c, _: derived.data_version(c),
}

#: What one would write first: the newest of every series by a window over all history, scores from measurements.
NAIVE = {
    "latest ratios of a machine": """
        select * from (select m.*, row_number() over (partition by m.series_id order by r.night desc) as age
        from measurement m join run r on r.id = m.run_id join machine c on c.id = r.machine_id where c.name = 'm3') as x
        where age = 1""",
    "overview": """
        select r.machine_id, s.variant, avg(ln(t.ratio)) from ratio t join run r on r.id = t.run_id
        join series s on s.id = t.series_id group by r.machine_id, s.variant""",
    "runs with counts": """
        select r.id, count(*), sum(case when m.status = 'measured' then 1 else 0 end) from run r
        join measurement m on m.run_id = r.id group by r.id order by max(r.night) desc limit 50""",
}


def measured(engine: Engine, name: str, query: Query, tries: int) -> str:
    """A line of the table: each try with arguments of its own, the same on both backends."""
    walls, cpus, rows = [], [], 0
    dice = random.Random(name)
    with engine.connect() as connection:
        query(connection, random.Random(0))  # SQLAlchemy compiles a statement once
        for _ in range(tries):
            began, cpu = time.perf_counter(), time.process_time()
            given = query(connection, dice)
            walls.append((time.perf_counter() - began) * 1e3)
            cpus.append((time.process_time() - cpu) * 1e3)
            rows = max(rows, len(given) if isinstance(given, list | tuple) else 1)
    p95 = statistics.quantiles(walls, n=20)[-1] if len(walls) > 1 else walls[0]
    figures = (statistics.median(walls), p95, statistics.median(cpus))
    return f"| {name} | " + " | ".join(f"{figure:,.1f}" for figure in figures) + f" | {rows:,} |"


def storing(engine: Engine) -> str:
    """How fast a bundle of one night comes in, line by line, beside all that is there."""
    lines = [
        builders.a_measurement(variant, n=n, seconds=seconds)
        for n in range(1, 251)
        for variant, seconds in (("numpy", 1e-3), ("jax_jit", 5e-4))
    ]
    with TemporaryDirectory() as folder:
        path = builders.a_bundle(
            Path(folder) / "a.jsonl", lines, machine="synthetic", started_at="2020-01-01T00:00:00Z"
        )
        took = []
        for _ in range(2):
            began = time.perf_counter()
            new = record.store(engine, path).new
            took.append(time.perf_counter() - began)
            if not new:
                break
    rate = f"{len(lines) / took[0]:,.0f} measurements a second ({took[0]:.1f} s for {len(lines)} and their ratios)"
    return f"- a bundle, a transaction per line: {rate}" + (f"; a second time {took[1]:.1f} s" if len(took) > 1 else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--backend", default="sqlite", help="sqlite, or the address of an empty Postgres database")
    parser.add_argument("--tries", type=int, default=40)
    parser.add_argument("--load-only", action="store_true")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{asked.folder / f'{asked.rows}.db'}" if asked.backend == "sqlite" else asked.backend
    engine = database.open_database(url)
    print(f"{engine.dialect.name}, load {os.getloadavg()[0]:.1f}\n")
    if not load.is_loaded(engine):
        for line in load.fill(engine, asked.rows):
            print(f"- {line}", flush=True)
    for line in load.sizes(engine):
        print(f"- {line}")
    if asked.load_only:
        sys.exit()
    print(storing(engine), flush=True)
    load.remember_last_night(engine)
    reader = database.open_for_reading(url)
    print("\n| query | p50, ms | p95, ms | processor, ms | rows at most |\n| --- | --- | --- | --- | --- |")
    for name, query in QUERIES.items():
        print(measured(reader, name, query, asked.tries), flush=True)
    for name, statement in NAIVE.items():
        naive = text(statement)
        line = measured(reader, f"naive: {name}", lambda c, _d, naive=naive: c.execute(naive).all(), 3)
        print(line, flush=True)
    print(f"\nload {os.getloadavg()[0]:.1f}")
    print(json.dumps({"rows": asked.rows, "tries": asked.tries}))


if __name__ == "__main__":
    main()
