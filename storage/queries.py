"""Every read, as rows. No query walks all history: a run is found first, then what belongs to it is read.

A run's first environment may have been measured `again`, for the noise floor. Rows are of each environment once, so
without those, unless a query is asked for them or is about floors; the counts of a run are of all its measurements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, distinct, false, func, or_, select
from sqlalchemy.orm import aliased

from storage.models import MEASUREMENT_KEY, Environment, Machine, Measurement, Ratio, Run, RunEnvironment, Series

Rows = Sequence[Row[Any]]

STORED_COUNTS = (Run.measured, Run.unsupported, Run.too_large, Run.failed)

#: Leaves out what was measured a second time.
ONCE = RunEnvironment.again == false()
#: What a series is known by, for queries that give it.
OF_SERIES = (
    Series.workload,
    Series.workload_version,
    Series.case_key,
    Series.size_name,
    Series.size,
    Series.variant,
    Series.device,
    Series.threads,
)
#: In which order cases stand, and in which the variants of a case.
BY_CASE = (Series.workload, Series.size, Series.case_key)
NUMPY_FIRST = (Series.variant != "numpy", Series.variant)
_OTHER = aliased(Series)
_BASELINE = select(_OTHER.variant).where(_OTHER.id == Ratio.baseline_series_id).scalar_subquery()
#: Of ratios: those to NumPy in the same environment.
BESIDE_NUMPY = and_(Ratio.baseline_place == Ratio.place, _BASELINE == "numpy")
#: Joins such a ratio to its measurement: by its whole key, so that only those of the measurements that are asked for
#: are looked at.
TO_NUMPY = and_(*(getattr(Ratio, name) == getattr(Measurement, name) for name in MEASUREMENT_KEY), BESIDE_NUMPY)


def at_place(of: Any) -> ColumnElement[bool]:
    """Joins what belongs to a place of a run, such as a measurement or a ratio, to the environment there."""
    return and_(RunEnvironment.run_id == of.run_id, RunEnvironment.place == of.place)


def known_by(query: Select[Any]) -> Select[Any]:
    """Joins measurements to what they are known by: series, environment, place, and ratio to NumPy if there is one."""
    return (
        query.join(Series, Series.id == Measurement.series_id)
        .join(Environment, Environment.id == Measurement.environment_id)
        .join(RunEnvironment, at_place(Measurement))
        .outerjoin(Ratio, TO_NUMPY)
    )


def runs(connection: Connection, *, machine: str | None = None, limit: int = 50) -> Rows:
    """The newest runs: id, uuid, machine, suite, times, counts. Newest by night: runs may arrive late.

    machine: if given, only the runs of machines with this nickname.
    """
    query = run_rows() if machine is None else run_rows().where(Machine.name == machine)
    return connection.execute(newest_first(query).limit(limit)).all()


def run_by_uuid(connection: Connection, uuid: str) -> Row[Any] | None:
    """The run whose identity begins or ends with `uuid`, as `runs` gives it; None: there is none, or more than one."""
    either = or_(*(match(uuid, autoescape=True) for match in (Run.uuid.startswith, Run.uuid.endswith)))
    found = connection.execute(run_rows().where(either).limit(2)).all()
    return found[0] if len(found) == 1 else None


def plan_of(connection: Connection, run_id: int) -> dict[str, Any]:
    """What a run was to measure, as its bundle's header says it."""
    return connection.execute(select(Run.plan).where(Run.id == run_id)).scalar_one()


def environments_of_runs(connection: Connection, run_ids: Sequence[int]) -> Rows:
    """The environments of some runs, in their place order: run id, name there, how it was asked for, versions."""
    return connection.execute(
        select(
            RunEnvironment.run_id,
            RunEnvironment.place,
            RunEnvironment.name,
            RunEnvironment.import_seconds,
            RunEnvironment.track,
            RunEnvironment.builder,
            RunEnvironment.measures,
            Environment.digest,
            Environment.python,
            Environment.numpy,
            Environment.jax,
            Environment.jaxlib,
        )
        .join(Environment, Environment.id == RunEnvironment.environment_id)
        .where(RunEnvironment.run_id.in_(run_ids), ONCE)
        .order_by(RunEnvironment.run_id, RunEnvironment.place)
    ).all()


def measurements(connection: Connection, run_id: int, *, again: bool = False) -> Rows:
    """All measurements of one run with their ratio to the `numpy` variant beside them, by workload and size.

    again: also those of an environment that was measured a second time; they have holes of their own.
    """
    query = _measurements() if again else _measurements().where(ONCE)
    return connection.execute(query.where(Measurement.run_id == run_id)).all()


def measurement(connection: Connection, *, run_id: int, place: int, series_id: int) -> Row[Any] | None:
    """One measurement, as `measurements` gives it; None: there is none."""
    key = (Measurement.run_id == run_id, Measurement.place == place, Measurement.series_id == series_id)
    return connection.execute(_measurements().where(*key)).first()


