"""A run as the lines of a bundle, from the database alone: stored elsewhere, they give the same rows."""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, Row, Select, and_, select
from sqlalchemy.orm import aliased

from storage import queries
from storage.header import DEFAULTS
from storage.models import (
    MEASUREMENT_KEY,
    Environment,
    Machine,
    Measurement,
    Peak,
    Ratio,
    Run,
    RunEnvironment,
    Samples,
    Series,
)
from storage.record import IN_A_CONTAINER
from workloads import bundle

#: Rows of measurements that are held at a time.
BATCH = 200


class ExportError(Exception):
    """A run that cannot be written as a bundle; the text says why."""


#: Of a measurement, what is stored under the name that it has in a bundle.
_AS_THEY_ARE = [
    field.name
    for field in dataclasses.fields(bundle.Measurement)
    if field.name not in ("environment", "case", "device", "measured_at", "processes", "kind")
]


class Side(NamedTuple):
    """What a bundle's ratio names a measurement by."""

    environment: str
    workload: str
    workload_version: int
    case_key: str
    variant: str


def runs(connection: Connection, *, machine: str | None = None, since: date | None = None) -> Sequence[Row[Any]]:
    """The runs of this machine, from this night on, as `queries.runs` gives them; the oldest first."""
    query = queries.run_rows()
    if machine is not None:
        query = query.where(Machine.name == machine)
    if since is not None:
        query = query.where(Run.night >= since)
    return connection.execute(query.order_by(Run.started_at, Run.uuid)).all()


def freeze(connection: Connection) -> None:
    """Begin a transaction that sees the database as it is now, whoever writes meanwhile; the one before is ended."""
    connection.rollback()
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ")
    else:
        connection.exec_driver_sql("BEGIN")


def lines(connection: Connection, run_id: int) -> Iterator[bundle.Line]:
    """Header, peaks, measurements by time, each ratio as soon as both of its sides are there, and the footer.

    No footer where the run has no end. ExportError where a bundle cannot say what is stored.
    """
    run = connection.execute(
        select(*Run.__table__.columns, Machine.description).join(Machine).filter(Run.id == run_id)
    ).one()
    places = {row.place: row for row in connection.execute(_places().where(RunEnvironment.run_id == run_id))}
    yield _header(run, list(places.values()))
    for row in connection.execute(_peaks().where(Peak.run_id == run_id)):
        yield _peak(row, places[row.place])
    of_side: dict[tuple[int, int], list[Row[Any]]] = defaultdict(list)
    for ratio in connection.execute(_ratios().where(Ratio.run_id == run_id)):
        for key in set(_keys(ratio)):
            of_side[key].append(ratio)
    sides: dict[tuple[int, int], Side] = {}
    newest: dict[Side, tuple[int, int]] = {}
    query = _measurements().where(Measurement.run_id == run_id)
    with connection.execute(query, execution_options={"yield_per": BATCH}) as rows:
        for row in rows:
            key = row.place, row.series_id
            side = Side(places[row.place].name, row.workload, row.workload_version, row.case_key, row.variant)
            sides[key], newest[side] = side, key
            yield _measurement(row, places[row.place])
            for ratio in of_side.get(key, ()):
                keys = _keys(ratio)
                if not all(one in sides for one in keys):
                    continue  # it comes after the other
                if any(newest[sides[one]] != one for one in keys):
                    what = f"{side.workload} {side.variant}"
                    raise ExportError(f"{what} was measured twice, on two devices or with two numbers of threads")
                yield _ratio(ratio, *(sides[one] for one in keys))
    if run.finished_at is not None:
        yield bundle.Footer(finished_at=time_text(run.finished_at))


def time_text(moment: datetime) -> str:
    """A stored time as it stands in a bundle."""
    digits = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=digits).replace("+00:00", "Z")


def _header(run: Row[Any], places: Sequence[Row[Any]]) -> bundle.Header:
    plan = _as_it_came(run.plan)
    if run.request and not plan.get("request"):  # a night from before requests were said in plans
        plan = {**plan, "request": run.request}
    environments = [
        {
            "name": place.name,
            "asked": _as_it_came(place.asked),
            "found": _as_it_came(place.description),
            "import_seconds": _as_it_came(place.import_seconds),
            **{name: getattr(place, name) for name in DEFAULTS if name != "resolution"},
            "resolution": _as_it_came(place.resolution or []),
        }
        for place in places
    ]
    machine = _as_it_came(run.description)
    return bundle.Header(run.uuid, time_text(run.started_at), machine, environments, plan)


def _peak(row: Row[Any], place: Row[Any]) -> bundle.Peak:
    facts = {name: value for name, value in row._mapping.items() if name not in ("run_id", "place")}
    return bundle.Peak(**{**facts, "environment": place.name, "device": _device(row, place)})


