"""Reads along time: by night and track, two environments beside each other, what changed, how things stand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from storage import derived, nights, queries, record, trends
from tests import builders
from tests.storage.test_derived import MEASURED
from workloads import bundle

PINNED, LATEST = "pinned", "latest"


def a_place(name, jax="0.10.1", **how):
    return {**builders.an_environment(name, jax=jax), **how}


def a_night(engine, path, day, *, jax="0.10.1", seconds=1e-3, machine="vm", **header):
    """Two tracks side by side, NumPy and jax_jit in each; `latest` holds this JAX and takes half the seconds."""
    environments = [a_place(PINNED, "0.9.2", track=PINNED), a_place(LATEST, jax, track=LATEST)]
    lines = [
        builders.a_measurement(variant, seconds=seconds * share * factor, environment=name)
        for name, share in ((PINNED, 1.0), (LATEST, 0.5))
        for variant, factor in (("numpy", 1.0), ("jax_jit", 0.25))
    ]
    beside = [builders.a_ratio(lines[2], lines[0]), builders.a_ratio(lines[3], lines[1])]
    ratios = [*builders.ratios_to_numpy(lines), *beside]
    started = f"2026-03-{day:02}T02:00:00.000Z"
    file = builders.a_bundle(
        path / f"{machine}{day}.jsonl",
        lines,
        ratios,
        environments=environments,
        started_at=started,
        machine=machine,
        **header,
    )
    return record.store(engine, file)


def test_a_trend_goes_from_night_to_night(engine, tmp_path):
    """In the order of nights, however they arrived; of the nights and the track that were asked for."""
    for day, jax in ((3, "0.10.2"), (1, "0.10.1"), (2, "0.10.1")):
        a_night(engine, tmp_path, day, jax=jax, seconds=day * 1e-3)
    with engine.connect() as connection:
        numpy, jit = trends.series(connection, machine="vm", workload="broadcast_sum")
        assert (numpy.variant, jit.variant) == ("numpy", "jax_jit")
        rows = trends.trend(connection, [numpy.id], track=LATEST)
        assert [(row.night.day, row.seconds, row.jax) for row in rows] == [
            (1, pytest.approx(0.5e-3), "0.10.1"),
            (2, pytest.approx(1.0e-3), "0.10.1"),
            (3, pytest.approx(1.5e-3), "0.10.2"),
        ]
        both = trends.trend(connection, [numpy.id, jit.id], since=date(2026, 3, 3))
        assert [(row.series_id == jit.id, row.track) for row in both] == [
            (False, PINNED),
            (False, LATEST),
            (True, PINNED),
            (True, LATEST),
        ]


def test_a_trend_knows_neither_floors_nor_backfills(engine, tmp_path):
    """What was measured again, and releases in environments of their own, are other lines."""
    again = [a_place("A"), a_place("again", again=True)]
    lines = [builders.a_measurement(environment=name) for name in ("A", "again")]
    record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", lines, environments=again))
    filled = [a_place("jax==0.9.2", measures="jax", anchor=True)]
    lines = [builders.a_measurement(environment="jax==0.9.2")]
    started = "2026-03-09T02:00:00.000Z"
    record.store(engine, builders.a_bundle(tmp_path / "b.jsonl", lines, environments=filled, started_at=started))
    with engine.connect() as connection:
        (one,) = trends.series(connection, machine="vm", workload="broadcast_sum")
        assert len(trends.trend(connection, [one.id])) == 1


def test_a_trend_has_what_it_is_asked_for_beside_seconds(engine, tmp_path):
    """Other figures of each measurement, and its ratio to NumPy in the same place, not that to another place."""
    for day in (1, 2):
        a_night(engine, tmp_path, day)
    with engine.connect() as connection:
        numpy, jit = trends.series(connection, machine="vm", workload="broadcast_sum")
        rows = trends.trend(connection, [numpy.id, jit.id], track=LATEST, further=["first_call_seconds"], to_numpy=True)
        assert [(row.series_id == jit.id, row.night.day, row.ratio) for row in rows] == [
            (False, 1, None),
            (False, 2, None),
            (True, 1, pytest.approx(0.25)),
            (True, 2, pytest.approx(0.25)),
        ]
        assert [row.first_call_seconds for row in rows] == pytest.approx([0.05] * 4)
        assert rows[-1].ratio_low < 0.25 < rows[-1].ratio_high
        one = rows[-1]
        known = queries.measurement(connection, run_id=one.run_id, place=one.place, series_id=one.series_id)
        assert (known.variant, known.environment, known.ratio) == ("jax_jit", LATEST, pytest.approx(0.25))
        assert queries.measurement(connection, run_id=one.run_id, place=9, series_id=one.series_id) is None


def test_what_was_measured_in_no_track_is_a_trend_of_its_own(engine, tmp_path):
    """A run by hand is in none; only tracks of these series and nights are named."""
    a_night(engine, tmp_path, 1)
    started = "2026-03-05T12:00:00.000Z"
    record.store(engine, builders.a_bundle(tmp_path / "h.jsonl", [builders.a_measurement()], started_at=started))
    with engine.connect() as connection:
        numpy, jit = trends.series(connection, machine="vm", workload="broadcast_sum")
        assert trends.tracks(connection, [numpy.id, jit.id], since=date(2026, 3, 1)) == ["", LATEST, PINNED]
        assert trends.tracks(connection, [jit.id], since=date(2026, 3, 1)) == [LATEST, PINNED]
        assert trends.tracks(connection, [numpy.id], since=date(2026, 3, 2)) == [""]
        assert [row.night.day for row in trends.trend(connection, [numpy.id], track="")] == [5]


def test_another_computer_under_the_nickname_is_told_apart(engine, tmp_path):
    """Its series are others, and come last."""
    for day, fingerprint in ((1, "f00d"), (2, "beef")):
        line = builders.a_measurement()
        header = builders.a_header([line], started_at=f"2026-03-{day:02}T02:00:00.000Z")
        header.machine["fingerprint"] = fingerprint
        with open(tmp_path / f"{day}.jsonl", "w", encoding="utf-8") as stream:
            bundle.write(stream, [header, line, bundle.Footer(finished_at=builders.FINISHED)])
        record.store(engine, tmp_path / f"{day}.jsonl")
    with engine.connect() as connection:
        rows = trends.series(connection, machine="vm", workload="broadcast_sum")
        assert [row.fingerprint for row in rows] == ["f00d", "beef"]


def test_ratios_are_beside_numpy_in_the_same_place(engine, tmp_path):
    """Not those to another environment."""
    stored = a_night(engine, tmp_path, 1)
    with engine.connect() as connection:
        rows = trends.ratios(connection, stored.run_id)
        assert [(row.track, row.variant, row.ratio) for row in rows] == [
            (PINNED, "jax_jit", pytest.approx(0.25)),
            (LATEST, "jax_jit", pytest.approx(0.25)),
        ]
        assert [row.track for row in trends.ratios(connection, stored.run_id, track=LATEST)] == [LATEST]


def test_two_places_are_laid_beside_each_other(engine, tmp_path):
    """Of one run, or of two."""
    before, after = (a_night(engine, tmp_path, day, seconds=day * 1e-3) for day in (1, 2))
    pinned, latest, earlier = (
        SimpleNamespace(run_id=run.run_id, place=place) for run, place in ((after, 0), (after, 1), (before, 1))
    )
    with engine.connect() as connection:
        for here, there, factors in ((pinned, latest, (2e-3, 1e-3)), (earlier, latest, (5e-4, 1e-3))):
            found = [
                (row.variant, row.here_seconds, row.there_seconds) for row in trends.alike(connection, here, there)
            ]
            assert found == [
                (variant, *(pytest.approx(share * one) for one in factors))
                for variant, share in (("numpy", 1), ("jax_jit", 0.25))
            ]


def test_what_changed_and_how_things_stand_is_told_of_every_machine(engine, tmp_path):
    """Changes since a night, the newest first; the scores of each machine's newest run that has any."""
    early, late = a_night(engine, tmp_path, 1), a_night(engine, tmp_path, 5)
    other = a_night(engine, tmp_path, 2, machine="owl")
    with engine.begin() as connection:
        one, _ = trends.series(connection, machine="vm", workload="broadcast_sum")
        change = {"series_id": one.id, "place": 1, "before_place": 0, "ratio": 2.0, "low": 1.9, "high": 2.1}
        score = {"place": 1, "workload": "", "variant": "jax_jit", "cases": 1, "faster": 1, "slower": 0, "same": 0}
        for run, ratio in ((early, 0.5), (late, 0.25), (other, 0.75)):
            derived.replace(connection, run.run_id, "changes", 1, [change], datetime.now(UTC), MEASURED)
            rows = [{**score, "ratio": ratio}] + ([{**score, "workload": "sort", "ratio": 9.0}] if run is early else [])
            derived.replace(connection, run.run_id, "scores", 1, rows, datetime.now(UTC), MEASURED)
    with engine.connect() as connection:
        rows = trends.changes(connection, since=date(2026, 3, 2))
        assert [(row.machine, row.night.day, row.before, row.after, row.ratio) for row in rows] == [
            ("vm", 5, PINNED, LATEST, 2.0),
            ("owl", 2, PINNED, LATEST, 2.0),
        ]
        assert len(trends.changes(connection, since=date(2026, 3, 1), machine="vm")) == 2
        assert len(trends.changes(connection, since=date(2026, 3, 1), series_ids=[one.id])) == 3
        assert not trends.changes(connection, since=date(2026, 3, 1), series_ids=[one.id + 1])
        assert [(row.machine, row.track, row.ratio) for row in trends.overview(connection)] == [
            ("owl", LATEST, 0.75),
            ("vm", LATEST, 0.25),
        ]
        assert [(row.machine, row.ratio) for row in trends.overview(connection, workload="sort")] == [("vm", 9.0)]
        rows = trends.scores(connection, [early.run_id])
        assert [(row.workload, row.run_id, row.ratio) for row in rows] == [
            ("", early.run_id, 0.5),
            ("sort", early.run_id, 9.0),
        ]


