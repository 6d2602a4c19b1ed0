"""What is worked out is replaced as a whole, and known to be out of date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from storage import derived, record, retention
from tests import builders

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MEASURED = 2
VERSIONS = {"scores": 1, "changes": 1}
SCORE = {"place": 0, "workload": "", "variant": "jax_jit", "cases": 1, "faster": 1, "slower": 0, "same": 0}


def a_run(engine, path, day, **said):
    lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit", seconds=5e-4)]
    started = f"2026-03-0{day}T02:00:00.000Z"
    return record.store(engine, builders.a_bundle(path / f"{day}.jsonl", lines, started_at=started, **said))


def derive(engine, run, *, version=1, ratio=0.5, made_at=NOW):
    with engine.begin() as connection:
        derived.replace(connection, run.run_id, "scores", version, [{**SCORE, "ratio": ratio}], made_at, MEASURED)
        derived.replace(connection, run.run_id, "changes", 1, [], NOW, MEASURED)


def stale(engine, **versions):
    with engine.connect() as connection:
        return [row.id for row in derived.stale(connection, {**VERSIONS, **versions})]


def test_what_is_there_is_replaced(engine, tmp_path):
    """Not added to."""
    run = a_run(engine, tmp_path, 1)
    for ratio in (0.5, 0.75):
        derive(engine, run, ratio=ratio)
    with engine.connect() as connection:
        assert connection.execute(select(derived.Score.ratio)).scalars().all() == [0.75]


def test_another_version_and_new_measurements_make_it_stale(engine, tmp_path):
    """The newest run first; a run of which nothing follows is not worked out again and again."""
    first, second = a_run(engine, tmp_path, 1), a_run(engine, tmp_path, 2)
    assert stale(engine) == [second.run_id, first.run_id]
    derive(engine, first)
    derive(engine, second)
    assert stale(engine) == []
    assert stale(engine, scores=2) == [second.run_id, first.run_id]
    more = [builders.a_measurement("numpy", n=2048), builders.a_measurement("numpy")]
    file = builders.a_bundle(tmp_path / "more.jsonl", more, run=first.run, started_at="2026-03-01T02:00:00.000Z")
    record.store(engine, file)
    assert stale(engine) == [first.run_id]


def test_the_data_version_changes_with_whatever_is_stored_worked_out_or_pruned(engine, tmp_path):
    """Or a page would show what it has cached for ever."""

    def version():
        with engine.connect() as connection:
            return derived.data_version(connection)

    versions = [version()]
    run = a_run(engine, tmp_path, 1)
    versions.append(version())
    derive(engine, run)
    versions.append(version())
    derive(engine, run, ratio=0.75, made_at=NOW + timedelta(seconds=1))
    versions.append(version())
    list(retention.prune(engine, date(2026, 4, 1)))
    versions.append(version())
    assert version() == versions[-1]
    assert len(set(versions)) == 5


def test_all_of_it_can_be_dropped(engine, tmp_path):
    """And is stale then; what was measured stays."""
    run = a_run(engine, tmp_path, 1)
    derive(engine, run)
    with engine.begin() as connection:
        derived.drop(connection)
        tables = (derived.Score, derived.Change, derived.Derivation)
        assert [connection.execute(select(func.count()).select_from(table)).scalar() for table in tables] == [0, 0, 0]
    assert stale(engine) == [run.run_id]
