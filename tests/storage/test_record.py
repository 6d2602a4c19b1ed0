"""A bundle in, a transaction per line, twice as once."""

import json

import numpy as np
import pytest
from sqlalchemy import func, select

from storage import models, queries, record
from tests import builders
from workloads import bundle

PAIR = [builders.a_measurement("numpy", 1024, 1e-3), builders.a_measurement("jax_jit", 1024, 5e-4)]


def a_bundle(tmp_path, measurements=PAIR, **said):
    said.setdefault("ratios", builders.ratios_to_numpy(measurements))
    return builders.a_bundle(tmp_path / "a.jsonl", measurements=measurements, **said)


def counts(engine):
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar()
            for table in models.Base.metadata.sorted_tables
        }


def test_a_bundle_is_stored_whole(engine, tmp_path):
    """Run, machine, environment, series, measurements, samples and ratios."""
    stored = record.store(engine, a_bundle(tmp_path))
    assert (stored.measurements, stored.new) == (2, 2)
    assert counts(engine) == {
        "machine": 1,
        "environment": 1,
        "run": 1,
        "run_environment": 1,
        "series": 2,
        "measurement": 2,
        "samples": 2,
        "ratio": 1,
    }
    with engine.connect() as connection:
        run = queries.run_by_uuid(connection, stored.run)
        assert (run.planned, run.measured, run.failed, run.unsupported) == (2, 2, 0, 0)
        assert run.finished_at is not None
        rows = {row.variant: row for row in queries.measurements(connection, run.id)}
    assert rows["numpy"].seconds == pytest.approx(1e-3)
    assert rows["jax_jit"].ratio == pytest.approx(0.5)
    assert rows["jax_jit"].first_call_seconds == pytest.approx(0.05)


def test_the_same_bundle_twice_counts_once(engine, tmp_path):
    """Not a row more, not a count higher."""
    path = a_bundle(tmp_path)
    record.store(engine, path)
    before = counts(engine)
    assert record.store(engine, path).new == 0
    assert counts(engine) == before
    with engine.connect() as connection:
        assert queries.runs(connection)[0].measured == 2


def test_an_unfinished_bundle_is_stored_and_completed_later(engine, tmp_path):
    """First what a killed run left, then the same bundle whole."""
    path = a_bundle(tmp_path)
    whole = path.read_text()
    path.write_text("".join(whole.splitlines(keepends=True)[:2]) + '{"kind": "meas')
    assert record.store(engine, path).new == 1
    with engine.connect() as connection:
        assert queries.runs(connection)[0].finished_at is None
    path.write_text(whole)
    assert record.store(engine, path).new == 1
    with engine.connect() as connection:
        run = queries.runs(connection)[0]
        assert (run.measured, run.finished_at is not None) == (2, True)


def test_every_sample_comes_back_as_it_was(engine, tmp_path):
    """Little-endian float32, process after process, with each process's facts beside them."""
    measurement = builders.a_measurement("numpy", 8)
    record.store(engine, a_bundle(tmp_path, [measurement]))
    with engine.connect() as connection:
        kept = connection.execute(select(models.Samples)).one()
    counted = [process["samples_seconds"] for process in kept.processes]
    assert counted == [len(process.samples_seconds) for process in measurement.processes]
    expected = [bundle.kept(s) for process in measurement.processes for s in process.samples_seconds]
    assert [float(str(value)) for value in np.frombuffer(kept.seconds, "<f4")] == expected
    assert kept.processes[0]["first_call"] == measurement.processes[0].first_call


def test_a_hole_is_a_row_with_its_reason(engine, tmp_path):
    """And is counted as one; what the environment does not support is counted apart."""
    lines = [
        builders.a_measurement("numpy"),
        builders.a_measurement("jax_jit", status="disagrees", reason="dtype float64"),
        builders.a_measurement("jax_eager", status="unsupported", reason="needs jax"),
    ]
    stored = record.store(engine, a_bundle(tmp_path, lines))
    with engine.connect() as connection:
        run = queries.run_by_uuid(connection, stored.run)
        rows = {row.variant: row for row in queries.measurements(connection, run.id)}
    assert (run.measured, run.failed, run.unsupported) == (1, 1, 1)
    assert (rows["jax_jit"].status, rows["jax_jit"].reason, rows["jax_jit"].seconds) == (
        "disagrees",
        "dtype float64",
        None,
    )


def test_the_same_environment_may_stand_in_a_run_twice(engine, tmp_path):
    """A against A is how a noise floor is measured."""
    sides = [builders.an_environment("A"), builders.an_environment("B")]
    lines = [builders.a_measurement("numpy", environment=name) for name in "AB"]
    path = a_bundle(tmp_path, lines, environments=sides, ratios=[builders.a_ratio(lines[1], lines[0])])
    assert record.store(engine, path).new == 2
    assert counts(engine)["environment"] == 1
    assert counts(engine)["series"] == 1
    assert counts(engine)["ratio"] == 1


def test_another_computer_under_the_same_name_begins_new_series(engine, tmp_path):
    """A fingerprint that changed is a machine that was replaced."""
    record.store(engine, a_bundle(tmp_path))
    path = a_bundle(tmp_path)
    header, *rest = path.read_text().splitlines()
    changed = json.loads(header)
    changed["run"] = "00000000-0000-4000-8000-000000000001"
    changed["machine"]["fingerprint"] = "another"
    path.write_text("\n".join([json.dumps(changed), *rest]) + "\n")
    record.store(engine, path)
    assert counts(engine)["machine"] == 2
    assert counts(engine)["series"] == 4


def test_a_bundle_with_one_bad_line_stores_nothing(engine, tmp_path):
    """However good the lines before it."""
    path = a_bundle(tmp_path)
    with open(path) as file:
        lines = file.readlines()
    lines[2] = lines[2].replace('"status":"measured"', '"status":"splendid"')
    path.write_text("".join(lines))
    with pytest.raises(bundle.BundleError, match=r"line 3: .*splendid"):
        record.store(engine, path)
    assert set(counts(engine).values()) == {0}
