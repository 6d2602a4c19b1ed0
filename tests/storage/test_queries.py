"""What the pages and the command read."""

from storage import queries
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
    from storage import record

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


def test_a_run_is_found_by_the_beginning_of_its_identity(engine, tmp_path):
    """As it is printed; nothing for one that is unknown, or that could be several."""
    uuid = a_run(engine, tmp_path, NIGHTS[0], 1e-3)
    with engine.connect() as connection:
        assert queries.run_by_uuid(connection, "%") is None
    other = a_run(engine, tmp_path, NIGHTS[1], 1e-3)
    with engine.connect() as connection:
        assert queries.run_by_uuid(connection, uuid[:8]).uuid == uuid
        assert queries.run_by_uuid(connection, other).uuid == other
        assert queries.run_by_uuid(connection, "") is None


def test_the_data_version_changes_with_every_line(engine, tmp_path):
    """Or a page would show what it has cached for ever."""
    with engine.connect() as connection:
        empty = queries.data_version(connection)
    a_run(engine, tmp_path, NIGHTS[0], 1e-3)
    with engine.connect() as connection:
        one = queries.data_version(connection)
    assert empty != one


def test_machines_and_workloads_are_those_with_data(engine, tmp_path):
    """The choices of a page."""
    a_run(engine, tmp_path, NIGHTS[0], 1e-3)
    with engine.connect() as connection:
        assert queries.machines(connection) == ["vm"]
        assert queries.workloads(connection, machine="vm") == ["broadcast_sum"]
        assert queries.workloads(connection, machine="other") == []
        assert queries.runs_of_workload(connection, machine="vm", workload="nothing") == []
