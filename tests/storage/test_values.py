"""What processes gave, as it is read."""

from storage import queries, values
from tests import builders


def test_first_calls_of_a_workload_are_read_by_process(engine):
    """Of this workload in this run alone, each beside what its series is known by."""
    url = engine.url.render_as_string(hide_password=False)
    slow = [builders.a_process(1e-3, seed, first) for seed, first in enumerate((0.5, 0.6, 0.7))]
    lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit", processes=slow)]
    builders.stored(url, [*lines, builders.a_measurement("numpy", workload="other")])
    builders.stored(url, lines, started_at="2026-03-02T02:00:00.000Z")
    with engine.connect() as connection:
        run = queries.runs(connection)[1]
        found = values.processes_of_workload(connection, run_id=run.id, workload="broadcast_sum")
    assert [(row.variant, row.place, row.device, row.threads) for row in found] == [
        ("jax_jit", 0, "cpu", 2),
        ("numpy", 0, "cpu", 2),
    ]
    assert [process["first_call"]["seconds"] for process in found[0].processes] == [0.5, 0.6, 0.7]
