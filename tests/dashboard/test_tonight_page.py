"""The first page on nights with a known answer, without a browser."""

from datetime import UTC, datetime, timedelta

import pytest
import streamlit as st

from dashboard import data
from flows.deriving import reanalyse
from storage import derived
from storage.database import open_database
from storage.nights import of_machine
from storage.trends import series
from tests.builders import a_measurement, an_environment, stored
from tests.dashboard.apps import choices, opened, text, unescaped
from tests.dashboard.backfilled import TRENDS, backfilled

NIGHTS = "[suites.nightly]\nworkloads = 'all'\n[tracks.latest]\nspec = 'numpy,jax'\n"


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    (tmp_path / "crossover.toml").write_text(NIGHTS)
    monkeypatch.setenv("CROSSOVER_CONFIG", str(tmp_path / "crossover.toml"))
    return tmp_path / "crossover.toml"


def a_night(url, machine, hours, *, factor=0.5, jax="0.10.2", request="nightly", sort=True, **said):
    """So many hours ago: sort and total in one track, where compiled JAX takes `factor` of NumPy's time, eager 4."""
    factors = {"numpy": 1, "jax_jit": factor, "jax_eager": 4}
    lines = [
        a_measurement(variant, n=n, seconds=n * 1e-6 * share, workload=workload, environment="latest")
        for workload in (("sort", "total") if sort else ("total",))
        for n in (1000, 2000)
        for variant, share in factors.items()
    ]
    lines += said.pop("more", [])
    track = {"track": "latest"} if request else {}
    started = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    place = {**an_environment("latest", jax=jax), **track}
    suite = {"machine": machine, "suite": "nightly" if request else "quick", "request": request}
    stored(url, lines, environments=[place], started_at=started, **suite, **said)
    reanalyse(url, lambda line: None)


def test_a_late_machine_is_told_and_the_others_too(url):
    """In the first sentence, and above it, on every page."""
    a_night(url, "otter", 1)
    a_night(url, "owl", 1)
    a_night(url, "heron", 100)
    app = opened("tonight")
    assert "**Last night ran on 2 of 3 machines**; heron is late: no night since " in text(app)
    assert "It measured all that was planned on each." in text(app)
    for page in ("tonight", "runs"):
        (warning,) = opened(page).warning
        assert unescaped(warning.value).startswith("heron is late: no night since ")
    table = app.dataframe[0].value
    assert dict(zip(table["Machine"], table["State"], strict=True)) == {
        "otter": "whole",
        "owl": "whole",
        "heron": "late",
    }


def test_one_machine_on_which_it_ran(url):
    """Its name, and that all is there."""
    a_night(url, "otter", 1)
    app = opened("tonight")
    assert "**Last night ran on otter**. It measured all that was planned." in text(app)
    assert "**Nothing is known to have changed:** there is no night before to compare with yet." in text(app)
    assert not app.warning


def test_many_late_machines_are_a_list(url):
    """Each with its reason once, as far as a page has room for them."""
    for number in range(8):
        a_night(url, f"m{number}", 100, sort=False)
    app = opened("tonight")
    assert "**Last night ran on none of 8 machines**; late: m0, m1, m2, m3, m4, m5, m6, m7." in text(app)
    assert "**What changed is not known:** last night ran nowhere." in text(app)
    lines = app.warning[0].value.splitlines()
    assert len(lines) == 7
    assert lines[-1] == "- and 2 more: *Tonight* lists them all"


def test_what_a_night_lacks_is_told(url):
    """Holes with their counts, one that goes on, and what its plan left out."""
    hole = a_measurement("numpy", workload="hole", environment="latest", status="failed", reason="it broke")
    a_night(url, "otter", 1, more=[hole], left_out=["pre: no wheel"])
    a_night(url, "owl", 1, finished=False)
    app = opened("tonight")
    assert "On otter it has holes: 12 of 13 measured, 1 failed." in text(app)
    assert "On owl it is still running: 12 of 12 measured." in text(app)
    assert "lacking: pre: no wheel" in set(app.dataframe[0].value["What is wrong"])


def test_what_moved_is_unconfirmed_and_what_was_upgraded_is_named(url):
    """Only what lies beyond both intervals, and nothing of a machine whose last night did not come."""
    a_night(url, "otter", 25, jax="0.10.1")
    a_night(url, "otter", 1, factor=0.6)
    a_night(url, "heron", 125)
    a_night(url, "heron", 100, factor=0.9)
    app = opened("tonight")
    assert "**Nothing is known to have changed from night to night in the last 30 days.**" in text(app)
    assert "Upgraded since the night before: on otter, latest: jax 0.10.1 to 0.10.2" in text(app)
    assert "4 of 12 times on otter moved by more than both intervals. That is unconfirmed" in text(app)
    assert "slower" not in text(app).partition("unconfirmed")[0]
    moved = app.dataframe[1].value
    assert list(moved["Moved"]) == ["1.2×"] * 4
    assert set(moved["Machine"]) == {"otter"}
    assert set(moved["Case"]) == {"n=1,000 float32", "n=2,000 float32"}


