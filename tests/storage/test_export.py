"""What is exported and taken in elsewhere is the same, row by row and byte by byte."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, event, update

from storage import database, export, models, queries, record
from storage.schema import read_valid
from tests import builders
from tests.contents import contents
from workloads import bundle

EXAMPLE = Path(__file__).parents[2] / "examples" / "article.jsonl"


def a_whole_run(folder, **said):
    """A bundle with all that there can be: a container, a noise floor, peaks, holes, what a machine did meanwhile."""
    contained = builders.an_environment("B", numpy="1.26.4") | {
        "builder": "docker",
        "track": "latest",
        "spec": "numpy,jax",
        "resolution": [{"name": "numpy", "version": "1.26.4", "sha256": "0" * 64, "download_bytes": 7}],
    }
    sides = [builders.an_environment("A"), contained, builders.an_environment("A again", again=True)]
    processes = [
        builders.a_process(
            1e-3,
            seed=10**17 + seed,
            samples_seconds=[bundle.kept(second) for second in (1.1e-3, 1 / 3000, 0.9e-3 * (seed + 1))],
            first_call={"seconds": 0.25, "trace_seconds": 1e-05, "compile_seconds": None, "cache_hits": seed},
            warm_up_seconds=[2 / 3, 1e-7],
            mean_seconds=1e-3,
            cores=[seed],
            peak_bytes=2**33,
        )
        for seed in range(3)
    ]
    rich = {
        "processes": processes,
        "seconds": 1e-3,
        "low_seconds": None,
        "high_seconds": None,
        "sampled": "at_once",
        "disturbed": "load 12 on 2 cores; <b>\"'; drop table run --",
        "meanwhile": {"load": 12.0, "nested": [{"µs": 1e-9}]},
        "flops": 2e20,
        "bytes_moved": 8e6,
        "resource": "elementwise",
        "xla": {"flops": 2.5e21, "bytes": 1e16, "none": None},
        "result": {"digest": "abc", "values": [0.1, -2.5e-8, 3, -1.5312219132863984e17, 2**62]},
    }
    lines = [
        builders.a_measurement(environment="A", **rich),
        builders.a_measurement("jax_jit", environment="A", measured_at="2026-03-01T02:00:01.000001+01:00"),
        builders.a_measurement(environment="B", measured_at="2026-03-01T02:00:02Z"),
        builders.a_measurement(environment="A again", measured_at="2026-03-01T02:00:02Z", spread=None),
        builders.a_measurement("jax_jit", 8, environment="B", device="gpu:A100", status="failed", reason="it broke"),
        builders.a_measurement("jax_eager", 8, environment="B", device="", status="unsupported", reason="needs jax"),
        builders.a_measurement(case={"n": 0.5, "dtype": "float64", "ä": "<x>"}, size=0.5, environment="B"),
    ]
    ratios = [
        builders.a_ratio(lines[1], lines[0]),
        builders.a_ratio(lines[2], lines[0], spread=None),
        builders.a_ratio(lines[3], lines[0], low=0.8, high=1.25),
    ]
    peaks = [builders.a_peak(environment=name) for name in ("A", "B")]
    peaks.append(builders.a_peak("matrix", 1e20, environment="B", library="jax", threads=1))
    path = folder / "whole.jsonl"
    facts = {"ratios": ratios, "peaks": peaks, "environments": sides, "request": "nightly", "left_out": ["why"]}
    return builders.a_bundle(path, lines, **{**facts, **said})


def exported(engine, path):
    """The one run of a database as a bundle of its own, which is valid."""
    with database.reading(engine.url.render_as_string(hide_password=False)) as connection:
        export.freeze(connection)
        (run,) = export.runs(connection)
        lines = list(export.lines(connection, run.id))
    with open(path, "w") as stream:
        bundle.write(stream, lines)
    assert len(read_valid(path)) == len(lines)
    return path


def assert_comes_back(engine, elsewhere, path, tmp_path):
    record.store(engine, path)
    once = exported(engine, tmp_path / "once.jsonl")
    record.store(elsewhere, once)
    assert contents(elsewhere) == contents(engine)
    assert exported(elsewhere, tmp_path / "again.jsonl").read_text() == once.read_text()
    return read_valid(once)


def test_a_run_comes_back_as_it_was(engine, elsewhere, tmp_path):
    """From each kind of database to the other: every row, and exported from there, every byte."""
    lines = assert_comes_back(engine, elsewhere, a_whole_run(tmp_path), tmp_path)
    assert contents(engine)["noise_floor"]
    assert [line.kind for line in lines[:4]] == ["header", "peak", "peak", "peak"]
    assert lines[-1].kind == "footer"
    times = [line.measured_at for line in lines if line.kind == "measurement"]
    assert times == sorted(times)
    assert times[0] == "2026-03-01T01:00:01.000001Z"


@pytest.mark.parametrize("source", [EXAMPLE, Path(__file__).with_name("version_1.jsonl")], ids=lambda path: path.stem)
def test_what_older_releases_measured_comes_back(engine, elsewhere, source, tmp_path):
    """As a bundle of the present version, whose measurements are what they were in every field."""
    path = tmp_path / "part.jsonl"
    path.write_text("".join(source.read_text().splitlines(keepends=True)[:20]))
    lines = assert_comes_back(engine, elsewhere, path, tmp_path)
    assert lines[0].version == bundle.VERSION
    assert by_side(lines) == by_side(read_valid(path))


def by_side(lines):
    """The measurements of a bundle, whatever their order; a case's parameters have none."""
    found = [line for line in lines if line.kind == "measurement"]
    return {(line.environment, line.workload, bundle.case_key(line.case), line.variant): line for line in found}


