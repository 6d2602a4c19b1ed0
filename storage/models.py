"""The tables. Times are UTC, durations seconds, memory bytes; units stand in the names.

A series is what must match for two measurements to be comparable over time. The environment belongs to the measurement,
because one run holds several of them side by side. Samples are cold: read only where one measurement is looked at.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import STRICT, STRICT_BY_KEY, Base
from storage.types import Packed


class Machine(Base):
    """A computer by nickname. Another fingerprint under the same nickname is another machine: new series begin."""

    __tablename__ = "machine"
    __table_args__ = (UniqueConstraint("name", "fingerprint"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    fingerprint: Mapped[str]
    description: Mapped[dict[str, Any]]


class Environment(Base):
    """Resolved versions as they were found, identified by the digest of everything that decides speed."""

    __tablename__ = "environment"
    __table_args__ = (STRICT,)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    python: Mapped[str]
    numpy: Mapped[str]
    jax: Mapped[str | None]
    jaxlib: Mapped[str | None]
    description: Mapped[dict[str, Any]]


class Run(Base):
    """One execution of a plan on one machine.

    request: what it was asked for as: a backfill in its own words, a night as `nightly`. finished_at: empty until the
    bundle's footer has arrived. written_by: on Postgres, the role that did; empty on SQLite, and in older rows. pruned:
    that none of its samples are there any more, so that nobody needs to look for them.
    """

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_machine_id_night", "machine_id", "night"), Index("ix_run_night", "night"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(unique=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    suite: Mapped[str]
    request: Mapped[str] = mapped_column(server_default=text("''"))
    night: Mapped[date]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    planned: Mapped[int]
    measured: Mapped[int]
    unsupported: Mapped[int]
    too_large: Mapped[int] = mapped_column(server_default=text("0"))
    failed: Mapped[int]
    plan: Mapped[dict[str, Any]] = mapped_column(Packed)
    written_by: Mapped[str] = mapped_column(server_default=text("''"))
    pruned: Mapped[bool] = mapped_column(server_default=false())


class RunEnvironment(Base):
    """An environment's place in a run (0, 1, ...): its name there, what was asked for, and how it takes part.

    again: an environment a second time: that is how a noise floor is measured, and how groups share an anchor; tables
    show it only when asked. group: what was sampled side by side; its first place is the baseline of the others.
    measures: the library whose variants alone are measured there. track: the slot that resolves anew each night.
    resolution: every package with version and hash.
    """

    __tablename__ = "run_environment"
    __table_args__ = (PrimaryKeyConstraint("run_id", "place"), Index(None, "environment_id", "run_id"), STRICT_BY_KEY)

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    place: Mapped[int]
    name: Mapped[str]
    environment_id: Mapped[int] = mapped_column(ForeignKey("environment.id"))
    asked: Mapped[dict[str, Any]]
    import_seconds: Mapped[dict[str, Any]]
    again: Mapped[bool] = mapped_column(server_default=false())
    group: Mapped[int] = mapped_column(server_default=text("0"))
    anchor: Mapped[bool] = mapped_column(server_default=false())
    measures: Mapped[str | None]
    spec: Mapped[str] = mapped_column(server_default=text("''"))
    track: Mapped[str | None]
    builder: Mapped[str] = mapped_column(server_default=text("'current'"))
    resolution: Mapped[dict[str, Any] | None]  # a list: name, version, sha256, download_bytes, uploaded


class Series(Base):
    """One line of a trend."""

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint(
            "machine_id",
            "workload",
            "workload_version",
            "case_key",
            "variant",
            "device",
            "threads",
            name="uq_series_identity",
        ),
        STRICT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    workload: Mapped[str]
    workload_version: Mapped[int]
    case_key: Mapped[str]
    size_name: Mapped[str]
    size: Mapped[float]
    variant: Mapped[str]
    device: Mapped[str]
    threads: Mapped[int]


MEASUREMENT_KEY = ("run_id", "place", "series_id")
MEASUREMENT_COLUMNS = [f"measurement.{name}" for name in MEASUREMENT_KEY]


class Measurement(Base):
    """One variant on one case in one environment in one run. Only `measured` carries seconds."""

    __tablename__ = "measurement"
    __table_args__ = (
        PrimaryKeyConstraint(*MEASUREMENT_KEY),
        ForeignKeyConstraint(
            ("run_id", "place"), ["run_environment.run_id", "run_environment.place"], name="fk_measurement_place"
        ),
        # covering: a trend never touches the table
        Index(
            "ix_measurement_trend",
            "series_id",
            "run_id",
            "place",
            "environment_id",
            "seconds",
            "low_seconds",
            "high_seconds",
            "status",
        ),
        STRICT_BY_KEY,
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    place: Mapped[int]
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    environment_id: Mapped[int] = mapped_column(ForeignKey("environment.id"))
    measured_at: Mapped[datetime]
    status: Mapped[str]
    reason: Mapped[str]
    seconds: Mapped[float | None]
    low_seconds: Mapped[float | None]
    high_seconds: Mapped[float | None]
    first_call_seconds: Mapped[float | None]
    trace_seconds: Mapped[float | None]
    lower_seconds: Mapped[float | None]
    compile_seconds: Mapped[float | None]
    transfer_in_seconds: Mapped[float | None]
    transfer_out_seconds: Mapped[float | None]
    peak_bytes: Mapped[int | None]
    max_error: Mapped[float | None]
    load: Mapped[float | None]
    sampled: Mapped[str] = mapped_column(server_default=text("'in_turn'"))
    disturbed: Mapped[str] = mapped_column(server_default=text("''"))
    meanwhile: Mapped[dict[str, Any] | None]
    flops: Mapped[float | None]  # of one call, as declared
    bytes_moved: Mapped[float | None]  # by one call, at least
    resource: Mapped[str] = mapped_column(server_default=text("''"))  # the peak that its flops are a share of, if known
    xla: Mapped[dict[str, Any] | None]
    execute_seconds: Mapped[float | None]  # the execution inside the first call
    import_seconds: Mapped[float | None]  # of the library, in the processes that were measured
    start_seconds: Mapped[float | None]  # of the library's device
    device_peak_bytes: Mapped[int | None]


class Samples(Base):
    """Everything a measurement's processes gave: samples as little-endian float32, processes one after the other."""

    __tablename__ = "samples"
    __table_args__ = (
        PrimaryKeyConstraint(*MEASUREMENT_KEY),
        ForeignKeyConstraint(MEASUREMENT_KEY, MEASUREMENT_COLUMNS, name="fk_samples_measurement"),
        STRICT,  # with row ids: by key, what is larger than a quarter of a page would take a page of its own
    )

    run_id: Mapped[int]
    place: Mapped[int]
    series_id: Mapped[int]
    seconds: Mapped[bytes] = mapped_column(LargeBinary)  # empty: pruned
    result: Mapped[dict[str, Any] | None]  # what the first process computed, in short
    processes: Mapped[list[dict[str, Any]]] = mapped_column(Packed)  # samples there are of each, seed, first call, ...