def test_how_things_stand_by_nights_alone(engine, tmp_path):
    """A night is not hidden by what was measured by hand after it."""
    night = a_night(engine, tmp_path, 1, request=nights.REQUEST)
    by_hand = a_night(engine, tmp_path, 2)
    with engine.begin() as connection:
        score = {"place": 0, "workload": "", "variant": "jax_jit", "cases": 1, "faster": 1, "slower": 0, "same": 0}
        for run, ratio in ((night, 0.5), (by_hand, 0.25)):
            derived.replace(
                connection, run.run_id, "scores", 1, [{**score, "ratio": ratio}], datetime.now(UTC), MEASURED
            )
    with engine.connect() as connection:
        assert [row.ratio for row in trends.overview(connection)] == [0.25]
        assert [row.ratio for row in trends.overview(connection, request=nights.REQUEST)] == [0.5]


def test_a_change_says_whether_releases_were_gone_through(engine, tmp_path):
    """`measures` is that of the place in which it was found."""
    places = [a_place("jax==0.9.2", "0.9.2", measures="jax"), a_place("jax==0.10.1", measures="jax", anchor=True)]
    lines = [builders.a_measurement("jax_jit", environment=place["name"]) for place in places]
    filled = record.store(engine, builders.a_bundle(tmp_path / "b.jsonl", lines, environments=places))
    night = a_night(engine, tmp_path, 2)
    with engine.begin() as connection:
        *_, one = trends.series(connection, machine="vm", workload="broadcast_sum")
        change = {"series_id": one.id, "place": 1, "before_place": 0, "ratio": 2.0, "low": 1.9, "high": 2.1}
        for run in (filled, night):
            derived.replace(connection, run.run_id, "changes", 1, [change], datetime.now(UTC), MEASURED)
    with engine.connect() as connection:
        assert [row.measures for row in trends.changes(connection, since=date(2026, 3, 1))] == [None, "jax"]


