"""Reads of measurements in full rows, each with all that it is known by: what other programs read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from storage.models import Environment, Machine, Measurement, Ratio, Run, RunEnvironment, Series
from storage.queries import known_by

#: Rows that are held at a time.
BATCH = 1000


def columns() -> list[str]:
    """The names of what `rows` gives, in their order; units stand in them."""
    return list(_rows(0).selected_columns.keys())


def rows(connection: Connection, run_id: int) -> Iterator[Row[Any]]:
    """Every measurement of a run, by time; with its ratio to NumPy beside it, where there is one."""
    with connection.execute(_rows(run_id), execution_options={"yield_per": BATCH}) as found:
        yield from found


def _rows(run_id: int) -> Select[Any]:
    query = (
        select(
            Run.uuid.label("run"),
            Run.night,
            Machine.name.label("machine"),
            Run.suite,
            RunEnvironment.track,
            RunEnvironment.name.label("environment"),
            RunEnvironment.again,
            Environment.python,
            Environment.numpy,
            Environment.jax,
            Environment.jaxlib,
            Series.workload,
            Series.workload_version,
            Series.case_key.label("case"),
            Series.size_name,
            Series.size,
            Series.variant,
            Series.device,
            Series.threads,
            Measurement.measured_at,
            Measurement.status,
            Measurement.reason,
            Measurement.disturbed,
            Measurement.sampled,
            Measurement.seconds,
            Measurement.low_seconds,
            Measurement.high_seconds,
            Measurement.first_call_seconds,
            Measurement.trace_seconds,
            Measurement.lower_seconds,
            Measurement.compile_seconds,
            Measurement.execute_seconds,
            Measurement.import_seconds,
            Measurement.start_seconds,
            Measurement.transfer_in_seconds,
            Measurement.transfer_out_seconds,
            Measurement.peak_bytes,
            Measurement.device_peak_bytes,
            Measurement.load,
            Measurement.max_error,
            Ratio.ratio.label("ratio_to_numpy"),
            Ratio.low.label("ratio_to_numpy_low"),
            Ratio.high.label("ratio_to_numpy_high"),
        )
        .join(Run, Run.id == Measurement.run_id)
        .join(Machine, Machine.id == Run.machine_id)
        .where(Measurement.run_id == run_id)
        .order_by(Measurement.measured_at, Measurement.place, Series.workload, Series.case_key, Series.variant)
    )
    return known_by(query)
