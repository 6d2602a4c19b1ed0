"""The rooms import what the architecture lets them import, and nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("workloads", "analysis", "storage", "flows", "dashboard")

# room -> (third party, ours): the table of docs/architecture.md
ALLOWED = {
    "workloads": ({"numpy", "jax"}, set()),
    "analysis": ({"numpy", "scipy"}, {"workloads.estimate"}),
    "storage": ({"numpy", "sqlalchemy", "alembic", "pydantic"}, {"workloads.bundle", "workloads.estimate"}),
    "flows": (
        {"prefect", "cyclopts", "rich", "httpx", "pydantic", "packaging", "pypi_simple", "requests", "uv", "docker"}
        | {"cronsim", "apprise", "pyarrow"},
        {"workloads", "analysis", "storage"},
    ),
    "dashboard": (
        {"streamlit", "plotly", "pandas"},
        {"analysis", "storage", "workloads.figures", "flows.watching", "flows.settings", "flows.door"},
    ),
}
CLOCKS = {"perf_counter", "perf_counter_ns", "monotonic", "process_time", "time_ns", "timeit"}


def imports(source: str) -> Iterator[str]:
    """Every module that a source imports, as `package.module`; `from a import b` counts as `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def forbidden(room: str, source: str) -> list[str]:
    """The imports of a source in `room` that the table does not allow."""
    third_party, ours = ALLOWED[room]

    def is_allowed(name: str) -> bool:
        top = name.partition(".")[0]
        if top in ROOMS:
            return top == room or any(name == door or name.startswith(door + ".") for door in ours)
        return top in sys.stdlib_module_names or top in third_party

    return [name for name in imports(source) if not is_allowed(name)]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room):
    """No file of a room imports what its row of the table does not name."""
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        assert forbidden(room, path.read_text()) == [], path


@pytest.mark.parametrize(
    ("room", "stray"),
    [
        ("workloads", "import scipy"),
        ("workloads", "from storage import models"),
        ("analysis", "from workloads import sampler"),
        ("storage", "from workloads.sampler import measure"),
        ("dashboard", "from flows import core"),
    ],
)
def test_a_stray_import_is_seen(room, stray):
    """The check above is not hollow."""
    assert forbidden(room, f"import json\n{stray}\n")


def test_one_file_knows_pyarrow():
    """What writes Parquet."""
    users = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for name in imports(path.read_text())
        if name.partition(".")[0] == "pyarrow"
    }
    assert users == {"flows/parquet_file.py"}


def test_only_the_probe_reads_a_clock():
    """In the room where measuring happens, one module reads the clock; another knows when time is up."""
    readers = {
        path.name
        for path in (ROOT / "workloads").rglob("*.py")
        for name in imports(path.read_text())
        if name == "time" or name.rpartition(".")[2] in CLOCKS
    }
    assert readers == {"probe.py", "limits.py"}


def test_importing_the_suite_does_not_import_jax():
    """NumPy is never timed in a process that has loaded XLA by accident."""
    code = (
        "import sys; from workloads import suite; [suite.load(n) for n in suite.names()]; 'jax' in sys.modules and 1/0"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_core_does_not_import_prefect():
    """`crossover run` needs no server, and pays for none; nor for what only writes Parquet."""
    code = "import sys; import flows.entry; sys.exit('prefect' in sys.modules or 'pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_workloads_parse_on_the_oldest_python_that_is_measured():
    """Syntax only; running it there is another test."""
    for path in (ROOT / "workloads").rglob("*.py"):
        ast.parse(path.read_text(), filename=str(path), feature_version=(3, 9))


def test_a_file_fits_in_the_head():
    """No file of ours is longer than 300 lines."""
    ours = [path for room in (*ROOMS, "tests", "benchmarks", "docs") for path in (ROOT / room).rglob("*.py")]
    assert {path.name: n for path in ours if (n := len(path.read_text().splitlines())) > 300} == {}
