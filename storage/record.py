"""Every write. A bundle comes in, line by line, each line a transaction; the same line twice counts once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import models
from storage.database import explained
from storage.header import place_facts, planned_measurements
from storage.schema import read_valid
from storage.texts import check_time
from workloads import bundle
from workloads.estimate import noise_floor

_INSERT = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@dataclass(frozen=True)
class Stored:
    """What came of storing a bundle: its run, and how many of its measurements were new."""

    run: str
    measurements: int
    new: int


def store(engine: Engine, path: Path) -> Stored:
    """Store the bundle at `path`. Its lines are all validated before the first is stored; BundleError: nothing was.

    StorageError when the database went away: what came before is stored, and storing again completes it.
    """
    lines = read_valid(path)
    header = lines[0]
    assert isinstance(header, bundle.Header)
    new = 0
    with explained(engine):
        with engine.begin() as connection:
            writer = _Writer(connection, header)
        for line in lines[1:]:
            with engine.begin() as connection:
                if isinstance(line, bundle.Measurement):
                    new += writer.measurement(connection, line)
                elif isinstance(line, bundle.Ratio):
                    writer.ratio(connection, line)
                elif isinstance(line, bundle.Peak):
                    writer.peak(connection, line)
                else:
                    writer.footer(connection, line)
    return Stored(header.run, sum(isinstance(line, bundle.Measurement) for line in lines), new)


class _Writer:
    """The ids of one bundle's run, machine, environments and series, as far as they are known."""

    def __init__(self, connection: Connection, header: bundle.Header) -> None:
        machine = header.machine
        self._machine = _id_of(
            connection,
            models.Machine,
            {"name": machine["name"], "fingerprint": machine["fingerprint"]},
            {"description": machine},
        )
        started_at = self._started_at = check_time(header.started_at)
        self._run = _id_of(
            connection,
            models.Run,
            {"uuid": header.run},
            {
                "machine_id": self._machine,
                "suite": header.plan["suite"],
                "request": header.plan.get("request", ""),
                "night": started_at.date(),
                "started_at": started_at,
                "planned": planned_measurements(header),
                "measured": 0,
                "unsupported": 0,
                "too_large": 0,
                "failed": 0,
                "plan": header.plan,
            },
        )
        self._places: dict[str, tuple[int, int]] = {}
        self._contained = {one["name"] for one in header.environments if place_facts(one)["builder"] == "docker"}
        self._again = {one["name"] for one in header.environments if place_facts(one)["again"]}
        for place, environment in enumerate(header.environments):
            found = environment["found"]
            libraries = found["libraries"]
            environment_id = _id_of(
                connection,
                models.Environment,
                {"digest": found["digest"]},
                {
                    "python": found["python"],
                    "numpy": libraries["numpy"],
                    "jax": libraries.get("jax"),
                    "jaxlib": libraries.get("jaxlib"),
                    "description": found,
                },
            )
            self._places[environment["name"]] = (place, environment_id)
            row = {
                "run_id": self._run,
                "place": place,
                "name": environment["name"],
                "environment_id": environment_id,
                "asked": environment["asked"],
                "import_seconds": environment["import_seconds"],
                **place_facts(environment),
            }
            _add(connection, models.RunEnvironment, row)
        self._series: dict[tuple[Any, ...], int] = {}

    def measurement(self, connection: Connection, line: bundle.Measurement) -> bool:
        """Whether it was new."""
        place, environment_id = self._places[line.environment]
        identity = {
            "machine_id": self._machine,
            "workload": line.workload,
            "workload_version": line.workload_version,
            "case_key": bundle.case_key(line.case),
            "variant": line.variant,
            "device": self._device(line),
            "threads": line.threads,
        }
        series = _id_of(connection, models.Series, identity, {"size_name": line.size_name, "size": line.size})
        self._series[_side(line, line.environment, line.variant)] = series
        key = {"run_id": self._run, "place": place, "series_id": series}
        row = {
            **key,
            "environment_id": environment_id,
            "measured_at": check_time(line.measured_at),
            "status": line.status,
            "reason": line.reason,
            "seconds": line.seconds,
            "low_seconds": line.low_seconds,
            "high_seconds": line.high_seconds,
            "max_error": line.max_error,
            "load": line.load,
            "sampled": line.sampled,
            "disturbed": line.disturbed,
            "meanwhile": line.meanwhile,
            "flops": line.flops,
            "bytes_moved": line.bytes_moved,
            "resource": line.resource,
            "xla": line.xla,
            **_over_processes(line.processes),
        }
        if not _add(connection, models.Measurement, row):
            return False
        if line.processes:
            _add(connection, models.Samples, {**key, **_samples(line.processes), "result": line.result})
        count = line.status if line.status in ("measured", "unsupported", "too_large") else "failed"
        column = getattr(models.Run, count)
        connection.execute(update(models.Run).where(models.Run.id == self._run).values({column: column + 1}))
        return True

    def ratio(self, connection: Connection, line: bundle.Ratio) -> None:
        row = {
            "run_id": self._run,
            "place": self._places[line.environment][0],
            "series_id": self._series[_side(line, line.environment, line.variant)],
            "baseline_place": self._places[line.baseline_environment][0],
            "baseline_series_id": self._series[_side(line, line.baseline_environment, line.baseline_variant)],
            "ratio": line.ratio,
            "low": line.low,
            "high": line.high,
        }
        _add(connection, models.Ratio, row)
        against_itself = (row["baseline_place"], row["baseline_series_id"]) == (0, row["series_id"])
        if line.environment in self._again and against_itself:
            self._noise_floor(connection, row["series_id"], line)

    def _noise_floor(self, connection: Connection, series: int, line: bundle.Ratio) -> None:
        row = {
            "run_id": self._run,
            "series_id": series,
            "started_at": self._started_at,
            "ratio": line.ratio,
            "low": line.low,
            "high": line.high,
            "floor": noise_floor(line.low, line.high),
        }
        _add(connection, models.NoiseFloor, row)

    def peak(self, connection: Connection, line: bundle.Peak) -> None:
        row = {
            "run_id": self._run,
            "place": self._places[line.environment][0],
            "device": self._device(line),
            "threads": line.threads,
            "library": line.library,
            "resource": line.resource,
            "dtype": line.dtype,
            "per_second": line.per_second,
        }
        _add(connection, models.Peak, row)

    def _device(self, line: bundle.Measurement | bundle.Peak) -> str:
        """Where it computed. A container is another place: its Python is built otherwise, so its series are others."""
        contained = line.device and line.environment in self._contained
        return f"{line.device} in a container" if contained else line.device

    def footer(self, connection: Connection, line: bundle.Footer) -> None:
        finished_at = check_time(line.finished_at)
        unfinished = (models.Run.id == self._run) & models.Run.finished_at.is_(None)
        connection.execute(update(models.Run).where(unfinished).values(finished_at=finished_at))


