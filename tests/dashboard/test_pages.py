"""Every page on results with a known answer, without a browser."""

import sqlite3
from contextlib import closing

import pytest
import streamlit as st

from dashboard import data
from flows.service import DASHBOARD
from storage.database import open_database
from tests.builders import a_measurement, an_environment, stored
from tests.dashboard.apps import choices, opened, started, text
from tests.dashboard.browsing import PAGES

FLIPS = [
    *(a_measurement("numpy", n, n * 1e-6) for n in (10, 100, 1000)),
    *(a_measurement("jax_jit", n, 4e-5) for n in (10, 100, 1000)),
]


def test_the_page_answers_its_question(url):
    """NumPy grows with n and JAX is flat: slower, then faster, with the sizes between which it flips."""
    stored(url, FLIPS)
    app = opened()
    assert "slower at n = 10, faster from n = 100 on" in text(app)
    assert "The lead changes hands between n = 10 and 100." in text(app)
    assert len(app.get("plotly_chart")) == 1
    assert len(app.dataframe[0].value) == 6


def test_how_old_the_nights_are_is_said_before_all_else(url, tmp_path, monkeypatch):
    """Numbers of a service that has stopped look like any others."""
    (tmp_path / "crossover.toml").write_text("[suites.nightly]\nworkloads = 'all'\n")
    monkeypatch.setenv("CROSSOVER_CONFIG", str(tmp_path / "crossover.toml"))
    stored(url, FLIPS, suite="quick")
    assert not opened().warning
    st.cache_data.clear()
    stored(url, FLIPS, suite="nightly", request="nightly", started_at="2026-03-04T02:00:00.000Z")
    app = opened()
    (warning,) = app.warning
    assert warning.value.startswith("vm is late: no night since ")
    assert "vm: the night of 2026-03-04, 6 of 6 measured, " in text(app)
    (tmp_path / "crossover.toml").write_text("nonsense")
    st.cache_data.clear()
    assert opened().warning[0].value.startswith("crossover.toml")


def test_a_workload_from_outside_is_drawn_like_any_other(url):
    """Under its file's name and its content, by a link too."""
    mine = {"workload": "mine@1a2b3c4d"}
    stored(url, [*FLIPS, *(a_measurement(variant, 10, **mine) for variant in ("numpy", "jax_jit"))])
    app = opened(workload="mine@1a2b3c4d")
    assert app.main.selectbox[0].value == "mine@1a2b3c4d"
    assert len(app.get("plotly_chart")) == 2  # its own, and that of all workloads
    assert len(app.dataframe[0].value) == 2


def test_a_question_is_the_caption_of_every_page(url):
    """The first thing below the title is the page's question."""
    stored(url, FLIPS)
    assert [opened(page).caption[0].value[-1] for page in PAGES] == ["?"] * len(PAGES)


def test_only_choices_that_there_are(url):
    """One environment and one dtype: no choice but the workload. Two of each: a choice of each."""
    stored(url, FLIPS)
    assert choices(opened()) == ["Workload"]
    both = [a_measurement(variant, dtype=dtype, environment=environment) for variant in ("numpy", "jax_jit")
            for dtype in ("float32", "float64") for environment in ("current", "latest")]  # fmt: skip
    stored(
        url, both, started_at="2026-03-02T02:00:00Z", environments=[an_environment(e) for e in ("current", "latest")]
    )
    data.source.version_of.clear()
    app = opened()
    assert choices(app) == ["Workload", "Run", "Environment", "Case"]
    assert len(app.dataframe[0].value) == 2


def test_the_page_opens_on_the_newest_run_that_has_a_curve(url):
    """A later run of one size neither hides the ladder nor is out of reach."""
    stored(url, FLIPS, started_at="2026-03-01T02:00:00Z")
    stored(url, [a_measurement()], started_at="2026-03-02T02:00:00Z")
    run = opened().main.selectbox[1]
    assert run.label == "Run"
    assert run.value.startswith("2026-03-01")
    assert [label[:10] for label in run.options] == ["2026-03-02", "2026-03-01"]


def test_a_link_restores_its_choices(url):
    """Machine and workload come out of the link."""
    stored(url, FLIPS)
    stored(url, [a_measurement(workload="other")], machine="a-box")
    app = opened(machine="vm", workload="broadcast_sum")
    assert app.sidebar.selectbox[0].value == "vm"
    assert app.main.selectbox[0].value == "broadcast_sum"
    assert "Measured on vm" in text(app)


@pytest.mark.parametrize("bad", ["../../etc/passwd", "999", "<script>alert(1)</script>"])
def test_a_bad_link_is_ignored(url, bad):
    """What does not exist is not chosen: the page opens with what there is."""
    stored(url, FLIPS)
    app = opened(machine=bad, workload=bad)
    assert app.main.selectbox[0].value == "broadcast_sum"


def test_nothing_measured_is_said(url):
    """Every time missing: the answer says why, no empty chart is drawn, the evidence still stands."""
    stored(url, [a_measurement("numpy", status="failed", reason="it broke"),
                 a_measurement("jax_jit", status="failed", reason="it broke too")])  # fmt: skip
    app = opened()
    assert "Compiled JAX was not measured:** it broke too" in text(app)
    assert not app.get("plotly_chart")
    assert len(app.dataframe[0].value) == 2


def test_runs_name_what_they_lack(url):
    """The newest run's state is told in words; the chosen run's holes are listed with their reasons."""
    stored(url, FLIPS, started_at="2026-02-28T02:00:00Z")
    stored(url, [*FLIPS, a_measurement("jax_eager", 10, status="failed", reason="it broke")], unreached=2)
    app = opened("runs")
    assert "The last run on vm has holes: 6 of 9 measured, 1 failed, 2 not reached." in text(app)
    assert list(app.dataframe[0].value["State"]) == ["has holes", "whole"]
    assert list(app.dataframe[1].value["Reason"]) == ["it broke"]
    older = app.main.selectbox[0].options[1]
    app.main.selectbox[0].set_value(older).run()
    assert "Nothing: 6 of 6 measured." in text(app)


def test_runs_name_what_was_left_out(url):
    """Whatever has no measurement at all is not in the table of holes."""
    stored(url, FLIPS, left_out=["latest: the registry has <no> wheel"])
    said = text(opened("runs"))
    assert "It finished whole: 6 of 6 measured." in said
    assert "Left out: latest: the registry has" in said


def test_no_database_and_an_empty_one_say_what_to_type(url):
    """Neither is a traceback: the frame tells how to get results."""
    app = started().run()
    assert "crossover run" in app.warning[0].value
    open_database(url).dispose()
    app = started().run()
    assert "crossover run" in app.info[0].value
    assert not app.exception


def test_a_newer_database_is_said(url, tmp_path):
    """A database of a newer Crossover is refused with the reason."""
    stored(url, FLIPS)
    with closing(sqlite3.connect(tmp_path / "crossover.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    app = started().run()
    assert "newer Crossover" in app.warning[0].value
    assert not app.exception


def test_pages_hold_no_sql_no_cache_and_no_chart_grammar():
    """A page is short and speaks only to the modules beside it."""
    for path in (DASHBOARD / "app_pages").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert len(source.splitlines()) < 60, path.name
        for foreign in ("storage", "sqlalchemy", "plotly.", "cache_", "SELECT"):
            assert foreign not in source, (path.name, foreign)