def test_a_backfill_comes_back(engine, elsewhere, tmp_path):
    """Groups, anchors that stand in each of them, resolutions, holes."""
    places = builders.some_releases(["0.4.30", "0.4.31", "0.4.33", "0.4.34", "0.4.35"])
    levels = {"0.4.30": 1.1, "0.4.31": None, "0.4.33": 5.0, "0.4.34": 1.0, "0.4.35": 1.0}
    lines, ratios = builders.a_trend(levels)
    path = builders.a_bundle(tmp_path / "backfill.jsonl", lines, ratios, environments=places)
    assert_comes_back(engine, elsewhere, path, tmp_path)


def test_a_run_that_was_cut_short_has_no_footer(engine, elsewhere, tmp_path):
    """Elsewhere it is unfinished too."""
    lines = assert_comes_back(engine, elsewhere, a_whole_run(tmp_path, finished=False), tmp_path)
    assert lines[-1].kind == "ratio"
    with elsewhere.connect() as connection:
        assert queries.runs(connection)[0].finished_at is None


def test_a_run_that_grows_meanwhile_is_what_it_was(engine, tmp_path):
    """No ratio without its sides, and no footer over what was not there yet."""
    path = a_whole_run(tmp_path)
    whole = path.read_text()
    path.write_text("".join(whole.splitlines(keepends=True)[:5]))
    record.store(engine, path)
    path.write_text(whole)
    with database.reading(engine.url.render_as_string(hide_password=False)) as connection:
        (run,) = export.runs(connection)
        export.freeze(connection)
        lines = export.lines(connection, run.id)
        assert next(lines).kind == "header"
        record.store(engine, path)
        assert [line.kind for line in lines] == ["peak", "peak", "peak", "measurement"]


def test_a_night_is_the_same_day_everywhere(engine, tmp_path):
    """Whatever the zone that its beginning was written in."""
    record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", started_at="2026-03-01T23:30:00-05:00"))
    with engine.connect() as connection:
        assert [run.night for run in export.runs(connection)] == [date(2026, 3, 2)]


def test_that_it_was_a_container_is_not_said_twice(engine, tmp_path):
    """The series has it in its device's name; the bundle in its environment, and an empty device stays empty."""
    record.store(engine, a_whole_run(tmp_path))
    lines = read_valid(exported(engine, tmp_path / "out.jsonl"))
    assert {line.device for line in lines if getattr(line, "environment", "") == "B" and line.kind != "ratio"} == {
        "cpu",
        "gpu:A100",
        "",
    }


