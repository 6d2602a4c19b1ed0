"""What the pages and the command read."""

import json

import pytest
from sqlalchemy import event, text

from storage import capability, queries, record
from tests import builders

NIGHTS = ("2026-03-01T02:00:00.000Z", "2026-03-02T02:00:00.000Z")


def a_run(engine, tmp_path, started_at, seconds, **said):
    lines = [builders.a_measurement("numpy", seconds=seconds), builders.a_measurement("jax_jit", seconds=seconds / 2)]
    path = builders.a_bundle(
        tmp_path / "a.jsonl",
        measurements=lines,
        ratios=builders.ratios_to_numpy(lines),
        started_at=started_at,
        **said,
    )
    return record.store(engine, path).run


def test_the_newest_run_is_the_newest_night_not_the_last_to_arrive(engine, tmp_path):
    """A bundle that was delivered late does not become the latest result."""
    newest = a_run(engine, tmp_path, NIGHTS[1], 2e-3)
    late = a_run(engine, tmp_path, NIGHTS[0], 1e-3)
    with engine.connect() as connection:
        assert [row.uuid for row in queries.runs(connection)] == [newest, late]
        found = queries.runs_of_workload(connection, machine="vm", workload="broadcast_sum")
        assert [row.uuid for row in found] == [newest, late]
        rows = queries.scaling(connection, run_id=found[0].id, workload="broadcast_sum")
    assert {row.seconds for row in rows if row.variant == "numpy"} == {2e-3}


def test_the_runs_of_a_workload_tell_how_many_sizes_they_have(engine, tmp_path):
    """So that a page need not open on a run of one size."""
    url = engine.url.render_as_string(hide_password=False)
    ladder = [builders.a_measurement(n=n, seconds=seconds) for n, seconds in ((16, 1e-4), (1024, 1e-3))]
    builders.stored(url, ladder, started_at=NIGHTS[0])
    builders.stored(url, [builders.a_measurement(n=16, seconds=5e-4)], started_at=NIGHTS[1])
    with engine.connect() as connection:
        found = queries.runs_of_workload(connection, machine="vm", workload="broadcast_sum")
    assert [row.sizes for row in found] == [1, 2]


def test_numpy_comes_first_and_sizes_ascend(engine, tmp_path):
    """The order of the table."""
    lines = [builders.a_measurement(variant, n) for n in (1024, 16) for variant in ("jax_jit", "jax_eager", "numpy")]
    run = builders.stored(str(engine.url.render_as_string(hide_password=False)), measurements=lines)
    with engine.connect() as connection:
        rows = queries.measurements(connection, queries.runs(connection)[0].id)
    assert [(row.size, row.variant) for row in rows] == [
        (size, variant) for size in (16, 1024) for variant in ("numpy", "jax_eager", "jax_jit")
    ]
    assert run


def test_a_run_is_found_by_either_end_of_its_identity(engine, tmp_path):
    """As it is printed; nothing for one that is unknown, or that could be several."""
    uuid = a_run(engine, tmp_path, NIGHTS[0], 1e-3)
    with engine.connect() as connection:
        assert queries.run_by_uuid(connection, "%") is None
    other = a_run(engine, tmp_path, NIGHTS[1], 1e-3)
    with engine.connect() as connection:
        assert queries.run_by_uuid(connection, uuid[:8]).uuid == uuid
        assert queries.run_by_uuid(connection, uuid[-8:]).uuid == uuid
        assert queries.run_by_uuid(connection, other).uuid == other
        assert queries.run_by_uuid(connection, "") is None


def test_the_newest_workload_is_the_first_of_the_newest_run(engine, tmp_path):
    """Of the newest night, whenever it was stored; of one machine."""
    with engine.connect() as connection:
        assert queries.newest_workload(connection, machine="vm") is None
    for night, workload in ((NIGHTS[1], "sort"), (NIGHTS[0], "softmax")):
        lines = [
            builders.a_measurement(workload=name, measured_at=moment)
            for name, moment in ((workload, "2026-03-01T02:00:01Z"), ("zeta", "2026-03-01T02:00:02Z"))
        ]
        record.store(engine, builders.a_bundle(tmp_path / f"{workload}.jsonl", lines, started_at=night))
    with engine.connect() as connection:
        assert queries.newest_workload(connection, machine="vm") == "sort"
        assert queries.newest_workload(connection, machine="other") is None


