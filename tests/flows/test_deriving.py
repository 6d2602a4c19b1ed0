"""What follows from a run is there once it is stored, and can be dropped and worked out again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flows import core, deriving
from flows.home import open_home
from storage import database, queries, record, trends
from tests import builders

CROSSOVER = str(Path(sys.executable).parent / "crossover")


def crossover(*arguments):
    return subprocess.run([CROSSOVER, *arguments], capture_output=True, text=True)


def test_what_follows_from_a_run_is_kept_and_worked_out_again(home, tmp_path):
    """With the run; dropped and made anew by `crossover reanalyse --all`, the same; nothing is left to do then."""
    opened = open_home()
    lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit", seconds=5e-4)]
    core.store(builders.a_bundle(tmp_path / "a.jsonl", lines), opened)

    def overview():
        with database.reading(opened.database_url) as connection:
            return trends.overview(connection)

    before = overview()
    assert [(row.variant, round(row.ratio, 6)) for row in before] == [("jax_jit", 0.5)]
    done = crossover("reanalyse")
    assert (done.returncode, done.stderr.strip()) == (0, "nothing to do: all runs are analysed")
    done = crossover("reanalyse", "--all")
    assert (done.returncode, done.stderr.splitlines()) == (0, ["1 of 1 runs", "1 runs analysed"])
    assert overview() == before


def test_what_came_while_it_was_worked_out_is_in_it(home, tmp_path, monkeypatch):
    """Nobody waits for an analysis: another line is stored in the middle of it, and it is made again."""
    opened = open_home()
    engine = database.open_database(opened.database_url)
    known = record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", [builders.a_measurement(n=1)]))
    others = iter([builders.a_bundle(tmp_path / "b.jsonl", [builders.a_measurement(n=2)], run=known.run)])
    seen = []

    def slow(connection, run_id):
        seen.append(len(queries.measurements(connection, run_id)))
        for other in others:
            assert record.store(engine, other).new == 1
        return []

    monkeypatch.setattr(deriving, "ANALYSES", {"scores": (slow, 1)})
    monkeypatch.setattr(deriving, "VERSIONS", {"scores": 1})
    try:
        deriving.derive(engine, known.run_id)
        assert not deriving.is_stale(engine, known.run_id)
    finally:
        engine.dispose()
    assert seen == [1, 2]


def test_samples_are_pruned_by_the_settings(home, tiny, tmp_path):
    """`crossover prune` needs to be told for how long they are kept; a dry run says what it would do."""
    opened = open_home()
    core.store(builders.a_bundle(tmp_path / "a.jsonl", [builders.a_measurement("numpy")]), opened)
    done = crossover("prune")
    assert (done.returncode, "say how long samples are kept" in done.stderr) == (2, True)
    tiny.write_text(f"{tiny.read_text()}\n[retention]\nsamples_nights = 30\n")
    assert "measurements that have their samples: 1\n" in crossover("db").stdout
    for arguments, told in ((["--dry-run"], "would lose"), ([], "have lost")):
        done = crossover("prune", *arguments)
        assert done.returncode == 0
        assert f"1 measurements of 1 runs {told} their samples, 0.1 KiB; the first night that keeps them" in done.stderr
    assert "measurements that have their samples: 0\n" in crossover("db").stdout
    assert "0 measurements of 0 runs" in crossover("prune").stderr


def test_what_an_earlier_try_did_not_get_to_is_worked_out(home, tmp_path):
    """The database went away after the last line: the second try finds nothing new, and scores all the same."""
    opened = open_home()
    path = builders.a_bundle(tmp_path / "a.jsonl", [builders.a_measurement("numpy"), builders.a_measurement("jax_jit")])
    engine = database.open_database(opened.database_url)
    record.store(engine, path)
    assert deriving.store(engine, path).changed is False
    with engine.connect() as connection:
        assert len(trends.overview(connection)) == 1
    engine.dispose()
