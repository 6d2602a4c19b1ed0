"""A bundle in, a transaction per line, twice as once."""

import json
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from storage import capability, models, queries, record
from tests import builders
from workloads import bundle

WORKLOAD = "broadcast_sum"
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
        "noise_floor": 0,
        "peak": 0,
        **dict.fromkeys(("derivation", "score", "change"), 0),
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


def a_run_again(tmp_path, lines, ratios=(), **said):
    """A bundle of a run in the environments A, B and A again."""
    sides = [builders.an_environment("A"), builders.an_environment("B", numpy="1.26.4")]
    sides.append(builders.an_environment("A again", again=True))
    return a_bundle(tmp_path, lines, environments=sides, ratios=ratios, **said)


def floors(engine, run):
    with engine.connect() as connection:
        return capability.noise_floors(connection, queries.run_by_uuid(connection, run).id)


def test_an_environment_against_itself_is_a_noise_floor(engine, tmp_path):
    """The wider side of the interval counts: a ratio of 0.8 is further away than one of 1.2."""
    numpy = [builders.a_measurement(environment=name, n=n) for n in (8, 16) for name in ("A", "A again")]
    ratios = [
        builders.a_ratio(numpy[1], numpy[0], ratio=0.95, low=0.8, high=1.2),
        builders.a_ratio(numpy[3], numpy[2], ratio=1.05, low=0.98, high=1.1),
    ]
    stored = record.store(engine, a_run_again(tmp_path, numpy, ratios))
    rows = floors(engine, stored.run)
    assert [(row.size, row.variant, row.ratio, row.low, row.high) for row in rows] == [
        (8, "numpy", 0.95, 0.8, 1.2),
        (16, "numpy", 1.05, 0.98, 1.1),
    ]
    assert [row.floor for row in rows] == pytest.approx([0.25, 0.1])
    with engine.connect() as connection:
        run = queries.run_by_uuid(connection, stored.run)
        assert (run.planned, run.measured) == (6, 4)  # nothing was measured in B
        started = [row.started_at for row in capability.floors_of_workload(connection, machine="vm", workload=WORKLOAD)]
    assert started == [run.started_at] * 2


def test_a_floor_without_an_interval_is_unknown(engine, tmp_path):
    """One process has none; and an interval down to next to nothing leaves room for anything."""
    lines = [builders.a_measurement(environment=name, n=n) for n in (8, 16) for name in ("A", "A again")]
    ratios = [builders.a_ratio(lines[1], lines[0], spread=None), builders.a_ratio(lines[3], lines[2], low=5e-324)]
    stored = record.store(engine, a_run_again(tmp_path, lines, ratios))
    assert [(row.low, row.floor) for row in floors(engine, stored.run)] == [(None, None), (5e-324, None)]


def test_a_place_says_whether_it_is_one_again(engine, tmp_path):
    """As a truth value on both databases."""
    record.store(engine, a_run_again(tmp_path, [builders.a_measurement(environment="A")]))
    with engine.connect() as connection:
        kept = connection.execute(select(models.RunEnvironment.again).order_by(models.RunEnvironment.place)).scalars()
        assert [repr(again) for again in kept] == ["False", "False", "True"]


def test_what_is_no_environment_against_itself_is_no_noise_floor(engine, tmp_path):
    """Another environment, another variant, another baseline, another device."""
    lines = {
        (name, variant): builders.a_measurement(variant, environment=name)
        for name in ("A", "B", "A again")
        for variant in ("numpy", "jax_jit")
    }
    elsewhere = [
        builders.a_measurement(environment=name, n=16, device=device)
        for name, device in (("A", "cpu"), ("A again", "gpu"))
    ]
    pairs = [
        (("B", "numpy"), ("A", "numpy")),
        (("A again", "jax_jit"), ("A again", "numpy")),
        (("A again", "jax_jit"), ("A", "numpy")),
        (("A again", "numpy"), ("B", "numpy")),
    ]
    ratios = [builders.a_ratio(lines[candidate], lines[baseline]) for candidate, baseline in pairs]
    ratios.append(builders.a_ratio(elsewhere[1], elsewhere[0]))
    stored = record.store(engine, a_run_again(tmp_path, [*lines.values(), *elsewhere], ratios))
    assert counts(engine)["ratio"] == 5
    assert floors(engine, stored.run) == []