def test_machines_and_workloads_are_those_with_data(engine, tmp_path):
    """The choices of a page."""
    a_run(engine, tmp_path, NIGHTS[0], 1e-3)
    with engine.connect() as connection:
        assert queries.machines(connection) == ["vm"]
        assert queries.workloads(connection, machine="vm") == ["broadcast_sum"]
        assert queries.workloads(connection, machine="other") == []
        assert queries.runs_of_workload(connection, machine="vm", workload="nothing") == []


AGAIN = [
    builders.an_environment("A"),
    builders.an_environment("B", numpy="1.26.4"),
    builders.an_environment("A again", again=True),
]


def a_run_again(engine, tmp_path, started_at=NIGHTS[0], *, variant="numpy", n=1024, spread=0.02, **said):
    """The id of a run in A, B and A again: one variant, each compared with A; the interval of A again is `spread`."""
    lines = [builders.a_measurement(variant, n, environment=side["name"]) for side in AGAIN]
    ratios = [builders.a_ratio(lines[1], lines[0]), builders.a_ratio(lines[2], lines[0], spread=spread)]
    path = tmp_path / "again.jsonl"
    builders.a_bundle(path, lines, ratios, environments=AGAIN, started_at=started_at, **said)
    uuid = record.store(engine, path).run
    with engine.connect() as connection:
        return queries.run_by_uuid(connection, uuid).id


def test_ordinary_rows_show_each_environment_once(engine, tmp_path):
    """What was measured again is for the noise floor; the counts of the run hold it all."""
    peaks = [builders.a_peak(environment="A"), builders.a_peak(environment="A again")]
    run = a_run_again(engine, tmp_path, peaks=peaks)
    with engine.connect() as connection:
        assert [(row.place, row.name) for row in queries.environments_of_runs(connection, [run])] == [
            (0, "A"),
            (1, "B"),
        ]
        for rows in (
            queries.measurements(connection, run),
            queries.scaling(connection, run_id=run, workload="broadcast_sum"),
        ):
            assert [(row.place, row.environment) for row in rows] == [(0, "A"), (1, "B")]
        assert [row.environment for row in queries.ratios_across(connection, run)] == ["B"]
        assert [(row.place, row.environment) for row in capability.peaks(connection, run)] == [(0, "A")]
        found = queries.runs(connection)[0]
    assert (found.planned, found.measured) == (3, 3)


def test_measurements_again_are_shown_to_who_asks(engine, tmp_path):
    """Their holes count too, so that there is a way to name them."""
    run = a_run_again(engine, tmp_path)
    with engine.connect() as connection:
        rows = queries.measurements(connection, run, again=True)
    assert [row.environment for row in rows] == ["A", "B", "A again"]


def test_a_run_of_nothing_but_repetitions_is_no_run_of_the_workload(engine, tmp_path):
    """A page that opened on it would be empty."""
    lines = [builders.a_measurement(environment="A again")]
    record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", lines, environments=AGAIN))
    with engine.connect() as connection:
        assert queries.runs_of_workload(connection, machine="vm", workload="broadcast_sum") == []


def test_the_noise_floors_of_a_run_stand_in_the_order_of_the_table(engine, tmp_path):
    """Sizes ascend, NumPy comes first, and a row tells what it is the floor of."""
    lines = [
        builders.a_measurement(variant, n, environment=name)
        for n in (1024, 16)
        for variant in ("jax_jit", "numpy")
        for name in ("A", "A again")
    ]
    ratios = [builders.a_ratio(again, first) for first, again in zip(lines[::2], lines[1::2])]
    record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", lines, ratios, environments=AGAIN))
    a_run_again(engine, tmp_path, NIGHTS[1])
    with engine.connect() as connection:
        rows = capability.noise_floors(connection, queries.runs(connection)[1].id)
    assert [(row.size, row.variant) for row in rows] == [
        (16, "numpy"),
        (16, "jax_jit"),
        (1024, "numpy"),
        (1024, "jax_jit"),
    ]
    assert (rows[0].workload, json.loads(rows[0].case_key)) == ("broadcast_sum", {"n": 16, "dtype": "float32"})
    assert (rows[0].threads, rows[0].device, rows[0].ratio, rows[0].low, rows[0].high) == (2, "cpu", 1, 0.98, 1.02)
    assert rows[0].floor == pytest.approx(1 / 0.98 - 1)


