"""A run leaves the database as a file that another one takes in."""

from __future__ import annotations

from datetime import date

import pytest

from storage import bundle_file, database, export, queries, record, retention
from tests import builders
from tests.contents import contents
from workloads import bundle

RUN = "00000000-0000-4000-8000-000000000001"


def reading(engine):
    return database.reading(engine.url.render_as_string(hide_password=False))


def test_a_packed_run_is_the_same_elsewhere(engine, elsewhere, tmp_path):
    """Every row of it, through gzip; its own file is gone."""
    record.store(engine, builders.a_full_run(tmp_path, RUN))
    with reading(engine) as connection:
        (run,) = queries.runs(connection)
        packed = bundle_file.packed(connection, run.id)
    path = tmp_path / "run.jsonl.gz"
    path.write_bytes(packed)
    record.store(elsewhere, path)
    assert contents(elsewhere) == contents(engine)


def test_what_would_be_refused_is_not_given(engine, tmp_path):
    """A run from a release that checked less."""
    stored = record.store(engine, builders.a_full_run(tmp_path, RUN))
    with engine.begin() as connection:
        connection.exec_driver_sql("update run set uuid = 'no such form'")
    with reading(engine) as connection, pytest.raises(export.ExportError, match="as a bundle it would be refused"):
        bundle_file.packed(connection, stored.run_id)


def test_it_counts_what_has_lost_its_samples(engine, tmp_path):
    """So that who exports it can say so: whatever was measured."""
    stored = record.store(engine, builders.a_full_run(tmp_path, RUN))
    (pruned,) = retention.prune(engine, date(2100, 1, 1))
    with reading(engine) as connection:
        counts = bundle_file.write(connection, stored.run_id, tmp_path / "out.jsonl")
    assert counts == {"measurements": 4, "without_samples": pruned.measurements}
    assert pruned.measurements == 4


def test_it_is_of_one_moment(engine, tmp_path, monkeypatch):
    """What somebody stores meanwhile is not half in it."""
    known = record.store(engine, builders.a_full_run(tmp_path, RUN))
    more = builders.a_bundle(tmp_path / "more.jsonl", [builders.a_measurement(n=n) for n in (1, 2)], run=RUN)
    write, others = bundle.write, iter([more])

    def slowly(stream, lines):
        write(stream, lines)
        for other in others:
            assert record.store(engine, other).new == 2

    monkeypatch.setattr(bundle, "write", slowly)
    monkeypatch.setattr(bundle_file, "BATCH", 1)
    with reading(engine) as connection:
        counts = [bundle_file.write(connection, known.run_id, tmp_path / f"{n}.jsonl")["measurements"] for n in (1, 2)]
    assert counts == [4, 6]