def test_a_noise_floor_and_a_peak_count_once(engine, tmp_path):
    """However often their bundle comes."""
    lines = [builders.a_measurement(environment=name) for name in ("A", "A again")]
    peaks = [builders.a_peak(environment="A"), builders.a_peak("matrix", 1e11, environment="A")]
    path = a_run_again(tmp_path, lines, [builders.a_ratio(lines[1], lines[0])], peaks=peaks)
    stored = record.store(engine, path)
    before = counts(engine)
    assert (before["noise_floor"], before["peak"]) == (1, 2)
    assert record.store(engine, path).new == 0
    assert counts(engine) == before
    with engine.connect() as connection:
        rows = capability.peaks(connection, queries.run_by_uuid(connection, stored.run).id)
    assert [(row.resource, row.per_second) for row in rows] == [("bandwidth", 2e10), ("matrix", 1e11)]


def test_all_that_is_said_of_a_measurement_is_kept(engine, tmp_path):
    """How it was sampled, what the machine did, what it costs; over its processes, middle phases and highest peaks."""
    processes = [
        builders.a_process(
            1e-3,
            seed,
            first_call={"seconds": 0.1, "execute_seconds": 0.01 * (seed + 1)},
            import_seconds=[0.5, None, 0.7][seed],
            start_seconds=[0.2, 0.1, 0.4][seed],
            device_peak_bytes=[None, 2**33, 2**20][seed],
            warm_up_seconds=[2e-3, 1.5e-3],
            cores=[seed],
        )
        for seed in range(3)
    ]
    said = {
        "sampled": "at_once",
        "disturbed": "load 12 on 2 cores",
        "meanwhile": {"load": 12.0, "steal_share": 0.25},
        "flops": 2e9,
        "bytes_moved": 8e6,
        "resource": "elementwise",
        "xla": {"flops": 2.1e9},
    }
    stored = record.store(engine, a_bundle(tmp_path, [builders.a_measurement(processes=processes, **said)]))
    with engine.connect() as connection:
        (row,) = queries.measurements(connection, queries.run_by_uuid(connection, stored.run).id)
        kept = connection.execute(select(models.Samples.processes)).scalar_one()
    assert {name: getattr(row, name) for name in said} == said
    assert (row.execute_seconds, row.start_seconds, row.device_peak_bytes) == (0.02, 0.2, 2**33)
    assert row.import_seconds == pytest.approx(0.6)
    assert [(process["warm_up_seconds"], process["cores"]) for process in kept] == [
        ([2e-3, 1.5e-3], [seed]) for seed in range(3)
    ]


def test_what_is_not_said_is_null(engine, tmp_path):
    """To the database too, not only once it is read: JSON has a null of its own."""
    record.store(engine, a_bundle(tmp_path))
    unsaid = [models.Measurement.meanwhile, models.Measurement.xla, models.Measurement.flops]
    with engine.connect() as connection:
        assert connection.execute(select(func.count(), *map(func.count, unsaid))).one() == (2, 0, 0, 0)


def test_a_bundle_of_version_1_is_stored(engine):
    """As it was sampled then; nothing in it is a peak or a floor."""
    assert record.store(engine, Path(__file__).with_name("version_1.jsonl")).new == 3
    found = counts(engine)
    assert (found["measurement"], found["ratio"], found["peak"], found["noise_floor"]) == (3, 2, 0, 0)
    with engine.connect() as connection:
        (run,) = queries.runs(connection)
        assert (run.planned, run.measured) == (3, 3)
        rows = queries.measurements(connection, run.id)
    assert [(row.variant, row.sampled, row.disturbed) for row in rows] == [
        (variant, "in_turn", "") for variant in ("numpy", "jax_eager", "jax_jit")
    ]
    assert rows[2].compile_seconds > 0
    assert rows[2].execute_seconds is None


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
