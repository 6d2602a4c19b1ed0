"""The flow through a real Prefect server: stored, or failed with what it lacks."""

from datetime import date

import pytest
from prefect.testing.utilities import prefect_test_harness

from flows import core
from flows.analyse import analyse
from flows.benchmark import benchmark
from flows.home import open_home
from flows.measure import MeasuringFailed
from flows.nightly import nightly
from flows.watchdog import watchdog
from storage import database, queries, record, retention, trends
from tests import builders

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


def test_a_night_that_fails_half_way_is_reported(home, tiny, monkeypatch):
    """What it measured before is stored, and has its report like that of any night."""
    measure = core.measure

    def fails(*args, **said):
        measure(*args, **said)
        raise MeasuringFailed("the sampler ended: killed by SIGKILL")

    monkeypatch.setattr(core, "measure", fails)
    state = nightly(machine="otter", suite="tiny", return_state=True)
    assert (state.is_failed(), state.message) == (True, "the sampler ended: killed by SIGKILL")
    (report,) = (home / "reports").glob("otter-*.md")
    assert "3 of 3 measured" in report.read_text()


def test_a_night_that_arrives_late_is_reported_once(home, tiny, tmp_path):
    """It ended while the database was away. One that was cut short is an alarm, what somebody asked for his own."""
    digest = tmp_path / "digest.md"
    tiny.write_text(f"{tiny.read_text()}\n[notify]\nfile = '{digest}'\n")
    opened = open_home()
    lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit", status="failed", reason="no memory")]
    for day, more in ((1, {}), (2, {"finished": False}), (3, {"request": ""})):
        said = {"machine": "otter", "request": "nightly", "started_at": f"2026-03-0{day}T02:00:00Z", **more}
        builders.a_bundle(opened.bundles / f"2026030{day}-tiny.jsonl", lines, **said)
    assert analyse(return_state=True).is_completed()
    told = digest.read_text()
    assert told.count("# otter, night of ") == 1
    assert "no memory" in told
    for mark in opened.bundles.glob("*.stored"):
        mark.unlink()  # as after a move to another database
    assert analyse(return_state=True).is_completed()
    assert digest.read_text() == told


def test_flows_keep_house(home, tiny, tmp_path):
    """The watchdog removes samples that are too old; `analyse` works out what is missing."""
    tiny.write_text(f"{tiny.read_text()}\n[retention]\nsamples_nights = 30\n")
    opened = open_home()
    lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit")]
    engine = database.open_database(opened.database_url)
    run = record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", lines)).run_id
    assert analyse(return_state=True).is_completed()
    assert watchdog(return_state=True).is_completed()
    with engine.connect() as connection:
        assert len(trends.overview(connection)) == 1
        assert len(queries.measurements(connection, run)) == 2
    assert list(retention.prune(engine, date.max)) == []
    engine.dispose()
