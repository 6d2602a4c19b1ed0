"""Environments by exact versions; the oldest and the newest that are supported really measure."""

import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from flows import core, environments
from flows.environments import Asked, build, parse_spec
from flows.home import open_home
from flows.settings import Settings, Suite
from storage.schema import read_valid
from workloads import suite
from workloads.bundle import Measurement
from workloads.plan import Place

OLDEST = "numpy==1.26.4,jax==0.4.18,jaxlib==0.4.18"
NEWEST = "numpy==2.5.5,jax==0.12.0.1"  # of those that are known to work
ARTICLE = ("broadcast_sum", "elementwise_chain", "matrix_chain", "mse_gradient", "wave_gradient")  # three variants each
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def interpreter(monkeypatch):
    """Gives the first of some Python versions that is on this machine, in full; else the test is skipped."""

    def find(*versions):
        if sys.version_info[:2] in versions:
            return platform.python_version()
        for folder in [*os.environ["PATH"].split(os.pathsep), *map(str, Path.home().glob(".pyenv/versions/*/bin"))]:
            for version in versions:
                python = Path(folder) / "python{}.{}".format(*version)
                told = python.exists() and subprocess.run([python, "-V"], capture_output=True, text=True).stdout
                if told:
                    monkeypatch.setenv("PATH", folder, prepend=os.pathsep)  # where uv looks for it
                    return told.split()[1]
        return pytest.skip("none of these Python versions is on this machine")

    return find


@pytest.mark.slow
def test_an_environment_with_numpy_alone_measures(home, tmp_path):
    """No other package at all: NumPy is measured, JAX is unsupported, and the run is whole."""
    place = built("numpy==2.2.6")
    rows = measured_in([place], tmp_path)
    assert {(row.variant, row.status, row.reason) for row in rows} == {
        ("numpy", "measured", ""),
        ("jax_eager", "unsupported", "needs jax"),
        ("jax_jit", "unsupported", "needs jax"),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pins", "versions"),
    [(OLDEST, ((3, 11), (3, 10), (3, 9), (3, 12))), (NEWEST, ((3, 13), (3, 12)))],
    ids=["oldest", "newest"],
)
def test_the_whole_suite_agrees_in_the_oldest_and_the_newest_environment(home, interpreter, pins, versions):
    """Every variant of every workload equals NumPy on its smallest cases, with 32 and with 64 bits."""
    place = built(f"{pins},python=={interpreter(*versions)}")
    command = [place.python, "-I", str(ROOT / "tests" / "workloads" / "agree.py"), str(ROOT)]
    both = [subprocess.Popen([*command, wide], stdout=subprocess.PIPE, text=True) for wide in ("0", "1")]
    lines = [json.loads(line) for process in both for line in process.communicate()[0].splitlines()]
    assert [process.returncode for process in both] == [0, 0]
    assert [line for line in lines if line["status"] != "agrees"] == []
    assert len(lines) == sum(len(one.variants) * len(one.smallest_cases()) for one in map(suite.load, suite.names()))


@pytest.mark.slow
def test_the_oldest_python_measures(home, tmp_path, interpreter):
    """`workloads` promises Python 3.9, with the oldest NumPy and JAX that are supported."""
    rows = measured_in([built(f"{OLDEST},python=={interpreter((3, 9))}")], tmp_path)
    assert len(rows) == len(ARTICLE) * 3
    assert {row.status for row in rows} == {"measured"}


@pytest.mark.slow
def test_an_older_jax_gets_its_jaxlib(home, interpreter):
    """It does not ask for one itself, and cannot be imported without."""
    python = interpreter((3, 12), (3, 11), (3, 10), (3, 9))
    place = built(f"numpy==1.26.4,jax==0.4.18,python=={python}")
    code = "import jax, jaxlib; print(jaxlib.__version__)"
    assert subprocess.run([place.python, "-c", code], capture_output=True, text=True).stdout.strip() == "0.4.18"


@pytest.mark.slow
def test_an_environment_that_is_not_what_was_asked_is_misplaced(home, tmp_path):
    """The probe reports what it finds; a pin that resolved to something else is never a number."""
    place = built("numpy==2.2.6")
    lying = Place("lying", place.python, {"numpy": "2.3.0"})
    rows = measured_in([lying], tmp_path)
    assert (rows[0].status, rows[0].reason) == ("misplaced", "asked for numpy 2.3.0, found 2.2.6")


def built(text):
    return build(Asked(parse_spec(text)), open_home())


def measured_in(places, tmp_path):
    """The measurements of the article's workloads' smallest cases in these environments."""
    smallest = {name: [suite.load(name).cases[0]["n"]] for name in ARTICLE}
    settings = Settings(suites={"small": Suite(processes=1, seconds_per_case=0.01, workloads=smallest)})
    plan = core.make_plan(core.Choice("small"), settings, places)
    path, out = tmp_path / "plan.json", tmp_path / "out.jsonl"
    path.write_text(json.dumps(asdict(plan)))
    command = [environments.current().python, "-m", "workloads", "--plan", str(path), "--out", str(out)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode in (0, 1), ran.stderr
    return [line for line in read_valid(out) if isinstance(line, Measurement)]