def test_a_known_change_is_told_first(url):
    """With its interval, and what it came with; older ones are no news."""
    change = {"place": 0, "before_place": 0, "ratio": 1.5, "low": 1.4, "high": 1.6}
    for hours in (1, 31 * 24 + 2):
        a_night(url, "otter", hours)
    engine = open_database(url)
    with engine.begin() as connection:
        sort = series(connection, machine="otter", workload="sort")[0]
        for run in of_machine(connection, machine="otter"):
            derived.replace(connection, run.id, "changes", 1, [{"series_id": sort.id, **change}], datetime.now(UTC), 12)
    engine.dispose()
    told = text(opened("tonight"))
    assert "**1 change is known in the last 30 days:** sort, n=1,000 float32, " in told
    assert "takes 1.5× [1.4, 1.6] the time with latest that it took with latest" in told
    assert "Nothing is known" not in told


def test_nothing_moved(url):
    """Two equal nights."""
    a_night(url, "otter", 25)
    a_night(url, "otter", 1)
    app = opened("tonight")
    assert "No time moved by more than its intervals since the night before." in text(app)
    assert [part.label for part in app.expander] == ["The nights of every machine", "The scores behind this chart"]


def test_how_the_libraries_stand(url):
    """One figure per variant, with verdicts, and a row per workload."""
    a_night(url, "otter", 1)
    app = opened("tonight")
    assert (
        "**On otter compiled JAX takes 0.50× the time of NumPy** over 2 workloads (geometric mean): faster in 4 of 4 "
        "cases, slower in 0. Eager JAX takes 4.0×: faster in 0 of 4 cases, slower in 4."
    ) in text(app)
    assert choices(app) == []
    assert len(app.get("plotly_chart")) == 1
    scores = app.dataframe[1].value
    assert list(scores["Workload"]) == ["sort", "sort", "total", "total"]
    assert list(scores["Time over NumPy's"]) == ["0.50×", "4.0×"] * 2
    assert "crossover run --like " in app.code[0].value


def test_several_machines_are_chosen_from(url):
    """A link restores the machine whose workloads are shown; a bad one is ignored."""
    a_night(url, "otter", 1)
    a_night(url, "owl", 1, factor=0.25)
    app = opened("tonight")
    assert choices(app) == ["Show"]
    assert list(app.dataframe[1].value["Machine"]) == ["otter", "otter", "owl", "owl"]
    assert "- **On owl compiled JAX takes 0.25× the time of NumPy** over 2 workloads: faster in 4" in text(app)
    assert not app.code
    st.cache_data.clear()
    app = opened("tonight", standing="owl")
    assert list(app.dataframe[1].value["Workload"]) == ["sort", "sort", "total", "total"]
    assert opened("tonight", standing="../etc").main.selectbox[0].value == "all machines"


def test_a_later_run_by_hand_does_not_hide_the_night(url):
    """Where a machine has nights, how things stand is theirs."""
    a_night(url, "otter", 2, factor=0.25)
    a_night(url, "otter", 1, factor=0.9, request="", sort=False)
    a_night(url, "lap", 1, factor=0.7, request="")
    app = opened("tonight")
    assert "On otter compiled JAX takes 0.25×" in text(app)
    assert "On lap compiled JAX takes 0.70×" in text(app)
    assert "Without nights, measured by hand: lap." in text(app)


def test_without_nights_there_is_no_alarm(url):
    """How to have them is told, and how things stand from the newest run."""
    a_night(url, "lap", 500, request="")
    app = opened("tonight")
    assert not app.warning
    assert "**There are no nights yet:**" in text(app)
    assert "`crossover up`" in text(app)
    assert "On lap compiled JAX takes 0.50×" in text(app)
    assert "changed" not in text(app).replace("what changed, and how", "")
    assert "Measured on lap by hand (suite quick)" in text(app)


def test_nothing_that_compares_is_said(url):
    """NumPy alone: what to type, and no empty chart."""
    stored(url, [a_measurement("numpy")])
    app = opened("tonight")
    assert "`crossover run`" in app.info[0].value
    assert not app.get("plotly_chart")


def test_steps_of_releases_are_no_changes_of_nights(url):
    """They are counted, with a link to their page."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    backfilled(url, *TRENDS[1:], machine="a b", started_at=now)
    reanalyse(url, lambda line: None)
    app = opened("tonight")
    assert "found 3 steps between one release and the next: [Releases](releases?machine=a%20b)" in text(app)
    assert "known to have changed" not in text(app)


def test_settings_that_cannot_be_read_are_said_once(url, settings):
    """Nothing is claimed of the nights then; all else stands."""
    a_night(url, "otter", 1)
    settings.write_text("nonsense")
    st.cache_data.clear()
    app = opened("tonight")
    assert app.warning[0].value.startswith("crossover.toml")
    assert "**Nothing is known of the nights:**" in text(app)
    assert "On otter compiled JAX takes 0.50×" in text(app)
    assert data.nights(data.version()).problem