def _side(line: bundle.Measurement | bundle.Ratio, environment: str, variant: str) -> tuple[Any, ...]:
    return (environment, line.workload, line.workload_version, bundle.case_key(line.case), variant)


def _over_processes(processes: list[bundle.Process]) -> dict[str, Any]:
    """One figure per phase, the middle one, and the highest peaks of memory; empty where no process has it."""

    def given(values: Iterable[Any]) -> list[Any]:
        return [value for value in values if value is not None]

    def middle(values: Iterable[Any]) -> Any:
        return median(given(values) or [None])

    def each(name: str) -> Iterator[Any]:
        return (getattr(process, name) for process in processes)

    calls = [process.first_call or {} for process in processes]
    first_calls = [call for call in calls if not call.get("cache_hits")]  # those that did compile
    phases = {
        f"{name}_seconds": middle(call.get(key) for call in first_calls)
        for name, key in (
            ("first_call", "seconds"),
            ("trace", "trace_seconds"),
            ("lower", "lower_seconds"),
            ("compile", "compile_seconds"),
            ("execute", "execute_seconds"),
        )
    }
    of_processes = ("transfer_in_seconds", "transfer_out_seconds", "import_seconds", "start_seconds")
    return {
        **phases,
        **{name: middle(each(name)) for name in of_processes},
        **{name: max(given(each(name)), default=None) for name in ("peak_bytes", "device_peak_bytes")},
    }


def _samples(processes: list[bundle.Process]) -> dict[str, Any]:
    seconds = np.concatenate([np.asarray(process.samples_seconds, "<f4") for process in processes])
    facts = [{**asdict(process), "samples_seconds": len(process.samples_seconds)} for process in processes]
    return {"seconds": seconds.tobytes(), "processes": facts}


def _add(connection: Connection, model: type[models.Base], row: dict[str, Any]) -> bool:
    """Insert a row unless its key is there already; whether it was inserted."""
    table: Table = model.__table__  # type: ignore[assignment]
    insert = _INSERT[connection.dialect.name](table).values(row).on_conflict_do_nothing()
    return connection.execute(insert.returning(*table.primary_key.columns)).first() is not None


def _id_of(connection: Connection, model: type[models.Base], identity: dict[str, Any], facts: dict[str, Any]) -> int:
    """The id of the row with this identity, inserted together with `facts` where there is none."""
    found = select(model.id).filter_by(**identity)  # type: ignore[attr-defined]
    known = connection.execute(found).scalar()
    if known is None:
        _add(connection, model, {**identity, **facts})
        known = connection.execute(found).scalar_one()
    return known