class Ratio(Base):
    """Candidate / baseline seconds of two measurements of one run that were sampled in lock step."""

    __tablename__ = "ratio"
    __table_args__ = (
        PrimaryKeyConstraint(*MEASUREMENT_KEY, "baseline_place", "baseline_series_id"),
        ForeignKeyConstraint(MEASUREMENT_KEY, MEASUREMENT_COLUMNS, name="fk_ratio_candidate"),
        ForeignKeyConstraint(
            ("run_id", "baseline_place", "baseline_series_id"), MEASUREMENT_COLUMNS, name="fk_ratio_baseline"
        ),
        STRICT_BY_KEY,
    )

    run_id: Mapped[int]
    place: Mapped[int]
    series_id: Mapped[int]
    baseline_place: Mapped[int]
    baseline_series_id: Mapped[int]
    ratio: Mapped[float]
    low: Mapped[float | None]
    high: Mapped[float | None]


class NoiseFloor(Base):
    """How far two measurements of the same thing lay apart in a run: an environment against itself, in lock step.

    floor: the smallest relative change of this series that the run could have told from none, 0.05 is 5 %; null where
    there is no interval. `started_at` is the run's, repeated here so that the newest floors of a series lie side by
    side in an index.
    """

    __tablename__ = "noise_floor"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "series_id"),
        Index("ix_noise_floor_newest", "series_id", "started_at", "run_id", "floor"),
        STRICT_BY_KEY,
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    started_at: Mapped[datetime]
    ratio: Mapped[float]
    low: Mapped[float | None]
    high: Mapped[float | None]
    floor: Mapped[float | None]


class Peak(Base):
    """The most that a run saw of a device in one of its environments: what a share of the peak is a share of."""

    __tablename__ = "peak"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "place", "device", "threads", "library", "resource", "dtype"),
        ForeignKeyConstraint(
            ("run_id", "place"), ["run_environment.run_id", "run_environment.place"], name="fk_peak_place"
        ),
        STRICT_BY_KEY,
    )

    run_id: Mapped[int]
    place: Mapped[int]
    device: Mapped[str]
    threads: Mapped[int]
    library: Mapped[str]
    resource: Mapped[str]
    dtype: Mapped[str]
    per_second: Mapped[float]  # bytes for bandwidth, floating-point operations for the others
