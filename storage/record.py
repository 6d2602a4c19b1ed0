"""Every write. A bundle comes in, line by line, each line a transaction; the same line twice counts once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from storage import models
from storage.address import StorageError
from storage.database import explained, sqlstate
from storage.header import place_facts, planned_measurements
from storage.processes import over_processes, samples
from storage.schema import valid_lines
from storage.texts import check_time
from workloads import bundle
from workloads.estimate import noise_floor

Given = TypeVar("Given")
#: Ends the name of a device that is used from inside a container.
IN_A_CONTAINER = " in a container"

_INSERT = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
#: Postgres undid the transaction because of another one: a serialisation failure, a deadlock. It may be done again.
UNDONE = ("40001", "40P01")
PAUSES_SECONDS = (0.01, 0.05, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Stored:
    """What came of storing a bundle: its run, and how many of its measurements were new; whether anything was."""

    run: str
    run_id: int
    measurements: int
    new: int
    changed: bool


def store(engine: Engine, path: Path) -> Stored:
    """Store the bundle at `path`. Its lines are all validated before the first is stored; BundleError: nothing was.

    StorageError when the database went away: what came before is stored, and storing again completes it.
    """
    count = sum(1 for _ in valid_lines(path))
    # read once more instead of kept: a bundle may be larger than memory. It may grow meanwhile, too
    lines = islice(valid_lines(path), count)
    header = next(lines)
    assert isinstance(header, bundle.Header)
    measurements = new = changed = 0
    with explained(engine):
        writer = at_once(engine, lambda connection: _Writer(connection, header))
        for line in lines:
            fresh = at_once(engine, lambda connection, line=line: writer.line(connection, line))  # type: ignore[misc]
            changed += fresh
            measurements += isinstance(line, bundle.Measurement)
            new += fresh and isinstance(line, bundle.Measurement)
    return Stored(header.run, writer.run_id, measurements, new, changed > 0)


def at_once(engine: Engine, work: Callable[[Connection], Given]) -> Given:
    """Do all of it in a transaction, again where another transaction had it undone."""
    pauses = iter(PAUSES_SECONDS)
    while True:
        try:
            with engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            pause = next(pauses, None) if sqlstate(error) in UNDONE else None
            if pause is None:
                raise
            time.sleep(pause)


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
        self.run_id = _id_of(
            connection,
            models.Run,
            {"uuid": header.run},
            {
                "machine_id": self._machine,
                "suite": header.plan["suite"],
                "request": header.plan.get("request", ""),
                "night": started_at.astimezone(UTC).date(),
                "started_at": started_at,
                "planned": planned_measurements(header),
                "measured": 0,
                "unsupported": 0,
                "too_large": 0,
                "failed": 0,
                "plan": header.plan,
                "written_by": func.current_user() if connection.dialect.name == "postgresql" else "",
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
                "run_id": self.run_id,
                "place": place,
                "name": environment["name"],
                "environment_id": environment_id,
                "asked": environment["asked"],
                "import_seconds": environment["import_seconds"],
                **place_facts(environment),
            }
            _add(connection, models.RunEnvironment, row)
        self._series: dict[tuple[Any, ...], int] = {}

    def line(self, connection: Connection, line: bundle.Line) -> bool:
        """Whether it was a measurement, a ratio or a peak, and new."""
        if isinstance(line, bundle.Measurement):
            return self.measurement(connection, line)
        if isinstance(line, bundle.Ratio):
            return self.ratio(connection, line)
        if isinstance(line, bundle.Peak):
            return self.peak(connection, line)
        if isinstance(line, bundle.Footer):
            self.footer(connection, line)
        return False

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
        key = {"run_id": self.run_id, "place": place, "series_id": series}
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
            **over_processes(line.processes),
        }
        if not _add(connection, models.Measurement, row):
            return False
        if line.processes:
            _add(connection, models.Samples, {**key, **samples(line.processes), "result": line.result})
        count = line.status if line.status in ("measured", "unsupported", "too_large") else "failed"
        column = getattr(models.Run, count)
        learnt = {column: column + 1, models.Run.pruned: False}  # it may come long after the others were pruned
        connection.execute(update(models.Run).where(models.Run.id == self.run_id).values(learnt))
        return True

    def ratio(self, connection: Connection, line: bundle.Ratio) -> bool:
        row = {
            "run_id": self.run_id,
            "place": self._places[line.environment][0],
            "series_id": self._series[_side(line, line.environment, line.variant)],
            "baseline_place": self._places[line.baseline_environment][0],
            "baseline_series_id": self._series[_side(line, line.baseline_environment, line.baseline_variant)],
            "ratio": line.ratio,
            "low": line.low,
            "high": line.high,
        }
        is_new = _add(connection, models.Ratio, row)
        against_itself = (row["baseline_place"], row["baseline_series_id"]) == (0, row["series_id"])
        if line.environment in self._again and against_itself:
            self._noise_floor(connection, row["series_id"], line)
        return is_new

    def _noise_floor(self, connection: Connection, series: int, line: bundle.Ratio) -> None:
        row = {
            "run_id": self.run_id,
            "series_id": series,
            "started_at": self._started_at,
            "ratio": line.ratio,
            "low": line.low,
            "high": line.high,
            "floor": noise_floor(line.low, line.high),
        }
        _add(connection, models.NoiseFloor, row)

    def peak(self, connection: Connection, line: bundle.Peak) -> bool:
        row = {
            "run_id": self.run_id,
            "place": self._places[line.environment][0],
            "device": self._device(line),
            "threads": line.threads,
            "library": line.library,
            "resource": line.resource,
            "dtype": line.dtype,
            "per_second": line.per_second,
        }
        return _add(connection, models.Peak, row)

    def _device(self, line: bundle.Measurement | bundle.Peak) -> str:
        """Where it computed. A container is another place: its Python is built otherwise, so its series are others."""
        contained = line.device and line.environment in self._contained
        return f"{line.device}{IN_A_CONTAINER}" if contained else line.device

    def footer(self, connection: Connection, line: bundle.Footer) -> None:
        finished_at = check_time(line.finished_at)
        unfinished = (models.Run.id == self.run_id) & models.Run.finished_at.is_(None)
        connection.execute(update(models.Run).where(unfinished).values(finished_at=finished_at))


def _side(line: bundle.Measurement | bundle.Ratio, environment: str, variant: str) -> tuple[Any, ...]:
    return (environment, line.workload, line.workload_version, bundle.case_key(line.case), variant)


def _add(connection: Connection, model: type[models.Base], row: dict[str, Any], known_by: Iterable[str] = ()) -> bool:
    """Insert a row unless there is one with its key; whether it was inserted.

    known_by: the columns of its key, where those are not the primary key's.
    """
    table: Table = model.__table__  # type: ignore[assignment]
    key = list(known_by) or list(table.primary_key.columns.keys())
    insert = _INSERT[connection.dialect.name](table).values(row).on_conflict_do_nothing(index_elements=key)
    return connection.execute(insert.returning(*table.primary_key.columns)).first() is not None


def _id_of(connection: Connection, model: type[models.Base], identity: dict[str, Any], facts: dict[str, Any]) -> int:
    """The id of the row with this identity, inserted together with `facts` where there is none.

    Where there is one that this role may not see: BundleError if it is the run, which another worker has written,
    StorageError if it is a row that all share.
    """
    found = select(model.id).filter_by(**identity)  # type: ignore[attr-defined]
    known = connection.execute(found).scalar()
    if known is None:
        _add(connection, model, {**identity, **facts}, known_by=identity)
        known = connection.execute(found).scalar()
    if known is not None:
        return known
    if model is models.Run:
        raise bundle.BundleError(
            f"run {identity['uuid']} is in the database already, and another role has written it: nothing was changed. "
            "Store it as that role, or as the database's owner"
        )
    raise StorageError(
        f"the {model.__tablename__} {', '.join(map(str, identity.values()))} is in the database already, and this role "
        f"does not see it: the table {model.__tablename__} has a row-level policy that is not Crossover's. The "
        "database's owner can drop it"
    )