def _measurement(row: Row[Any], place: Row[Any]) -> bundle.Measurement:
    facts = {name: getattr(row, name) for name in _AS_THEY_ARE}
    documents = {name: _as_it_came(value) for name, value in facts.items() if isinstance(value, dict)}
    return bundle.Measurement(
        **{**facts, **documents},
        environment=place.name,
        case=json.loads(row.case_key),
        device=_device(row, place),
        measured_at=time_text(row.measured_at),
        processes=_processes(row),
    )


def _processes(row: Row[Any]) -> list[bundle.Process]:
    what = f"{row.workload} {row.variant} at {row.size:g}"
    if row.processes is None:
        if row.status == "measured":
            raise ExportError(f"nothing is left of the processes that measured {what}")
        return []
    facts = [{**one, "first_call": _as_it_came(one["first_call"])} for one in row.processes]
    counts = [one.pop("samples_seconds") for one in facts]
    if not row.seconds_of_samples and any(counts):
        return [bundle.Process(samples_seconds=[], samples_pruned=count, **one) for one, count in zip(facts, counts)]
    try:
        each = _samples(row.seconds_of_samples, counts)
    except ValueError as error:
        raise ExportError(f"the samples of {what} are damaged: {error}") from None
    return [bundle.Process(samples_seconds=seconds, **one) for one, seconds in zip(facts, each)]


def _samples(seconds: bytes, counts: Sequence[int]) -> list[list[float]]:
    """Each process's samples, with the digits that are kept. ValueError where there are more or fewer than counted."""
    values = [float(str(value)) for value in np.frombuffer(seconds, "<f4")]
    if len(values) != sum(counts):
        raise ValueError(f"{len(values)} samples, and {sum(counts)} were counted")
    rest = iter(values)
    return [list(islice(rest, count)) for count in counts]


def _ratio(row: Row[Any], candidate: Side, baseline: Side) -> bundle.Ratio:
    return bundle.Ratio(
        workload=candidate.workload,
        workload_version=candidate.workload_version,
        case=json.loads(candidate.case_key),
        baseline_environment=baseline.environment,
        baseline_variant=baseline.variant,
        environment=candidate.environment,
        variant=candidate.variant,
        ratio=row.ratio,
        low=row.low,
        high=row.high,
    )


def _keys(ratio: Row[Any]) -> tuple[tuple[int, int], tuple[int, int]]:
    """The candidate and the baseline of a ratio."""
    return (ratio.place, ratio.series_id), (ratio.baseline_place, ratio.baseline_series_id)


def _device(row: Row[Any], place: Row[Any]) -> str:
    """The device as its probe named it: that it stood in a container is said of the environment."""
    return row.device.removesuffix(IN_A_CONTAINER) if place.builder == "docker" else row.device


def _as_it_came(value: Any) -> Any:
    """A stored document, in one order on both databases. Postgres gives 1e20 back as a whole number: undone."""
    if isinstance(value, dict):
        return {name: _as_it_came(inner) for name, inner in sorted(value.items())}
    if isinstance(value, list):
        return [_as_it_came(inner) for inner in value]
    # from here on Python writes a float with an exponent; the same digits are the same number, whatever it was
    is_float = type(value) is int and abs(value) >= 10**16 and Decimal(repr(float(value))) == value
    return float(value) if is_float else value


def _places() -> Select[Any]:
    return (
        select(*RunEnvironment.__table__.columns, Environment.description)
        .join(Environment, Environment.id == RunEnvironment.environment_id)
        .order_by(RunEnvironment.place)
    )


def _peaks() -> Select[Any]:
    keys = (Peak.place, Peak.device, Peak.threads, Peak.resource, Peak.dtype, Peak.library)
    return select(*Peak.__table__.columns).order_by(*keys)


def _ratios() -> Select[Any]:
    candidate, baseline = aliased(Series), aliased(Series)
    return (
        select(*Ratio.__table__.columns)
        .join(candidate, candidate.id == Ratio.series_id)
        .join(baseline, baseline.id == Ratio.baseline_series_id)
        .order_by(Ratio.place, candidate.variant, Ratio.baseline_place, baseline.variant)
    )


def _measurements() -> Select[Any]:
    of_series = (
        Series.workload,
        Series.workload_version,
        Series.case_key,
        Series.variant,
        Series.device,
        Series.threads,
    )
    key = and_(*(getattr(Samples, name) == getattr(Measurement, name) for name in MEASUREMENT_KEY))
    return (
        select(
            *Measurement.__table__.columns,
            *of_series,
            Series.size_name,
            Series.size,
            Samples.seconds.label("seconds_of_samples"),
            Samples.processes,
            Samples.result,
        )
        .join(Series, Series.id == Measurement.series_id)
        .outerjoin(Samples, key)
        .order_by(Measurement.measured_at, Measurement.place, *of_series)
    )
