"""The page of trends on nights whose answer is known, without a browser."""

import shutil

import pytest

from tests.builders import a_measurement, a_trend, some_releases, stored
from tests.dashboard import nightly
from tests.dashboard.apps import choices, chosen, linked, said, text, words
from tests.dashboard.backfilled import FLAT, SPIKE, backfilled


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """A file with the nights of otter, and with some of owl's, which is twice as slow."""
    path = tmp_path_factory.mktemp("nights") / "crossover.db"
    nightly.nights(f"sqlite:///{path}", {"numpy": nightly.STEADY, "jax_jit": nightly.SLOWER}, machine="otter")
    nightly.nights(f"sqlite:///{path}", {"numpy": [one * 2 for one in nightly.STEADY[:6]]}, machine="owl")
    return path


@pytest.fixture
def known(nights, url, tmp_path):
    """A database of a test's own with those nights."""
    shutil.copy(nights, tmp_path / "crossover.db")
    return url


def test_the_page_answers_its_question(known):
    """Compiled JAX is slower, since an upgrade; NumPy is the same; a chart, and every night in the table."""
    app = linked("trends", machine="otter")
    told = said(app)
    assert "Compiled JAX: slower. In the last 6 nights it took 1.3" in told
    assert "begins with 2026-03-08, with JAX 0.9.2 → 0.10.0. That they came together is no proof." in told
    assert "No number in 1 of 14 nights (failed)." in told
    assert "NumPy: the same." in told
    assert "By release: `crossover backfill`" in told
    assert len(app.get("plotly_chart")) == 1
    table = app.dataframe[0].value
    assert len(table) == 28
    assert table["Night"].iloc[0] == "2026-03-14"
    assert "failed" in list(table["Time per call"])
    assert choices(app) == ["Workload", "Nights", "Measure", "Shown as", "Scale"]


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ({"shown": "ratio to NumPy"}, "Compiled JAX against NumPy: slower."),
        ({"shown": "ratio to the first night", "scale": "linear"}, "Compiled JAX: slower."),
        ({"shown": "ratio to a machine", "other": "owl"}, "NumPy against owl: the same."),
        ({"measure": "first call"}, "The first call of compiled JAX: the same."),
        ({"nights": "all"}, "Compiled JAX: slower."),
    ],
)
def test_a_link_restores_its_choices(known, link, told):
    """Each has its own answer."""
    app = linked("trends", machine="otter", **link)
    assert told in said(app)
    assert len(app.get("plotly_chart")) == 1


def test_what_was_never_recorded_is_said(known):
    """No process said how much memory it took: no chart."""
    app = linked("trends", machine="otter", measure="peak memory")
    assert "There is no peak memory in any of these nights" in app.info[0].value
    assert not app.get("plotly_chart")


def test_a_bad_link_is_ignored(known):
    """What does not exist is not chosen."""
    app = linked(
        "trends", machine="otter", workload="../../etc", track="<b>", measure="x", shown="1", scale="0", nights="-1"
    )
    assert chosen(app, "Measure").value == "steady call"
    assert "Compiled JAX: slower." in said(app)


def test_tracks_and_cases_are_choices_where_there_are_several(known):
    """`latest` first; a run by hand is in none, and is a point."""
    nightly.nights(known, {"numpy": [1e-2]}, machine="otter", track="first")
    stored(known, [a_measurement(seconds=5e-3), a_measurement(n=8)], machine="otter", started_at="2026-03-12T09:00:00Z")
    app = linked("trends", machine="otter")
    assert choices(app) == ["Workload", "Case", "Nights", "Track", "Measure", "Shown as", "Scale"]
    assert chosen(app, "Case").value == "n=1,024 float32"
    assert chosen(app, "Track").options == ["first", "latest", "no track"]
    assert chosen(app, "Track").value == "latest"
    chosen(app, "Track").set_value("no track").run()
    assert "Too few days for a verdict: 1 day has a number, and it takes 5." in said(app)
    assert "these are runs by hand" in text(app)
    assert len(app.get("plotly_chart")) == 1


def test_what_a_backfill_confirmed_is_said_and_linked(known):
    """It stepped in the same series, with a release of the same upgrade."""
    levels = {"0.9.2": 1.0, "0.10.0": 1.3}
    backfilled(known, a_trend(levels, spread=0.002), places=some_releases(list(levels)), machine="otter")
    nightly.analyse(known)
    app = linked("trends", machine="otter")
    assert "A backfill found it too, side by side: 1.3" in said(app)
    assert "(releases?machine=otter&workload=broadcast_sum&case=n%3D1%2C024%20float32)" in text(app)


def test_nothing_but_a_backfill_says_what_to_type(url):
    """Releases are no nights."""
    backfilled(url, a_trend(SPIKE), a_trend(FLAT, workload="sort"))
    app = linked("trends", workload="sort")
    assert "No night and no run by hand has measured sort here" in words(app.info[0].value)
    assert "crossover run --workload sort" in app.code[0].value
    assert not app.get("plotly_chart")


def test_a_machine_that_measured_nothing_says_what_to_type(url):
    """Its run was stopped before the first case."""
    stored(url, [])
    assert "crossover run" in linked("trends").code[0].value


def test_every_night_failed(url):
    """The page says so, and where the reasons are."""
    nightly.nights(url, {"numpy": [None] * 3})
    app = linked("trends")
    assert "There is no number in any night: failed." in words(app.info[0].value)
    assert list(app.dataframe[0].value["Time per call"]) == ["failed"] * 3