def test_places_of_two_machines_have_what_is_alike(engine, tmp_path):
    """By workload, version, case and variant, whatever device and threads; so does the lack of a number."""
    ours = [builders.a_measurement("numpy", 10, 1e-3), builders.a_measurement("jax_jit", 10, 2e-3, threads=2),
            builders.a_measurement("numpy", 20, 1e-3), builders.a_measurement("numpy", 30, 1e-3)]  # fmt: skip
    theirs = [builders.a_measurement("numpy", 10, 4e-3, device="gpu", threads=8),
              builders.a_measurement("jax_jit", 10, status="failed", reason="it broke", device=""),
              builders.a_measurement("numpy", 30, 1e-3, workload_version=2)]  # fmt: skip
    here = record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", ours, machine="vm"))
    there = record.store(engine, builders.a_bundle(tmp_path / "b.jsonl", theirs, machine="owl"))
    places = [SimpleNamespace(run_id=one.run_id, place=0) for one in (here, there)]
    with engine.connect() as connection:
        rows = trends.alike(connection, *places)
        found = [(row.size, row.variant, row.here_seconds, row.there_status, row.there_seconds) for row in rows]
        assert found == [
            (10, "numpy", pytest.approx(1e-3), "measured", pytest.approx(4e-3)),
            (10, "jax_jit", pytest.approx(2e-3), "failed", None),
            (20, "numpy", pytest.approx(1e-3), None, None),
            (30, "numpy", pytest.approx(1e-3), None, None),
        ]
        assert (rows[0].there_device, rows[0].there_threads, rows[1].there_reason) == ("gpu", 8, "it broke")
        back = trends.alike(connection, *places[::-1])
        assert [row.there_status for row in back] == ["measured", "measured", None]
