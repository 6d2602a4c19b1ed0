"""Synthetic nights in bulk, for `benchmarks/storage.py`: figures are noise, the sizes of what is kept are real."""

from __future__ import annotations

import gzip
import json
import os
import time
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, text

from storage.models import Measurement
from workloads import bundle

MACHINES, WORKLOADS, SIZES = 10, 25, 10
CASES = WORKLOADS * SIZES
SERIES = CASES * 2  # NumPy and JAX
TRACKS = ("pinned", "latest", "nightly")
PER_NIGHT = MACHINES * SERIES * len(TRACKS)
FIRST, RELEASE_NIGHTS, SAMPLES = date(2024, 1, 1), 30, 82
LATEST, NIGHTLY = 1_000, 10_000  # where the ids of their environments begin
SUITE = Path(__file__).parent.parent / "examples" / "suite.jsonl.gz"

_last = FIRST


def last_night() -> date:
    return _last


def remember_last_night(engine: Engine) -> None:
    """The newest synthetic night: what queries count back from."""
    global _last  # of one benchmark
    with engine.connect() as connection:
        runs = connection.execute(text("select count(*) from run where suite = 'synthetic'")).scalar_one()
    _last = FIRST + timedelta(days=runs // MACHINES - 1)


def digest_of(track: str, release: int) -> str:
    return f"{track}-{release}"


def is_loaded(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.execute(text("select id from run limit 1")).first() is not None


def fill(engine: Engine, rows: int) -> Iterator[str]:
    """Nights until there are at least so many measurements; says how long that took."""
    nights = -(-rows // PER_NIGHT)
    index = next(one for one in Measurement.__table__.indexes if one.name == "ix_measurement_trend")
    index.drop(engine)
    began = time.monotonic()
    with _Bulk(engine) as bulk:
        _dimensions(bulk, nights)
        for night in range(nights):
            _night(bulk, night)
            bulk.commit()
            if night % 50 == 49:
                yield f"{(night + 1) * PER_NIGHT:,} measurements after {time.monotonic() - began:.0f} s"
    took = time.monotonic() - began
    loaded = nights * PER_NIGHT
    yield f"{loaded:,} measurements of {nights} nights in {took:.0f} s, {loaded / took:,.0f} a second"
    began = time.monotonic()
    index.create(engine)
    if engine.dialect.name == "postgresql":
        for table in ("measurement", "samples", "ratio", "run", "run_environment", "series", "score"):
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f"vacuum analyze {table}"))
        with engine.begin() as connection:  # ids were given: the next one is the database's own
            for table in ("machine", "environment", "run", "series"):
                newest = f"(select max(id) from {table})"
                connection.execute(text(f"select setval(pg_get_serial_sequence('{table}', 'id'), {newest})"))
    yield f"index of trends, and on Postgres vacuum and statistics: {time.monotonic() - began:.0f} s"


def sizes(engine: Engine) -> Iterator[str]:
    """What it takes on the disk, altogether and per measurement."""
    with engine.connect() as connection:
        rows = connection.execute(text("select count(*) from measurement")).scalar_one()
        if engine.dialect.name == "postgresql":
            query = "select relname, pg_total_relation_size(oid) from pg_class where relkind = 'r' and relnamespace = "
            query += "'public'::regnamespace order by 2 desc"
            tables = [tuple(row) for row in connection.execute(text(query)).all()]
            whole = sum(size for _, size in tables)
        else:
            pages = [connection.execute(text(f"pragma {name}")).scalar_one() for name in ("page_count", "page_size")]
            whole = pages[0] * pages[1]
            # pages, not bytes: their sum is kept in 32 bits
            found = "select name, pageno from dbstat where aggregate = true order by 2 desc"
            tables = [(row.name, row.pageno * pages[1]) for row in connection.execute(text(found)).all()]
    yield f"{rows:,} measurements, {whole / 1e9:.2f} GB, {whole / rows:,.0f} bytes each"
    yield ", ".join(f"{name} {size / rows:,.0f}" for name, size in tables[:6]) + " bytes per measurement"


class _Bulk:
    """Rows by the driver's own fastest way, the same tuples on both databases."""

    def __init__(self, engine: Engine) -> None:
        self._is_postgres = engine.dialect.name == "postgresql"
        self._pooled = engine.raw_connection()
        self._connection: Any = self._pooled.driver_connection

    def __enter__(self) -> _Bulk:
        if not self._is_postgres:
            self._connection.execute("begin immediate")
        return self

    def __exit__(self, *_: object) -> None:
        self.commit()
        if not self._is_postgres:
            self._connection.execute("commit")
        self._pooled.close()

    def commit(self) -> None:
        if self._is_postgres:
            self._connection.commit()
        else:
            self._connection.execute("commit")
            self._connection.execute("begin immediate")

    def add(self, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if self._is_postgres:
            with self._connection.cursor() as cursor, cursor.copy(f"copy {table} ({columns}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * (columns.count(",") + 1))
            self._connection.executemany(f"insert into {table} ({columns}) values ({marks})", rows)


def _real() -> dict[str, dict[str, Any]]:
    """What the suite's run keeps of a measurement's processes, of the machine, and of XLA, for each variant."""
    found: dict[str, dict[str, Any]] = {}
    with gzip.open(SUITE, "rt") as stream:
        for line in map(json.loads, stream):
            if (
                line["kind"] == "measurement"
                and line["status"] == "measured"
                and line["variant"] in ("numpy", "jax_jit")
            ):
                facts = [{**one, "samples_seconds": len(one["samples_seconds"])} for one in line["processes"]]
                packed = zlib.compress(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode())
                kept = found.setdefault(line["variant"], {"processes": [], "xla": None})
                kept["processes"].append(packed)
                kept["xla"] = kept["xla"] or (json.dumps(line["xla"]) if line.get("xla") else None)
                kept["meanwhile"] = json.dumps(line.get("meanwhile"))
    return found


_REAL = _real()
_DICE = np.random.default_rng(1)
_LEVELS = np.exp(_DICE.uniform(np.log(2e-6), np.log(0.05), (MACHINES, SERIES)))


def _dimensions(bulk: _Bulk, nights: int) -> None:
    numbers = range(1, MACHINES + 1)
    bulk.add("machine", "id, name, fingerprint, description", [(k, f"m{k - 1}", f"f{k}", "{}") for k in numbers])
    releases = range(-(-nights // RELEASE_NIGHTS))
    found = [(1, "pinned", 0), *((LATEST + k, "latest", k) for k in releases)]
    found += [(NIGHTLY + k, "nightly", k) for k in range(nights)]
    environments = [(key, digest_of(*of), "3.13.0", "2.4.6", f"0.{of[1]}", f"0.{of[1]}", "{}") for key, *of in found]
    bulk.add("environment", "id, digest, python, numpy, jax, jaxlib, description", environments)
    series = []
    for machine in range(MACHINES):
        for case in range(CASES):
            size = 10 ** (1 + case % SIZES / 2)
            key = bundle.case_key({"n": round(size), "dtype": "float32"})
            for variant, name in enumerate(("numpy", "jax_jit")):
                number = machine * SERIES + case * 2 + variant + 1
                of = (machine + 1, f"workload{case // SIZES}", 1, key, "n", float(round(size)), name, "cpu", 1)
                series.append((number, *of))
    columns = "id, machine_id, workload, workload_version, case_key, size_name, size, variant, device, threads"
    bulk.add("series", columns, series)


_RUN = (
    "id, uuid, machine_id, suite, request, night, started_at, finished_at, planned, measured, unsupported, too_large, "
    "failed, plan"
)
_PLACES = "run_id, place, name, environment_id, asked, import_seconds, spec, track, builder"
_MEASUREMENT = (
    "run_id, place, series_id, environment_id, measured_at, status, reason, seconds, low_seconds, high_seconds, "
    "first_call_seconds, trace_seconds, lower_seconds, compile_seconds, transfer_in_seconds, transfer_out_seconds, "
    "peak_bytes, max_error, load, meanwhile, flops, bytes_moved, resource, xla, execute_seconds, import_seconds, "
    "start_seconds"
)
_RATIO = "run_id, place, series_id, baseline_place, baseline_series_id, ratio, low, high"


def _plan() -> bytes:
    """As large as a night's plan, packed: 6 kB."""
    return zlib.compress(json.dumps({"synthetic": os.urandom(6000).hex()}).encode())


def _night(bulk: _Bulk, night: int) -> None:
    """Every machine's run of one night."""
    day = (FIRST + timedelta(days=night)).isoformat()
    started, ended = f"{day}T02:00:00.000000Z", f"{day}T05:00:00.000000Z"
    environments = (1, LATEST + night // RELEASE_NIGHTS, NIGHTLY + night)
    for machine in range(MACHINES):
        run, planned = night * MACHINES + machine + 1, SERIES * len(TRACKS)
        row = (run, f"{run:032x}", machine + 1, "synthetic", "nightly", day, started, ended, planned, planned, 0, 0, 0)
        bulk.add("run", _RUN, [(*row, _plan())])
        places = [(run, k, name, environments[k], "{}", "{}", name, name, "uv") for k, name in enumerate(TRACKS)]
        bulk.add("run_environment", _PLACES, places)
        seconds = _LEVELS[machine] * np.exp(_DICE.normal(0, 0.03, (len(TRACKS), SERIES)))
        for place in range(len(TRACKS)):
            _measurements(bulk, run, place, machine * SERIES + 1, seconds[place].tolist(), environments[place], started)
        _ratios(bulk, run, machine * SERIES + 1, seconds)
        _derived(bulk, run, machine * SERIES + 1, started, ended)


def _measurements(
    bulk: _Bulk, run: int, place: int, first: int, seconds: list[float], environment: int, started: str
) -> None:
    rows, samples = [], []
    noise = _DICE.normal(1, 0.01, (SERIES, SAMPLES)).astype("<f4")
    for at, value in enumerate(seconds):
        real, is_jax = _REAL["jax_jit" if at % 2 else "numpy"], bool(at % 2)
        compiled = (0.4, 0.006, 0.05, 0.3) if is_jax else (1e-5, None, None, None)
        known = (run, place, first + at, environment, started, "measured", "", value, value * 0.98, value * 1.02)
        more = (4e-4, 9e-5, 231_915_520, 1e-7, 0.5, real["meanwhile"], 1e6, 4e6, "flops", real["xla"])
        rows.append((*known, *compiled, *more, 0.02 if is_jax else None, 0.48, 0.06))
        packed = real["processes"][(run * 7 + at) % len(real["processes"])]
        samples.append((run, place, first + at, (noise[at] * value).tobytes(), packed))
    bulk.add("measurement", _MEASUREMENT, rows)
    bulk.add("samples", "run_id, place, series_id, seconds, processes", samples)


def _ratios(bulk: _Bulk, run: int, first: int, seconds: np.ndarray) -> None:
    """JAX beside NumPy in each place, and each series beside itself in the first place."""
    rows = []
    for place in range(len(TRACKS)):
        to_numpy = (seconds[place, 1::2] / seconds[place, ::2]).tolist()
        for case, ratio in enumerate(to_numpy):
            key = (run, place, first + 2 * case + 1, place, first + 2 * case)
            rows.append((*key, ratio, ratio * 0.98, ratio * 1.02))
        if place:
            for at, ratio in enumerate((seconds[place] / seconds[0]).tolist()):
                rows.append((run, place, first + at, 0, first + at, ratio, ratio * 0.98, ratio * 1.02))
    bulk.add("ratio", _RATIO, rows)


def _derived(bulk: _Bulk, run: int, first: int, started: str, ended: str) -> None:
    """Scores of every workload, two changes, and the floors of six cases."""
    kinds = [(run, kind, 1, SERIES * len(TRACKS), ended) for kind in ("scores", "changes")]
    bulk.add("derivation", "run_id, kind, version, measurements, made_at", kinds)
    names = ["", *(f"workload{k}" for k in range(WORKLOADS))]
    counts = (SIZES, 4, 3, 2)
    scores = [(run, place, name, "jax_jit", 0.8, *counts) for place in range(len(TRACKS)) for name in names]
    bulk.add("score", "run_id, place, workload, variant, ratio, cases, faster, slower, same", scores)
    changes = [(run, first + at, 1, 0, 1.2, 1.1, 1.3) for at in sorted(_DICE.choice(SERIES, 2, replace=False).tolist())]
    bulk.add("change", "run_id, series_id, place, before_place, ratio, low, high", changes)
    cases = sorted(_DICE.choice(CASES, 6, replace=False).tolist())
    floors = [(run, first + 2 * case + k, started, 1.0, 0.98, 1.02, 0.02) for case in cases for k in (0, 1)]
    bulk.add("noise_floor", "run_id, series_id, started_at, ratio, low, high, floor", floors)
