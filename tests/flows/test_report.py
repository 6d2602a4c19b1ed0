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
            gathered = report.gather(connection, queries.runs(connection)[0])
        engine.dispose()
        console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
        report.print_run(console, gathered)
        console.file.close()
        return console.export_text(), report.document(gathered)

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


def test_a_disturbed_measurement_is_marked(shown):
    """In its row, and in a sentence that says by what."""
    reason = "others used 1.2 of 2 cores"
    text, _ = shown([builders.a_measurement("numpy", disturbed=reason), builders.a_measurement("jax_jit", seconds=1.0)])
    assert [line[0] for line in text.splitlines() if line[2:].startswith(("numpy", "jax_jit"))] == ["~", " "]
    assert f"~ 1 of 2 were measured on a busy machine, such as: {reason}" in text


def test_what_differs_from_itself_is_the_noise_floor(shown):
    """An interval of 0.96 to 1.1 hides a change of 10 %; the second place is not a row of the table."""
    sides = [builders.an_environment("current"), builders.an_environment("current (again)", again=True)]
    first, again = (builders.a_measurement(environment=side["name"]) for side in sides)
    text, document = shown(
        [first, again], environments=sides, ratios=[builders.a_ratio(again, first, ratio=1.01, low=0.96, high=1.1)]
    )
    assert "noise floor: 1 series against themselves, typically 10.0 %, at worst 10.0 %" in text
    assert [row["floor"] for row in document["noise_floors"]] == [pytest.approx(0.1)]
    assert len(document["measurements"]) == 1


def test_a_share_of_the_peak_is_of_the_device_that_computed(shown):
    """1 GFLOP in 1 s where 4 GFLOP/s were seen is a quarter; other devices and numbers of threads do not count."""
    work = {"flops": 1e9, "bytes_moved": 1.0, "resource": "matrix"}
    line = builders.a_measurement("numpy", seconds=1.0, **work)
    matrix = {"resource": "matrix", "dtype": "float32"}
    peaks = [builders.a_peak(per_second=4e9, **matrix), builders.a_peak(per_second=9e9, threads=16, **matrix)]
    text, document = shown([line], peaks=peaks)
    assert document["measurements"][0]["share_of_peak"] == pytest.approx(0.25)
    assert "measured peaks: matrix 9 GFLOP/s float32" in text


def test_what_was_left_out_is_told(shown):
    """For people and for machines, with the reason."""
    text, document = shown(LINES, left_out=["latest: no wheel of it"])
    assert "left out: latest: no wheel of it" in text
    assert document["left_out"] == ["latest: no wheel of it"]


def test_letters_do_not_end_with_the_alphabet():
    """A backfill has more environments than it has letters."""
    assert [report.letter(place) for place in (0, 25, 26, 51, 52, 702)] == ["A", "Z", "AA", "AZ", "BA", "AAA"]
