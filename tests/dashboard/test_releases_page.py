"""The page of releases on a backfill whose steps are known, without a browser."""

import pytest

from dashboard import data
from tests.builders import a_measurement, a_trend, some_releases, stored
from tests.dashboard.apps import choices, chosen, linked, opened, said, words
from tests.dashboard.backfilled import BOTH, FLAT, SPIKE, TRENDS, backfilled


def test_the_page_opens_on_the_largest_step(url):
    """Answer, chart, evidence, and below what each release changed."""
    backfilled(url, *TRENDS, places=BOTH)
    app = opened("releases")
    assert choices(app) == ["Releases of", "Measure", "Workload", "Shown as"]
    assert chosen(app, "Workload").value == "scan_products"
    told = said(app)
    assert "compiled JAX: 16.0× slower with 0.4.33 [15.7, 16.3] (was 0.4.31), 5.0× faster with 0.4.34" in told
    assert "JAX 0.4.33: slower in 1 of 3 cases, at worst 16.0× (scan_products); faster in 0." in told
    assert len(app.get("plotly_chart")) == 1
    assert list(app.dataframe[0].value["Release"]) == list(SPIKE)
    assert list(app.dataframe[0].value["Ratio to the newest"])[-1] == "anchor"
    assert [words(cell)[:6] for cell in app.table[0].value["Release"]] == ["0.10.2", "0.4.34", "0.4.33"]


def test_the_other_library_is_a_choice(url):
    """With its own workloads and its own answer."""
    backfilled(url, *TRENDS, places=BOTH)
    app = opened("releases")
    chosen(app, "Releases of").set_value("NumPy").run()
    assert "sort, n=1,024 float32, NumPy: 1.50× faster with 2.0.2" in said(app)
    assert list(app.dataframe[0].value["Release"]) == ["1.26.4", "2.0.2"]


def test_a_workload_with_several_cases_offers_them(url):
    """The smallest first."""
    backfilled(url, *TRENDS, places=BOTH)
    app = linked("releases", workload="sort", library="JAX")
    assert choices(app) == ["Releases of", "Measure", "Workload", "Case", "Shown as"]
    assert chosen(app, "Case").options == ["n=64 float32", "n=1,024 float64"]
    assert "no step above 10 % in 5 releases" in said(app)
    chosen(app, "Case").set_value("n=1,024 float64").run()
    assert "sort, n=1,024 float64, compiled JAX" in said(app)
    assert "sort, n=64" not in said(app)
    assert list(app.dataframe[0].value["Release"]) == list(SPIKE)


@pytest.mark.parametrize(
    ("measure", "asked", "told"),
    [
        ("first call", ["Measure", "Workload"], "The first call of compiled JAX took 50 ms with 0.4.30"),
        ("import time", ["Measure"], "Importing JAX took 100 ms with 0.4.30 and 500 ms with 0.10.2"),
        ("install size", ["Measure"], "JAX and what it needs took 101 MB with 0.4.30 and 105 MB with 0.10.2"),
    ],
)
def test_other_measures_ask_for_what_they_depend_on(url, measure, asked, told):
    """A release alone has no workload to choose; steps are of calls only."""
    backfilled(url, a_trend(SPIKE), a_trend(FLAT, workload="sort"))
    app = linked("releases", measure=measure)
    assert choices(app) == asked
    assert told in said(app)
    assert len(app.get("plotly_chart")) == 1
    assert not app.table


def test_the_newest_backfill_is_shown_and_others_can_be(url):
    """A run that is no backfill is not offered."""
    backfilled(url, a_trend(SPIKE), started_at="2026-03-01T02:00:00Z")
    backfilled(url, a_trend(FLAT), started_at="2026-03-02T02:00:00Z")
    stored(url, [a_measurement()], started_at="2026-03-03T02:00:00Z")
    app = opened("releases")
    assert [label[:10] for label in chosen(app, "Run").options] == ["2026-03-02", "2026-03-01"]
    assert "no step above" in said(app)
    chosen(app, "Run").set_value(chosen(app, "Run").options[1]).run()
    assert "16.0× slower" in said(app)


def test_without_a_backfill_the_page_says_what_to_type(url):
    """And that another machine has one."""
    stored(url, [a_measurement()])
    app = opened("releases")
    assert "crossover backfill" in app.info[0].value
    assert "There is one" not in app.info[0].value
    backfilled(url, a_trend(SPIKE), machine="zoo")
    data.source.version_of.clear()
    assert "There is one of zoo" in opened("releases").info[0].value
    assert "16.0× slower" in said(linked("releases", machine="zoo"))


def test_a_backfill_that_measured_nothing_is_not_offered(url):
    """It was stopped before its first case, or everything failed: the page says what it says without one."""
    backfilled(url, ([], []), started_at="2026-03-02T02:00:00Z")
    assert "There is one" not in opened("releases").info[0].value
    backfilled(url, a_trend(SPIKE), started_at="2026-03-01T02:00:00Z")
    data.source.version_of.clear()
    app = opened("releases")
    assert choices(app) == ["Measure", "Shown as"]
    assert "16.0× slower" in said(app)


def test_no_number_at_all_is_no_chart(url):
    """The anchor failed: every release says why it is not shown."""
    lines, _ = a_trend(FLAT)
    lines[0] = a_measurement("jax_jit", environment=lines[0].environment, status="failed", reason="it broke")
    lines[-2] = a_measurement("jax_jit", environment=lines[-2].environment, status="failed", reason="it broke")
    backfilled(url, (lines, []))
    app = opened("releases")
    assert "compiled JAX: nothing to compare it with: the anchor has no number" in said(app)
    assert not app.get("plotly_chart")
    assert set(app.dataframe[0].value["No number because"]) == {
        "failed: it broke",
        "nothing to compare it with: the anchor has no number",
    }


def test_one_release_is_no_trend(url):
    """Which is no reason to fail."""
    backfilled(url, a_trend({"0.10.2": 1.0}), places=some_releases(["0.10.2"]))
    assert "a number with 0.10.2 only" in said(opened("releases"))


def test_a_bad_link_is_ignored(url):
    """What does not exist is not chosen."""
    backfilled(url, *TRENDS, places=BOTH)
    app = linked("releases", workload="../../etc", library="SciPy", measure="<b>", case="x", releases_run="1")
    assert chosen(app, "Workload").value == "scan_products"
    assert chosen(app, "Measure").value == "steady call"
