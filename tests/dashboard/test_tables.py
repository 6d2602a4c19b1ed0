"""The evidence as tables."""

import pandas as pd

from dashboard import tables
from tests.dashboard.frames import a_frame, a_point, a_run


def test_the_evidence_has_the_answer_in_its_first_columns():
    """Size, variant, verdict, ratio, then times, all with their intervals."""
    table = tables.evidence(a_frame(jax_jit=[(1000, "faster", 0.5)]))
    assert list(table.columns) == ["Size", "Variant", "Verdict", "Ratio to NumPy", "Time per call", "First call"]
    assert list(table.iloc[1]) == [
        "n = 1,000", "compiled JAX", "faster", "0.50× [0.46, 0.54]", "500 µs [460, 540]", "50 ms",
    ]  # fmt: skip


def test_what_was_measured_on_a_busy_machine_is_marked():
    """With the sign that the table of a run has."""
    table = tables.evidence(pd.DataFrame([a_point("numpy", 10), a_point("jax_jit", 10, disturbed="others")]))
    assert [time.endswith("] ~") for time in table["Time per call"]] == [False, True]


def test_what_was_not_measured_stands_in_the_evidence_with_its_reason():
    """The column with reasons appears when there is one to give."""
    failed = a_point("jax_jit", 10, status="timed_out", reason="60 s passed", verdict="not measured")
    table = tables.evidence(pd.DataFrame([a_point("numpy", 10), failed]))
    assert list(table["Not measured because"]) == ["", "timed out: 60 s passed"]
    assert table["Time per call"].iloc[1] == "–"


def test_runs_say_their_state_first():
    """A run's start, state and counts come before everything else, with the names of its environments."""
    environments = pd.DataFrame({"run_id": [1, 1], "name": ["current", "latest"]})
    table = tables.runs(pd.DataFrame([a_run(measured=35, failed=1)]), environments)
    assert list(table.iloc[0])[:3] == ["2026-03-01 02:00 UTC", "has holes", "35 of 36 measured, 1 failed"]
    assert table["Environments"].iloc[0] == "current, latest"
    many = pd.DataFrame({"run_id": 1, "name": [f"jax==0.4.{patch}" for patch in range(30, 36)]})
    assert tables.runs(pd.DataFrame([a_run(measured=36)]), many)["Environments"].iloc[0] == "jax==0.4.30 and 5 more"


def test_holes_come_before_what_is_not_supported():
    """What a run lacks lists failures first; measured cases are not in it."""
    points = [
        a_point("numpy", 10),
        a_point("jax_jit", 10, status="unsupported", reason="needs jax"),
        a_point("jax_eager", 10, status="out_of_memory", reason="8 GiB"),
    ]
    table = tables.lacks(pd.DataFrame(points))
    assert list(table["Status"]) == ["out of memory", "unsupported"]
    assert list(table["Case"]) == ["n=10 float32"] * 2
    assert tables.lacks(pd.DataFrame()).empty


def a_release(release, **said):
    """One release of a frame of `dashboard.releases`."""
    ordinary = {"anchor": False, "ratio": 2.0, "ratio_low": 1.9, "ratio_high": 2.1, "import_seconds": 0.4, "lack": ""}
    sizes = {"installed_bytes": 5e8, "download_bytes": 1e8, "appeared": pd.Timestamp("2024-09-16", tz="UTC")}
    return a_point("jax_jit", 10, release=release, **{**ordinary, **sizes, **said})


def test_a_case_through_releases():
    """Release, time, ratio, first call, import, date; the variant where there are several, a reason where one is."""
    newest = a_release("0.10.2", anchor=True, ratio=1.0, appeared=pd.NaT)
    table = tables.releases(pd.DataFrame([a_release("0.4.33", disturbed="others"), newest]))
    assert list(table.columns) == [
        "Release",
        "Time per call",
        "Ratio to the newest",
        "First call",
        "Import",
        "Appeared",
    ]
    assert list(table.iloc[0]) == [
        "0.4.33",
        "1.0 ms [0.92, 1.1] ~",
        "2.0× [1.9, 2.1]",
        "50 ms",
        "400 ms",
        "2024-09-16",
    ]
    assert list(table.iloc[1])[2:] == ["anchor", "50 ms", "400 ms", "–"]
    lost = a_release("0.5.0", status="failed", seconds=float("nan"), lack="failed: it broke", ratio=float("nan"))
    several = tables.releases(pd.DataFrame([newest, {**lost, "variant": "jax_eager"}]))
    assert list(several["Variant"]) == ["compiled JAX", "eager JAX"]
    assert list(several["No number because"]) == ["", "failed: it broke"]


def test_releases_alone():
    """What does not depend on a computation."""
    table = tables.releases_alone(pd.DataFrame([a_release("0.4.33")]))
    assert list(table.iloc[0]) == ["0.4.33", "400 ms", "500 MB", "100 MB", "2024-09-16"]
