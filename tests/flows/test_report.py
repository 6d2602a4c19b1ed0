"""The table fits a terminal of 80 columns, and says what was not measured."""

import json

import pytest
from rich.console import Console

from flows import report
from storage import database, queries
from tests import builders

LINES = [
    builders.a_measurement("numpy", 1_000_000, 8.1e-3),
    builders.a_measurement("jax_eager", 1_000_000, 9.1, spread=0.3, first_call_seconds=0.29),
    builders.a_measurement("jax_jit", 1_000_000, 7.3e-4, spread=0.5),
    builders.a_measurement("jax_jit_scan", 1_000_000, status="failed", reason="RuntimeError: as planted"),
]


@pytest.fixture
def shown(tmp_path):
    """The table as text, and the rows behind it."""

    def show(lines, **said):
        url = builders.stored(f"sqlite:///{tmp_path / 'a.db'}", lines, **said)
        engine = database.open_for_reading(url)
        with engine.connect() as connection:
            run = queries.runs(connection)[0]
            environments = list(queries.environments_of_runs(connection, [run.id]))
            rows = list(queries.measurements(connection, run.id))
        engine.dispose()
        console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
        report.print_run(console, run, environments, rows)
        console.file.close()
        return console.export_text(), report.document(run, environments, rows)

    return show


def test_a_run_is_a_table(shown):
    """Median with interval, first call, ratio and verdict of each variant; a hole with its reason."""
    text, _ = shown(LINES)
    rows = {line.split()[0]: line for line in text.splitlines() if line.startswith("  ")}
    assert "broadcast_sum  n=1,000,000 float32" in text
    assert "8.10 ms [7.94, 8.26]" in rows["numpy"]
    assert "290 ms" in rows["jax_eager"]
    assert rows["jax_eager"].rstrip().endswith("slower")
    assert rows["jax_jit"].rstrip().endswith("faster")
    assert "failed: RuntimeError" in rows["jax_jit_scan"]
    assert "jax_jit against numpy: faster in 1" in text


def test_no_line_is_longer_than_a_terminal_and_none_is_cut(shown):
    """80 columns, no ellipsis."""
    text, _ = shown(LINES)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text


def test_environments_side_by_side_have_letters(shown):
    """Their names are too long for a table's column."""
    sides = [builders.an_environment("numpy==1.26.4,jax==0.4.18", numpy="1.26.4"), builders.an_environment("current")]
    lines = [builders.a_measurement(environment=side["name"]) for side in sides]
    text, _ = shown(lines, environments=sides)
    assert "A: Python 3.11.7, NumPy 1.26.4, JAX 0.10.2" in text
    assert [line.split()[:2] for line in text.splitlines() if line.startswith("  ") and line.strip()[0] in "AB"] == [
        ["A", "numpy"],
        ["B", "numpy"],
    ]


def test_environments_are_compared_with_the_first(tmp_path):
    """What a user asked for with two `--env`: each variant against itself."""
    sides = [builders.an_environment("old", numpy="1.26.4"), builders.an_environment("new")]
    old, new = builders.a_measurement(environment="old"), builders.a_measurement(environment="new", seconds=5e-4)
    url = builders.stored(
        f"sqlite:///{tmp_path / 'a.db'}", [old, new], environments=sides, ratios=[builders.a_ratio(new, old)]
    )
    engine = database.open_for_reading(url)
    with engine.connect() as connection:
        between = queries.ratios_across(connection, queries.runs(connection)[0].id)
    engine.dispose()
    console = Console(width=80)
    with console.capture() as captured:
        console.print(report.across(between, {"old": "A", "new": "B"}))
    assert "B numpy" in captured.get()
    assert "against A numpy" in captured.get()
    assert "faster" in captured.get()


def test_a_run_is_a_document(shown):
    """First calls apart from seconds per call; cases as objects; everything JSON can carry."""
    _, document = shown(LINES)
    again = json.loads(json.dumps(document, default=str))
    by_variant = {row["variant"]: row for row in again["measurements"]}
    assert by_variant["jax_eager"]["first_call_seconds"] == 0.29
    assert by_variant["jax_eager"]["seconds"] == 9.1
    assert by_variant["jax_eager"]["case"] == {"n": 1_000_000, "dtype": "float32"}
    assert by_variant["jax_jit"]["verdict"] == "faster"
    assert by_variant["numpy"]["verdict"] is None
