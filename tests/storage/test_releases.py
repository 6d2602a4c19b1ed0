"""What the pages and the command read of a backfill."""

import pytest

from storage import queries, releases
from tests.builders import a_measurement, a_trend, an_environment, some_releases, stored, together

LEVELS = {"0.4.30": 2.0, "0.4.31": 2.0, "0.4.33": 4.0, "0.5.0": None, "0.6.0": 1.0}


@pytest.fixture
def filled(engine):
    """A database with a backfill through both libraries, and a run that is none."""
    url = engine.url.render_as_string(hide_password=False)
    numpy = {"1.26.4": 1.5, "2.0.2": 1.0}
    places = [*some_releases(list(numpy), "numpy"), *some_releases(list(LEVELS), first_group=1)]
    stored(url, *together(a_trend(numpy, "numpy"), a_trend(LEVELS)), environments=places)
    stored(url, [a_measurement()], started_at="2026-04-01T02:00:00Z")
    with engine.connect() as connection:
        yield connection


def test_a_backfill_is_a_run_that_measures_releases(filled):
    """Others are none, however new."""
    found = releases.backfills(filled)
    assert [(row.machine, row.measured) for row in found] == [("vm", 8)]
    assert len(queries.runs(filled)) == 2


def test_each_release_has_its_ratio_to_the_anchor_of_its_group(filled):
    """Not to another group's, in which the machine was slower; the anchor itself has none, and stands there once."""
    rows = [row for row in releases.of_run(filled, releases.backfills(filled)[0].id) if row.measures == "jax"]
    assert [(row.jax, row.anchor, row.status, row.ratio) for row in rows] == [
        ("0.6.0", True, "measured", None),
        ("0.4.30", False, "measured", pytest.approx(2.0)),
        ("0.4.31", False, "measured", pytest.approx(2.0)),
        ("0.4.33", False, "measured", pytest.approx(4.0)),
        ("0.5.0", False, "failed", None),
    ]
    assert rows[3].ratio_low < 4.0 < rows[3].ratio_high


def test_each_release_has_its_ratio_to_the_one_before_it(filled):
    """Sampled side by side with it, in the later one's group; the oldest has none, nor has one after a failure."""
    rows = [row for row in releases.of_run(filled, releases.backfills(filled)[0].id) if row.measures == "jax"]
    assert [(row.jax, row.step_from, row.step_ratio) for row in rows] == [
        ("0.6.0", None, None),
        ("0.4.30", None, None),
        ("0.4.31", "jax==0.4.30", pytest.approx(1.0)),
        ("0.4.33", "jax==0.4.31", pytest.approx(2.0)),
        ("0.5.0", None, None),
    ]


def test_a_workload_alone_can_be_read(filled):
    """And nothing of one that was not measured."""
    run = releases.backfills(filled)[0].id
    assert len(releases.of_run(filled, run, workload="broadcast_sum")) == 7
    assert releases.of_run(filled, run, workload="other") == []


def test_environments_tell_what_is_known_of_releases(filled):
    """Versions, dates and sizes; the anchor is not repeated."""
    found = releases.environments(filled, releases.backfills(filled)[0].id)
    assert [row.environment for row in found if row.measures == "numpy"] == ["numpy==2.0.2", "numpy==1.26.4"]
    assert [row.jax for row in found if row.measures == "jax"] == ["0.6.0", "0.4.30", "0.4.31", "0.4.33", "0.5.0"]
    assert found[0].resolution[0]["uploaded"] == "2024-01-02T12:00:00Z"
    assert found[0].description["package_bytes"] == {"numpy": 102_000_000}
    assert found[0].import_seconds == {"numpy": 0.2}


def test_what_is_no_backfill_has_no_releases(engine):
    """Also where it has several environments."""
    url = engine.url.render_as_string(hide_password=False)
    lines = [a_measurement(environment=name) for name in ("A", "B")]
    stored(url, lines, environments=[an_environment("A"), an_environment("B", numpy="1.26.4")])
    with engine.connect() as connection:
        assert releases.backfills(connection) == []
        run = queries.runs(connection)[0].id
        assert (releases.of_run(connection, run), releases.environments(connection, run)) == ([], [])


def test_a_backfill_does_not_compare_the_libraries(filled):
    """Each is alone in its environments: the page that compares them passes such runs over."""
    (only,) = queries.runs_of_workload(filled, machine="vm", workload="broadcast_sum")
    assert only.id != releases.backfills(filled)[0].id
    assert queries.newest_workload(filled, machine="vm") == "broadcast_sum"
