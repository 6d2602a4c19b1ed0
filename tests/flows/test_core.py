"""The core, with real measuring processes on a tiny suite."""

import os
import signal
import subprocess
import sys
import time

import pytest

from flows import core, environments, unfinished
from flows.home import open_home
from flows.measure import MeasuringFailed, load_plan, measure, plan_path
from flows.settings import Settings, Suite, read_settings
from storage import capability, database, queries
from tests.processes import processes_of, remaining
from workloads.workload import WorkloadError

SETTINGS = Settings(
    suites={
        "tiny": Suite(
            processes=2, seconds_per_case=0.02, peaks=False, workloads={"broadcast_sum": [2], "matrix_chain": [8, 32]}
        )
    }
)


def planned(**said):
    return core.make_plan(core.Choice(suite="tiny", **said), SETTINGS, [environments.current()])


def chosen(plan):
    return [(case.workload, case.size) for case in plan.cases]


def test_a_suite_is_planned_as_it_says():
    """Its workloads at its sizes, in its order."""
    assert chosen(planned()) == [("broadcast_sum", 2), ("matrix_chain", 8), ("matrix_chain", 32)]


def test_a_part_of_a_suite_can_be_chosen():
    """By workload, by size, by variant."""
    assert chosen(planned(workloads=("matrix_chain",))) == [("matrix_chain", 8), ("matrix_chain", 32)]
    assert chosen(planned(sizes=(32,))) == [("matrix_chain", 32)]
    assert planned(variants=("numpy",)).cases[0].variants == ["numpy"]


def test_more_than_the_suite_holds_can_be_chosen():
    """A workload it lacks at all its sizes, a size it lacks of a workload it has."""
    assert len(planned(workloads=("wave_gradient",)).cases) == 5
    assert chosen(planned(workloads=("matrix_chain",), sizes=(512,))) == [("matrix_chain", 512)]


def test_what_cannot_be_is_refused_before_anything_is_measured():
    """Unknown names, and a choice that leaves nothing."""
    for wrong in ({"workloads": ("nope",)}, {"sizes": (17,)}, {"variants": ("torch",)}):
        with pytest.raises(WorkloadError):
            core.check(core.Choice(suite="tiny", **wrong), SETTINGS)


def test_a_run_is_measured_and_stored():
    """From the plan to its rows."""
    home = open_home()
    path = unfinished.start_bundle(planned(), home)
    said = []
    outcome = core.measure_and_store(path, home, label="test", machine="otter", say=said.append)
    assert outcome.is_whole
    assert outcome.summary() == "9 of 9 measured"
    assert [line[:5] for line in said if line.startswith("[")] == ["[1/3]", "[2/3]", "[3/3]"]
    engine = database.open_for_reading(home.database_url)
    with engine.connect() as connection:
        assert queries.machines(connection) == ["otter"]
    engine.dispose()


def test_storing_again_changes_nothing():
    """The bundle stays, and may be stored as often as you like."""
    home = open_home()
    path = unfinished.start_bundle(planned(workloads=("broadcast_sum",)), home)
    first = core.measure_and_store(path, home, label="test", machine=None, say=lambda _: None)
    assert core.store(path, home) == first


def test_holes_are_named():
    """A run on a device that is not there says which variants lack a number, and why."""
    home = open_home()
    path = unfinished.start_bundle(planned(workloads=("broadcast_sum",), platform="tpu"), home)
    outcome = core.measure_and_store(path, home, label="test", machine=None, say=lambda _: None)
    assert not outcome.is_whole
    assert outcome.summary().startswith(
        "1 of 3 measured, 2 without a number: broadcast_sum jax_eager, jax_jit at 2 (misplaced:"
    )


def test_a_killed_run_keeps_what_it_has_and_is_resumed(monkeypatch):
    """SIGKILL to the measuring process after its first case: one case stored, the rest measured on resuming."""
    home = open_home()
    path = unfinished.start_bundle(planned(), home)

    def kill_after_the_first(line):
        if line.startswith("[1/3]"):
            for pid in processes_of(plan_path(path)):
                os.kill(pid, signal.SIGKILL)

    with pytest.raises(MeasuringFailed):
        core.measure_and_store(path, home, label="test", machine=None, say=kill_after_the_first)
    partial = core.store(path, home)
    assert (partial.measured, partial.finished) == (3, False)
    assert unfinished.unfinished_bundle(home) == path

    said = []
    whole = core.measure_and_store(path, home, label="test", machine=None, say=said.append)
    assert (whole.run, whole.measured, whole.is_whole) == (partial.run, 9, True)
    assert not any(line.startswith("[1/3]") for line in said)
    with pytest.raises(unfinished.NothingToResume):
        unfinished.unfinished_bundle(home)