def test_the_newest_floors_of_each_series_come_first(engine, tmp_path):
    """By night, not by arrival; as many of each series as asked, and unknown ones take nobody's place."""
    night = "2026-03-{:02}T02:00:00.000Z".format
    for day, spread in ((3, 0.03), (5, None), (4, 0.04), (1, 0.01), (2, 0.02)):
        a_run_again(engine, tmp_path, night(day), spread=spread)
    a_run_again(engine, tmp_path, night(1), n=16, spread=0.5)
    with engine.connect() as connection:
        rows = capability.floors_of_workload(connection, machine="vm", workload="broadcast_sum", look_back=2)
        assert [(row.size, row.started_at.day, row.high) for row in rows] == [
            (16, 1, 1.5),
            (1024, 4, 1.04),
            (1024, 3, 1.03),
        ]
        assert len(capability.floors_of_workload(connection, machine="vm", workload="broadcast_sum")) == 5


def test_floors_of_a_machine_are_those_of_its_newest_runs(engine, tmp_path):
    """Of those that have any, the newest first; of no other machine."""
    for day, spread in ((3, 0.03), (4, 0.04), (1, 0.01)):
        a_run_again(engine, tmp_path, f"2026-03-{day:02}T02:00:00.000Z", spread=spread)
    a_run_again(engine, tmp_path, NIGHTS[0], machine="other", spread=0.2)
    a_run(engine, tmp_path, "2026-03-05T02:00:00.000Z", 1e-3)
    with engine.connect() as connection:
        rows = capability.floors_of_machine(connection, machine="vm", look_back=2)
        assert [(row.night.day, row.high) for row in rows] == [(4, 1.04), (3, 1.03)]
        assert len(capability.floors_of_machine(connection, machine="vm")) == 3


def test_floors_are_of_one_machine_and_one_workload(engine, tmp_path):
    """And of the computer that has the nickname now, not of the one that it had before."""
    a_run_again(engine, tmp_path, NIGHTS[0], spread=0.1)
    a_run_again(engine, tmp_path, NIGHTS[0], machine="other", spread=0.2)
    with engine.connect() as connection:

        def spreads(machine, workload="broadcast_sum"):
            rows = capability.floors_of_workload(connection, machine=machine, workload=workload)
            return [round(row.high - 1, 3) for row in rows]

        assert (spreads("vm"), spreads("other"), spreads("none")) == ([0.1], [0.2], [])
        assert spreads("vm", "elementwise_chain") == []
    with engine.begin() as connection:
        connection.execute(text("update machine set fingerprint = 'replaced' where name = 'vm'"))
    a_run_again(engine, tmp_path, NIGHTS[1], spread=0.3)
    with engine.connect() as connection:
        assert spreads("vm") == [0.3]


def test_finding_the_newest_floors_walks_no_history(engine, tmp_path):
    """SQLite says how it goes about it: by the index that holds a series' floors in order, then by the key."""
    if engine.dialect.name != "sqlite":
        pytest.skip("Postgres plans by what is in the tables")
    a_run_again(engine, tmp_path)
    said = []
    event.listen(engine, "before_cursor_execute", lambda *call: said.append(call[2:4]))
    with engine.connect() as connection:
        capability.floors_of_workload(connection, machine="vm", workload="broadcast_sum")
        _begin, (statement, values) = said
        plan = [row[-1] for row in connection.exec_driver_sql(f"explain query plan {statement}", values)]
    floors = [step for step in plan if "noise_floor" in step]
    assert len(floors) == 2
    assert all(step.startswith("SEARCH") for step in floors)
    assert "ix_noise_floor_newest" in floors[1]
    assert plan.count("USE TEMP B-TREE FOR ORDER BY") == 2  # the machine's runs and the rows found, but no history


def test_peaks_stand_beside_their_environment(engine, tmp_path):
    """Each library, resource and dtype of a run; none of another run."""
    peaks = [
        builders.a_peak("matrix", 1e11, environment="B", library="jax"),
        builders.a_peak("matrix", 9e10, environment="A"),
        builders.a_peak("bandwidth", 2e10, environment="A"),
        builders.a_peak("matrix", 5e10, environment="A", dtype="float64"),
    ]
    run = a_run_again(engine, tmp_path, peaks=peaks)
    a_run_again(engine, tmp_path, NIGHTS[1], peaks=[builders.a_peak(environment="A")])
    with engine.connect() as connection:
        rows = capability.peaks(connection, run)
    assert [(row.environment, row.library, row.resource, row.dtype, row.per_second) for row in rows] == [
        ("A", "numpy", "bandwidth", "float32", 2e10),
        ("A", "numpy", "matrix", "float32", 9e10),
        ("A", "numpy", "matrix", "float64", 5e10),
        ("B", "jax", "matrix", "float32", 1e11),
    ]
    assert {(row.place, row.device, row.threads) for row in rows if row.environment == "B"} == {(1, "cpu", 2)}