def test_samples_that_were_pruned_are_not_made_up(engine, elsewhere, tmp_path):
    """The bundle says how many there were; all else of the run comes back, phases of its first calls among it."""
    record.store(engine, a_whole_run(tmp_path))
    with engine.begin() as connection:
        connection.execute(update(models.Samples).values(seconds=b""))
    once = exported(engine, tmp_path / "once.jsonl")
    record.store(elsewhere, once)
    assert contents(elsewhere) == contents(engine)
    measured = [line for line in read_valid(once) if line.kind == "measurement" and line.status == "measured"]
    assert {process.samples_pruned for line in measured for process in line.processes} == {3, 5}
    assert not any(process.samples_seconds for line in measured for process in line.processes)


def test_what_a_bundle_cannot_say_is_said(engine, tmp_path):
    """Samples that are fewer than were counted; a measurement without anything that it was made from."""
    record.store(engine, a_whole_run(tmp_path))
    with engine.begin() as connection:
        connection.execute(update(models.Samples).values(seconds=b"1234"))
    with pytest.raises(export.ExportError, match=r"samples of broadcast_sum .* are damaged: 1 samples, and"):
        exported(engine, tmp_path / "out.jsonl")
    with engine.begin() as connection:
        connection.execute(delete(models.Samples))
    with pytest.raises(
        export.ExportError, match="nothing is left of the processes that measured broadcast_sum jax_jit"
    ):
        exported(engine, tmp_path / "out.jsonl")


def test_ratios_go_to_what_they_were_of(engine, elsewhere, tmp_path):
    """Measured on one device, cut short before its ratio, and measured anew on another: each ratio has its own side.

    Where a bundle could not tell which one is meant, it is said.
    """
    first = builders.a_measurement("jax_jit", device="gpu", measured_at="2026-03-01T02:00:00Z")
    again = builders.a_measurement("jax_jit", seconds=2e-3, measured_at="2026-03-01T02:00:02Z")
    numpy = builders.a_measurement(measured_at="2026-03-01T02:00:01Z")
    run = "00000000-0000-4000-8000-000000000001"
    record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", [first], [], run=run, finished=False))
    path = builders.a_bundle(tmp_path / "b.jsonl", [numpy, again], run=run)
    assert_comes_back(engine, elsewhere, path, tmp_path)
    late = builders.a_bundle(tmp_path / "c.jsonl", [numpy, first], run=run)
    record.store(engine, late)
    assert_comes_back(engine, elsewhere, late, tmp_path)
    early = dataclasses.replace(first, device="tpu", measured_at="2026-03-01T01:00:00Z")
    other = dataclasses.replace(numpy, threads=1, measured_at="2026-03-01T03:00:00Z")
    record.store(engine, builders.a_bundle(tmp_path / "d.jsonl", [other, early], run=run))
    with pytest.raises(export.ExportError, match="measured twice"):
        exported(engine, tmp_path / "out.jsonl")


def test_a_run_is_read_with_a_few_questions(engine, tmp_path):
    """As many for twenty measurements as for one."""

    questions = []
    event.listen(engine, "before_cursor_execute", lambda *seen: questions.append(seen[2]))

    def asked(count):
        lines = [builders.a_measurement(n=n) for n in range(1, count + 1)]
        stored = record.store(engine, builders.a_bundle(tmp_path / f"{count}.jsonl", lines))
        before = len(questions)
        with engine.connect() as connection:
            run = queries.run_by_uuid(connection, stored.run)
            assert sum(line.kind == "measurement" for line in export.lines(connection, run.id)) == count
        return len(questions) - before

    assert asked(20) == asked(1)


def test_runs_are_chosen_by_machine_and_night(engine, tmp_path):
    """The oldest first."""
    for machine, day in (("otter", 3), ("vm", 1), ("otter", 2)):
        started = {"machine": machine, "started_at": f"2026-03-0{day}T02:00:00Z"}
        record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", **started))
    with engine.connect() as connection:

        def chosen(**said):
            return [(run.machine, run.night.day) for run in export.runs(connection, **said)]

        assert chosen() == [("vm", 1), ("otter", 2), ("otter", 3)]
        assert chosen(machine="otter") == [("otter", 2), ("otter", 3)]
        assert chosen(since=date(2026, 3, 2)) == [("otter", 2), ("otter", 3)]
        assert chosen(machine="vm", since=date(2026, 3, 2)) == []