def test_an_interrupt_leaves_no_process(tmp_path):
    """Ctrl-C, as an exception while measuring: the measuring process and its probes are gone."""
    home = open_home()
    path = unfinished.start_bundle(planned(), home)

    def interrupt(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(path, label="test", machine=None, say=interrupt)
    assert remaining(path) == []
    assert remaining(f"run {load_plan(path).run}") == []  # its probes


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_a_killed_parent_takes_its_measurement_along(tmp_path):
    """SIGKILL to whoever waits: nothing goes on measuring behind everybody's back."""
    home = open_home()
    path = unfinished.start_bundle(planned(), home)
    code = (
        "import sys; from pathlib import Path; from flows.measure import measure;"
        "measure(Path(sys.argv[1]), label='x', machine=None, say=print)"
    )
    parent = subprocess.Popen([sys.executable, "-u", "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    parent.stdout.readline()
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    for _ in range(100):
        if processes_of(path) == processes_of(f"run {load_plan(path).run}") == []:
            return
        time.sleep(0.05)
    pytest.fail("still measuring")


def test_a_database_that_is_away_is_waited_for(monkeypatch):
    """Storing is tried again; if it never comes back, the message says where the bundle waits."""
    home, said = open_home(), []
    path = unfinished.start_bundle(planned(workloads=("broadcast_sum",)), home)
    core.measure(path, label="test", machine=None, say=lambda _: None)
    (home.path / "crossover.db").mkdir()  # in the way of the database file
    monkeypatch.setattr(core, "RETRY_SECONDS", (0, 0))
    with pytest.raises(database.StorageError, match=f"crossover ingest {path}"):
        core.store_patiently(path, home, said.append)
    assert len(said) == 2
    (home.path / "crossover.db").rmdir()
    assert core.store_patiently(path, home, said.append).is_whole


def test_the_same_environment_may_be_asked_for_twice():
    """Against itself: how far apart two measurements of the same thing are here."""
    home = open_home()
    places = core.named_apart([environments.current(), environments.current()])
    assert [place.name for place in places] == ["current", "current (2)"]
    path = unfinished.start_bundle(core.make_plan(core.Choice("tiny", sizes=(2,)), SETTINGS, places), home)
    assert (
        core.measure_and_store(path, home, label="test", machine=None, say=lambda _: None).summary()
        == "6 of 6 measured"
    )


def test_a_damaged_bundle_is_not_resumed():
    """It is named, and not touched."""
    home = open_home()
    path = unfinished.start_bundle(planned(), home)
    path.write_text("garbage\n")
    from workloads.bundle import BundleError

    with pytest.raises(BundleError, match=path.name):
        unfinished.unfinished_bundle(home)
    assert path.read_text() == "garbage\n"


def test_the_settings_that_ship_make_a_plan():
    """Both suites."""
    settings = read_settings()
    for suite in settings.suites:
        assert core.make_plan(core.Choice(suite), settings, []).cases


def test_a_night_measures_some_cases_against_themselves(tmp_path):
    """Their noise floors are stored, by series; the table shows each environment once, and the run is whole."""
    two_sizes = {"broadcast_sum": [2, 64]}
    small = Suite(processes=2, seconds_per_case=0.02, peaks=False, noise_floor_cases=1, workloads=two_sizes)
    home = open_home()
    plan = core.make_plan(core.Choice("night"), Settings(suites={"night": small}), [environments.current()])
    path = unfinished.start_bundle(plan, home)
    outcome = core.measure_and_store(path, home, label="test", machine=None, say=print)
    assert (outcome.planned, outcome.measured, outcome.is_whole) == (9, 9, True)
    engine = database.open_for_reading(home.database_url)
    with engine.connect() as connection:
        run = queries.run_by_uuid(connection, outcome.run)
        floors = capability.noise_floors(connection, run.id)
        shown = queries.measurements(connection, run.id)
    engine.dispose()
    assert {row.variant for row in floors} == {"numpy", "jax_eager", "jax_jit"}
    assert all(row.floor > 0 for row in floors)
    assert len(shown) == 6
