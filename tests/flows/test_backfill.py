"""History from wheels: which environments, in which groups; stopped anywhere, gone on with, nothing twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from flows import backfill
from flows.environments.spec import EnvironmentSpecError
from flows.home import open_home
from workloads import bundle
from workloads.plan import Place


def names(places):
    return [(place.group, place.name, place.again) for place in places]


def some(*versions):
    return [Place(f"jax=={version}", "/bin/false", measures="jax") for version in versions]


def test_groups_share_the_newest_as_their_anchor():
    """It stands first in each group; then comes the last of the group before; both are there again, under new names."""
    assert names(backfill.grouped(some(1, 2, 3, 4), 2, first_group=5)) == [
        (5, "jax==4", False),
        (5, "jax==1", False),
        (5, "jax==2", False),
        (6, "jax==4 (group 2)", True),
        (6, "jax==2 (group 2)", True),
        (6, "jax==3", False),
    ]
    assert all(place.anchor == place.name.startswith("jax==4") for place in backfill.grouped(some(1, 2, 3, 4), 2))


def test_one_release_is_a_group_of_its_own():
    """There is nothing to compare it with, and it is measured all the same."""
    assert names(backfill.grouped(some(1), 6)) == [(0, "jax==1", False)]


def test_no_axis_is_an_error_that_shows_one():
    """Before the registry is asked for anything."""
    with pytest.raises(EnvironmentSpecError, match=r"--jax 0\.4\.18\.\.0\.10"):
        backfill.axes({"numpy": None, "jax": None}, open_home(), print, minor=False)


SETTINGS = """
[suites.history]
variants = ["numpy", "jax_jit"]
processes = 2
seconds_per_case = 0.05
peaks = false
[suites.history.workloads]
broadcast_sum = [2, 64]
sine = [100]
"""


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with settings of its own, where commands run."""
    (tmp_path / "crossover.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def crossover(*arguments):
    return [str(Path(sys.executable).parent / "crossover"), *arguments]


NUMPY_ALONE = ("backfill", "--numpy", "2.2.5,2.2.6,2.3.0,2.3.1", "--group", "2", "--variant", "numpy")


def lines_of(desk):
    (path,) = (desk / "home" / "bundles").glob("*-history-????????.jsonl")
    return list(bundle.read(path))


@pytest.mark.slow
def test_a_backfill_killed_in_its_middle_is_completed_by_the_same_command(desk):
    """SIGKILL; then everything is there once, what was measured before is kept as it was, and it is all stored."""
    process = subprocess.Popen(crossover(*NUMPY_ALONE), start_new_session=True, stderr=subprocess.DEVNULL)
    while not (found := list((desk / "home" / "bundles").glob("*-history-????????.jsonl"))) or (
        found[0].read_text().count('"kind":"measurement"') < 4
    ):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(0.5)  # the measuring process notices that nobody waits for it any more
    before = [line for line in lines_of(desk) if line["kind"] == "measurement"]
    assert 4 <= len(before) < 20

    ran = subprocess.run(crossover(*NUMPY_ALONE, "--json"), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "going on with" in ran.stderr
    assert "24 of 24 measured" in ran.stderr
    lines = lines_of(desk)
    measured = [line for line in lines if line["kind"] == "measurement"]
    sides = Counter((line["environment"], line["workload"], bundle.case_key(line["case"])) for line in measured)
    assert set(sides.values()) == {1}
    assert len(sides) == (4 + 2) * 4  # four releases and two again, on two sizes of one workload, two dtypes of another
    kept = [line for line in before if line in measured]
    assert len(kept) >= len(before) - 3  # of the group that was cut in two

    again = subprocess.run(crossover(*NUMPY_ALONE, "--dry-run"), capture_output=True, text=True)
    assert again.returncode == 0
    assert "going on with" not in again.stderr
    assert "numpy: 4 releases in 2 groups: numpy==2.3.1, numpy==2.2.5" in again.stderr


@pytest.mark.slow
def test_the_same_request_goes_on_without_a_registry_and_with_the_releases_of_then(desk, monkeypatch):
    """Nothing is resolved again, and what was pruned is built again from the plan; another request begins anew."""
    stopped = subprocess.run(crossover(*NUMPY_ALONE, "--time-limit", "0.01", "--json"), capture_output=True, text=True)
    assert stopped.returncode == 1, stopped.stderr
    path = next((desk / "home" / "bundles").glob("*.plan.json"))
    assert json.loads(path.read_text())["request"].startswith('{"backfill": {"numpy": "2.2.5,2.2.6,2.3.0,2.3.1"')
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    shutil.rmtree(desk / "home" / "environments" / "resolved")
    ran = subprocess.run(crossover(*NUMPY_ALONE), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "going on with" in ran.stderr
    assert "24 of 24 measured" in ran.stderr
    other = subprocess.run(crossover(*NUMPY_ALONE, "--minor"), capture_output=True, text=True)
    assert other.returncode == 2
    assert "registry" in other.stderr
    assert len(list((desk / "home" / "bundles").glob("*.plan.json"))) == 1


@pytest.mark.slow
def test_the_same_command_twice_at_a_time_measures_once(desk):
    """The second waits for the machine, and finds that its run was finished meanwhile."""
    first = subprocess.Popen(crossover(*NUMPY_ALONE), stderr=subprocess.PIPE, text=True)
    while not list((desk / "home" / "bundles").glob("*-history-????????.jsonl")):
        assert first.poll() is None
        time.sleep(0.05)
    second = subprocess.run(crossover(*NUMPY_ALONE), capture_output=True, text=True)
    assert first.communicate()[1].splitlines()[-1] == "24 of 24 measured"
    assert second.returncode == 0, second.stderr
    assert "was finished meanwhile" in second.stderr
    assert second.stderr.splitlines()[-1] == "24 of 24 measured"
    assert len(list((desk / "home" / "bundles").glob("*.plan.json"))) == 1


@pytest.mark.slow
def test_ratios_are_to_the_anchor_of_the_group(desk):
    """Each release against the newest and the one before it; no ratio reaches across groups."""
    ran = subprocess.run(crossover(*NUMPY_ALONE, "--workload", "broadcast_sum"), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    lines = lines_of(desk)
    pairs = {(line["environment"], line["baseline_environment"]) for line in lines if line["kind"] == "ratio"}
    assert pairs == {
        ("numpy==2.2.5", "numpy==2.3.1"),
        ("numpy==2.2.6", "numpy==2.3.1"),
        ("numpy==2.2.6", "numpy==2.2.5"),
        ("numpy==2.2.6 (group 2)", "numpy==2.3.1 (group 2)"),
        ("numpy==2.3.0", "numpy==2.3.1 (group 2)"),
        ("numpy==2.3.0", "numpy==2.2.6 (group 2)"),
    }
    header = lines[0]
    assert [one["group"] for one in header["environments"]] == [0, 0, 0, 1, 1, 1]
    assert all(one["resolution"] and one["builder"] == "uv" for one in header["environments"])
    assert header["environments"][0]["found"]["package_bytes"]["numpy"] > 10e6


@pytest.mark.slow
def test_a_release_that_cannot_be_built_costs_only_itself(desk):
    """It has no wheel for this Python: said once, and the rest is measured; the run is not whole."""
    ran = subprocess.run(
        crossover("backfill", "--numpy", "1.14.0,2.2.6", "--workload", "broadcast_sum", "--variant", "numpy"),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    said = [line for line in ran.stderr.splitlines() if line.startswith("left out: cannot resolve numpy==1.14.0")]
    assert len(said) == 1
    assert ran.stderr.splitlines()[-1].startswith("2 of 2 measured, left out: ")


@pytest.mark.slow
def test_each_jax_release_gets_the_packages_of_its_day(desk):
    """NumPy 2 came after JAX 0.4.28, and JAX's own requirement does not say so."""
    ran = subprocess.run(
        crossover("backfill", "--jax", "0.4.28", "--python", "3.11", "--dry-run"), capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    ((record,),) = [list((desk / "home" / "environments" / "resolved").glob("*.json"))]
    versions = {package["name"]: package["version"] for package in json.loads(record.read_text())}
    assert (versions["jax"], versions["jaxlib"], versions["numpy"]) == ("0.4.28", "0.4.28", "1.26.4")