def runs_of_workload(connection: Connection, *, machine: str, workload: str, look_back: int = 50) -> Rows:
    """The newest runs of this machine that measured this workload: id, uuid, start, and how many of its sizes.

    Without backfills, which have each library in its own environments.
    """
    of_workload = select(Series.id).join(Machine, Machine.id == Series.machine_id)
    of_workload = of_workload.where(Machine.name == machine, Series.workload == workload)
    # by number: then each run is looked up in the index of trends, whatever else it holds
    known = list(connection.execute(of_workload).scalars())
    measured = select(Measurement.run_id).join(RunEnvironment, at_place(Measurement))
    measured = measured.where(Measurement.series_id.in_(known), ONCE, RunEnvironment.measures.is_(None))
    ours = select(Run.id, Run.uuid, Run.started_at, Run.night).join(Machine, Machine.id == Run.machine_id)
    ours = ours.where(Machine.name == machine, measured.where(Measurement.run_id == Run.id).exists())
    newest = newest_first(ours).limit(look_back).cte("newest")  # found first: the rest is read of these alone
    sizes = measured.join(Series, Series.id == Measurement.series_id).where(Measurement.run_id == newest.c.id)
    sizes = sizes.with_only_columns(func.count(distinct(Series.case_key))).scalar_subquery().label("sizes")
    query = select(Run.id, Run.uuid, Run.started_at, sizes).join(newest, newest.c.id == Run.id)
    return connection.execute(newest_first(query)).all()


def scaling(connection: Connection, *, run_id: int, workload: str) -> Rows:
    """The measurements of a workload in one run."""
    query = _measurements().where(ONCE, Measurement.run_id == run_id, Series.workload == workload)
    return connection.execute(query).all()


def ratios_across(connection: Connection, run_id: int) -> Rows:
    """Each variant's ratio to itself in the first environment of the run."""
    return connection.execute(
        select(
            RunEnvironment.name.label("environment"),
            Series.workload,
            Series.case_key,
            Series.size_name,
            Series.variant,
            Ratio.ratio,
            Ratio.low.label("ratio_low"),
            Ratio.high.label("ratio_high"),
        )
        .join(Series, Series.id == Ratio.series_id)
        .join(RunEnvironment, at_place(Ratio))
        .where(Ratio.run_id == run_id, Ratio.baseline_place == 0, Ratio.place != 0, ONCE)
        .order_by(*BY_CASE, Ratio.place, *NUMPY_FIRST)
    ).all()


def machines(connection: Connection) -> list[str]:
    """Nicknames of the machines that have a run, the one that ran last first."""
    last = func.max(Run.started_at)
    query = select(Machine.name).join(Run, Run.machine_id == Machine.id).group_by(Machine.name)
    return list(connection.execute(query.order_by(last.desc(), Machine.name)).scalars())


def workloads(connection: Connection, *, machine: str) -> list[str]:
    """Names of the workloads that this machine has a series of, in alphabetical order."""
    return list(
        connection.execute(
            select(Series.workload)
            .distinct()
            .join(Machine, Machine.id == Series.machine_id)
            .where(Machine.name == machine)
            .order_by(Series.workload)
        ).scalars()
    )


def newest_workload(connection: Connection, *, machine: str) -> str | None:
    """The first workload of this machine's newest run that compares the libraries; None where there is none."""
    compares = RunEnvironment.measures.is_(None)
    runs = select(Run.id).join(Machine, Machine.id == Run.machine_id).where(Machine.name == machine)
    runs = runs.where(select(RunEnvironment.run_id).where(RunEnvironment.run_id == Run.id, compares).exists())
    first = (
        select(Series.workload)
        .join(Measurement, Measurement.series_id == Series.id)
        .where(Measurement.run_id == newest_first(runs).limit(1).scalar_subquery())
        .order_by(Measurement.measured_at)
    )
    return connection.execute(first.limit(1)).scalar()


def run_rows() -> Select[Any]:
    """What `runs` gives of each, for a query of one's own."""
    return select(
        Run.id,
        Run.uuid,
        Machine.name.label("machine"),
        Machine.description.label("machine_description"),
        Run.suite,
        Run.request,
        Run.night,
        Run.started_at,
        Run.finished_at,
        Run.planned,
        Run.measured,
        Run.unsupported,
        Run.too_large,
        Run.failed,
    ).join(Machine, Machine.id == Run.machine_id)


def newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(Run.night.desc(), Run.started_at.desc(), Run.id.desc())


def _measurements() -> Select[Any]:
    query = select(  # all that is known of a measurement, but what it points at
        *(column for column in Measurement.__table__.columns if column.name not in ("series_id", "environment_id")),
        RunEnvironment.name.label("environment"),
        Environment.python,
        Environment.numpy,
        Environment.jax,
        *OF_SERIES,
        Ratio.ratio,
        Ratio.low.label("ratio_low"),
        Ratio.high.label("ratio_high"),
    )
    return known_by(query).order_by(*BY_CASE, Measurement.place, *NUMPY_FIRST)
