"""Is it safe to upgrade? Planted slow-downs, changed values and failures are found; equals are the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis.upgrade_check import Check, Judged

SETTINGS = """
[tracks.new]
spec = "numpy==2.3.1"

[suites.upgrade]
variants = ["numpy"]
processes = 5
seconds_per_case = 0.5
peaks = false
[suites.upgrade.workloads]
broadcast_sum = [65_536]
"""

#: A computation whose cost, result or working depends on NumPy's release.
PLANTED = '''
"""Planted: what NumPy 2.3 does otherwise."""
import numpy as np
from workloads.workload import Workload

NEW = np.__version__.startswith("2.3")
workload = Workload(version=1, cases=[{{"n": 20_000, "dtype": "float32"}}], size="n")


@workload.inputs
def inputs(rng, n, dtype):
    return (rng.standard_normal(n, dtype=dtype),)


@workload.variant("numpy")
def numpy():
    def compute(x):
        {body}
    return compute
'''


SAME = Judged("sort", "{}", "n", "numpy", 1.0, 0.99, 1.01, "same", 1)
SLOWER = Judged("sort", "{}", "n", "numpy", 1.5, 1.4, 1.6, "slower", 1)
FASTER = Judged("sort", "{}", "n", "numpy", 0.5, 0.4, 0.6, "faster", 1)


@pytest.mark.parametrize(
    ("judged", "broken", "is_safe"),
    [
        ([SAME, FASTER], [], True),
        ([SAME, SLOWER], [], False),
        ([SAME], ["sort numpy at 10"], False),  # it ran before
        ([], [], False),  # nothing is known
    ],
)
def test_what_is_safe(judged, broken, is_safe):
    """Something was compared, and nothing of it got slower or stopped working."""
    assert Check("a", "b", 0.05, judged, [], broken, 2, [], []).is_safe == is_safe


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with settings of its own, where commands run."""
    (tmp_path / "crossover.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def upgrade_check(*arguments):
    command = [Path(sys.executable).parent / "crossover", "upgrade-check", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def planted(desk, body):
    path = desk / "planted.py"
    path.write_text(PLANTED.format(body=body.replace("\n", "\n        ")).lstrip())
    return "--workload-file", str(path)


@pytest.mark.slow
def test_the_same_on_both_sides_is_the_same(desk):
    """Every variant, however often it has to be looked at; and it is safe."""
    ran = upgrade_check("--from", "numpy==2.2.6", "--to", "numpy==2.2.6", "--tolerance", "0.1", "--json")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert [(one["workload"], one["verdict"]) for one in found["judged"]] == [("broadcast_sum", "same")]
    assert (found["changed"], found["broken"], found["is_safe"]) == ([], [], True)
    assert (found["old"], found["new"]) == ("numpy==2.2.6", "numpy==2.2.6 (2)")


@pytest.mark.slow
def test_a_slow_down_is_found_twice_before_it_counts(desk):
    """Twice the work in the new release: slower, by about twice, and exit code 1."""
    files = planted(desk, "for _ in range(1 + NEW):\n    y = np.sqrt(np.exp(x))\nreturn y")
    ran = upgrade_check("--from", "numpy==2.2.6", "--to", "new", *files)
    assert ran.returncode == 1, ran.stderr
    assert "looking again at 1 of 1" in ran.stderr
    assert "slower: 1" in ran.stdout
    assert ran.stdout.splitlines()[-1] == "Not safe: 1 of 1 got slower by more than 5 %."


@pytest.mark.slow
def test_a_check_that_was_stopped_goes_on_with_its_next_look(desk):
    """The first look is not taken twice."""
    files = planted(desk, "for _ in range(1 + NEW):\n    y = np.sqrt(np.exp(x))\nreturn y")
    command = [
        Path(sys.executable).parent / "crossover",
        "upgrade-check",
        "--from",
        "numpy==2.2.6",
        "--to",
        "new",
        *files,
    ]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    while not (notes := list((desk / "home" / "scratch").glob("upgrade-check-*.json"))):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (first,) = json.loads(notes[0].read_text())
    ran = upgrade_check("--from", "numpy==2.2.6", "--to", "new", "--json", *files)
    assert ran.returncode == 1, ran.stderr
    assert f"look 1 was finished before: run {first[-8:]}" in ran.stderr
    assert json.loads(ran.stdout)["runs"][0] == first
    assert not notes[0].exists()


@pytest.mark.slow
def test_changed_values_are_told_and_by_how_much(desk):
    """They are no slow-down: exit code 0."""
    files = planted(desk, "return x + np.float32(0.001) * NEW")
    ran = upgrade_check("--from", "numpy==2.2.6", "--to", "new", "--tolerance", "0.5", *files)
    assert ran.returncode == 0, ran.stderr
    assert "computes other values: 1" in ran.stdout
    assert "relative difference up to 0.00" in ran.stdout


@pytest.mark.slow
def test_what_no_longer_works_is_not_safe(desk):
    """Though nothing got slower."""
    files = planted(desk, "if NEW:\n    raise RuntimeError('removed in 2.3')\nreturn x + 1")
    ran = upgrade_check("--from", "numpy==2.2.6", "--to", "new", *files)
    assert ran.returncode == 1, ran.stderr
    assert "no longer works: 1" in ran.stdout
    assert "removed in 2.3" in ran.stdout
    assert "looking again at 1 of 1" in ran.stderr


@pytest.mark.slow
def test_what_failed_once_and_then_worked_works(desk):
    """The machine's doing, not the release's."""
    once = desk / "once"
    body = f"""
import os
if NEW and not os.path.exists({str(once)!r}):
    open({str(once)!r}, "w").close()
    raise MemoryError("just now")
for _ in range(20):  # beside which looking for a file takes no time
    y = np.sqrt(np.exp(x))
return y"""
    ran = upgrade_check("--from", "numpy==2.2.6", "--to", "new", "--tolerance", "0.5", *planted(desk, body.strip()))
    assert ran.returncode == 0, ran.stderr
    assert "no longer works" not in ran.stdout
    assert "same: 1" in ran.stdout


def test_wrong_sides_are_refused_before_anything_is_measured(desk):
    """A spec that is none, a tolerance that is none."""
    assert "not a package with a version" in upgrade_check("--from", "numpy=2", "--to", "new").stderr
    assert "--tolerance" in upgrade_check("--from", "numpy==2.2.6", "--to", "new", "--tolerance", "5").stderr
