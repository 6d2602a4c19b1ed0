"""Upgrading a database that has data in it: nothing is lost, and old rows have a value for what is new."""

from __future__ import annotations

import json
import zlib

import pytest
from alembic import command
from sqlalchemy import text

from storage import capability, database, queries, record
from tests import builders

#: Rows of every table, as a Crossover with the first schema left them. (Ids from 7 on: Postgres will count from 1.)
AT_0001 = {
    "machine": """(id, name, fingerprint, description)
        values (7, 'vm', 'f00d', '{"cores": 2}')""",
    "environment": """(id, digest, python, numpy, jax, jaxlib, description)
        values (7, 'd1', '3.11.7', '2.4.6', null, null, '{}')""",
    "run": """(id, uuid, machine_id, suite, night, started_at, planned, measured, unsupported, failed, plan)
        values (7, 'old', 7, 'all', '2026-03-01', '2026-03-01T02:00:00.000000Z', 2, 1, 0, 1, '{"seed": 7}')""",
    "series": """(id, machine_id, workload, workload_version, case_key, size_name, size, variant, device, threads)
        values (7, 7, 'broadcast_sum', 1, '{"n":8}', 'n', 8, 'numpy', 'cpu', 2),
               (8, 7, 'broadcast_sum', 1, '{"n":8}', 'n', 8, 'jax_jit', 'cpu', 2)""",
    "run_environment": """(run_id, place, name, environment_id, asked, import_seconds)
        values (7, 0, 'current', 7, '{}', '{"numpy": 0.1}')""",
    "measurement": """(run_id, place, series_id, environment_id, measured_at, status, reason, seconds, peak_bytes)
        values (7, 0, 7, 7, '2026-03-01T02:00:01.000000Z', 'measured', '', 0.5, 4096),
               (7, 0, 8, 7, '2026-03-01T02:00:02.000000Z', 'failed', 'it fell over', null, null)""",
    "samples": """(run_id, place, series_id, seconds, processes)
        values (7, 0, 7, x'0001ff', '[{"seed": 1}]')""",
    "ratio": """(run_id, place, series_id, baseline_place, baseline_series_id, ratio, low, high)
        values (7, 0, 8, 0, 7, 0.25, 0.2, 0.3)""",
}


def migrate(engine, revision, move=command.upgrade):
    with engine.connect() as connection:
        is_sqlite = engine.dialect.name == "sqlite"
        if is_sqlite:  # a table that is rebuilt may be pointed at, as when a database is brought up to date
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            config = database.migrations()
            config.attributes["connection"] = connection
            move(config, revision)
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


def columns_of(engine):
    """The columns of every table of the first schema, as they are now, in no order."""
    with engine.connect() as connection:
        tables = {table: connection.execute(text(f"select * from {table}")).keys() for table in AT_0001}
    return {table: ", ".join(sorted(columns)) for table, columns in tables.items()}


def contents(engine, columns):
    """The rows of every table of the first schema; `columns` names those to read."""
    with engine.connect() as connection:
        return {
            table: [
                tuple(map(plain, row))
                for row in connection.execute(text(f"select {columns[table]} from {table} order by 1, 2, 3"))
            ]
            for table in AT_0001
        }


def plain(value):
    """Documents as what they say: one is packed since, and a database may give it as text."""
    if isinstance(value, bytes) and value.startswith(b"x\x9c"):
        return json.loads(zlib.decompress(value))
    return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value


@pytest.fixture
def old(url):
    """A database at the first schema with rows in all its tables, and what they held: (engine, columns, contents)."""
    engine = database.writer(url)
    migrate(engine, "0001")
    with engine.begin() as connection:
        for table, rows in AT_0001.items():
            if engine.dialect.name == "postgresql":
                rows = rows.replace("x'0001ff'", r"'\x0001ff'")  # bytes, as it writes them
            connection.exec_driver_sql(f"insert into {table} {rows}")
    columns = columns_of(engine)
    yield engine, columns, contents(engine, columns)
    engine.dispose()


def test_an_upgrade_keeps_every_row(old):
    """Every value of every table is there afterwards, and again once the upgrade is undone."""
    engine, columns, before = old
    assert [len(rows) for rows in before.values()] == [1, 1, 1, 2, 1, 2, 1, 1]
    database.bring_up_to_date(engine)
    assert database.revision(engine) == database.newest_revision()
    assert contents(engine, columns) == before
    migrate(engine, "0001", command.downgrade)
    assert (columns_of(engine), contents(engine, columns)) == (columns, before)


def test_rows_from_before_have_the_values_that_were_true_then(old):
    """They were sampled in turn, nobody looked for disturbance, and no environment was measured twice."""
    engine, _, _ = old
    database.bring_up_to_date(engine)
    with engine.connect() as connection:
        rows = queries.measurements(connection, 7)
        assert [(row.variant, row.ratio, row.sampled, row.disturbed, row.resource) for row in rows] == [
            ("numpy", None, "in_turn", "", ""),
            ("jax_jit", 0.25, "in_turn", "", ""),
        ]
        new = ("meanwhile", "flops", "bytes_moved", "xla", "execute_seconds", "import_seconds", "start_seconds")
        assert {getattr(row, name) for row in rows for name in (*new, "device_peak_bytes")} == {None}
        assert [row.name for row in queries.environments_of_runs(connection, [7])] == ["current"]
        assert capability.noise_floors(connection, 7) == capability.peaks(connection, 7) == []


def test_an_upgraded_database_takes_new_bundles(old, tmp_path):
    """Beside the run that was there."""
    engine, _, _ = old
    database.bring_up_to_date(engine)
    lines = [builders.a_measurement(environment=name) for name in ("current", "again")]
    environments = [builders.an_environment(), builders.an_environment("again", again=True)]
    floor = [builders.a_ratio(lines[1], lines[0])]
    record.store(
        engine,
        builders.a_bundle(
            tmp_path / "a.jsonl", lines, floor, environments=environments, started_at="2026-03-02T02:00:00Z"
        ),
    )
    with engine.connect() as connection:
        new, before = queries.runs(connection)
        assert (before.uuid, new.measured) == ("old", 2)
        assert len(capability.noise_floors(connection, new.id)) == 1


def test_old_nights_stay_nights(old):
    """Those of the suite of nights that were measured in tracks; what was measured by hand was named by nobody."""
    engine, _, _ = old
    migrate(engine, "0004")
    with engine.begin() as connection:
        connection.exec_driver_sql("update run set suite = 'nightly'")
        for key, uuid, plan in ((8, "hand", "{}"), (9, "fill", '{"request": "jax 0.9.."}')):
            more = "machine_id, suite, night, started_at, planned, measured, unsupported, failed"
            row = f"select {key}, '{uuid}', '{plan}', {more} from run where id = 7"
            connection.exec_driver_sql(f"insert into run (id, uuid, plan, {more}) {row}")
        connection.exec_driver_sql("update run_environment set track = 'latest' where run_id = 7")
    migrate(engine, "0005")
    with engine.connect() as connection:
        found = dict(connection.execute(text("select uuid, request from run")).all())
    assert found == {"old": "nightly", "hand": "", "fill": "jax 0.9.."}
