"""The flow through a real Prefect server: stored, or failed with what it lacks."""

import pytest
from prefect.testing.utilities import prefect_test_harness

from flows.benchmark import benchmark
from flows.nightly import nightly
from storage import database, queries

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def server():
    """A Prefect server of this module's own."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


def stored_runs(home):
    engine = database.open_for_reading(f"sqlite:///{home / 'crossover.db'}")
    with engine.connect() as connection:
        found = queries.runs(connection)
    engine.dispose()
    return found


def test_a_flow_run_is_a_run(home, tiny):
    """Completed, with its rows in our database under its own identity."""
    state = benchmark(suite="tiny", machine="otter", return_state=True)
    assert state.is_completed()
    assert state.message == "3 of 3 measured"
    (run,) = stored_runs(home)
    assert run.uuid == str(state.state_details.flow_run_id)
    assert (run.machine, run.suite, run.measured) == ("otter", "tiny", 3)


def test_a_run_with_holes_fails_and_names_them(home, tiny):
    """A tolerated failure would be a green night that measured nothing."""
    state = benchmark(suite="tiny", platform="tpu", return_state=True)
    assert state.is_failed()
    assert "broadcast_sum jax_eager, jax_jit at 2 (misplaced" in state.message
    assert stored_runs(home)[0].failed == 2


def test_a_run_for_another_machine_is_refused(home, tiny, monkeypatch):
    """Or its numbers would be another machine's."""
    monkeypatch.setenv("CROSSOVER_MACHINE", "otter")
    state = benchmark(suite="tiny", machine="seal", return_state=True)
    assert state.is_failed()
    assert "this is otter, and the run is meant for seal" in state.message
    assert not (home / "crossover.db").exists()


def test_a_stale_run_is_cancelled_not_measured(home, tiny, monkeypatch):
    """A night that missed its time is not measured by day."""
    from flows import benchmark as module

    monkeypatch.setattr(module, "seconds_late", lambda: 7201.0)
    state = benchmark(suite="tiny", max_late_seconds=7200, return_state=True)
    assert state.is_cancelled()
    assert state.message == "stale: 7201 s late"
    assert not (home / "crossover.db").exists()


def test_a_night_that_cannot_be_built_is_told(home, tiny, tmp_path):
    """And fails in a line; the numbers of a night that measured nothing would look like those of none."""
    digest = tmp_path / "digest.md"
    more = "[nightly]\nsuite = 'tiny'\ntracks = ['none']\n[tracks.none]\nspec = 'numpy==2.99.99'\n"
    tiny.write_text(f"{tiny.read_text()}\n{more}[notify]\nfile = '{digest}'\n")
    state = nightly(machine="otter", return_state=True)
    assert state.is_failed()
    assert "numpy==2.99.99" in state.message
    assert digest.read_text().startswith("# otter: tonight's run failed\n\nEnvironmentSpecError: ")
