"""A night in words."""

from __future__ import annotations

import re

import pytest

from flows import night_report
from storage import database, queries
from tests import builders


@pytest.fixture
def engine(tmp_path):
    """An empty database."""
    opened = database.open_database(f"sqlite:///{tmp_path / 'a.db'}")
    yield opened
    opened.dispose()


def a_night(engine, day, *, seconds=1e-3, jax="0.10.1", reason="", left_out=(), request="nightly"):
    """A night of otter in one track, whose compiled variant takes so long, or fails."""
    place = {**builders.an_environment("latest", jax=jax), "track": "latest"}
    said = {"environment": "latest"}
    failed = {"status": "failed", "reason": reason} if reason else {}
    compiled = builders.a_measurement("jax_jit", seconds=seconds, **said, **failed)
    lines = [builders.a_measurement("numpy", **said), compiled]
    url = engine.url.render_as_string(hide_password=False)
    started = f"2026-03-{day:02}T02:00:00.000Z"
    kind = {"machine": "otter", "suite": "nightly", "request": request}
    builders.stored(url, lines, environments=[place], started_at=started, left_out=left_out, **kind)
    with engine.connect() as connection:
        return night_report.of_run(connection, queries.runs(connection, machine="otter")[0].uuid)


def test_a_night_like_the_one_before_is_no_news(engine):
    """It is written down all the same, with how the libraries stand."""
    a_night(engine, 1)
    found = a_night(engine, 2)
    assert found.title == "otter, night of 2026-03-02"
    assert found.text.startswith("2 of 2 measured, whole. `crossover show ")
    assert "jax_jit against numpy: same in 1" in found.text or "jax_jit against numpy: unsure in 1" in found.text
    assert not found.is_news


def test_an_upgrade_is_news(engine):
    """From what to what."""
    a_night(engine, 1)
    found = a_night(engine, 2, jax="0.10.2")
    assert found.is_news
    assert "- upgraded: latest: jax 0.10.1 to 0.10.2" in found.text


def test_what_moved_is_written_down_and_no_news(engine):
    """One night is no proof."""
    a_night(engine, 1)
    found = a_night(engine, 2, seconds=2e-3)
    assert not found.is_news
    assert "1 series differ from the night before" in found.text
    assert "| broadcast_sum n=1,024 float32 | jax_jit | latest | 2x |" in found.text


def test_what_is_missing_is_news(engine):
    """A hole, and an environment that could not be had."""
    found = a_night(engine, 1, reason="it broke", left_out=["pre: no wheel"])
    assert found.is_news
    assert "lacks something" in found.text
    assert "broadcast_sum jax_jit at 1,024 (failed: it broke)" in found.text
    assert "- left out: pre: no wheel" in found.text


def test_an_old_night_is_compared_with_the_nights_before_it(engine):
    """Whatever was measured since; each has a file of its own, and one page in Prefect has them all."""
    a_night(engine, 1)
    second = a_night(engine, 2, seconds=2e-3, jax="0.10.2")
    a_night(engine, 3, seconds=8e-3, jax="0.10.3")
    with engine.connect() as connection:
        uuid = queries.runs(connection, machine="otter")[1].uuid
        assert night_report.of_run(connection, uuid) == second
    assert second.name == f"otter-2026-03-02-{uuid[-8:]}"
    assert second.key == "night-otter"


def test_what_was_measured_by_hand_is_compared_with_no_night(engine):
    """It is no night itself, and is called by its name."""
    a_night(engine, 1)
    found = a_night(engine, 2, seconds=2e-3, jax="0.10.2", request="")
    assert re.fullmatch(r"otter, run [0-9a-f]{8} of 2026-03-02", found.title)
    assert "upgraded" not in found.text
    assert found.key == "run-otter"
    assert "differ" not in found.text


def test_an_upgrade_is_told_though_the_night_between_lacked_the_track(engine):
    """The registry was away."""
    a_night(engine, 1)
    url = engine.url.render_as_string(hide_password=False)
    said = {"machine": "otter", "suite": "nightly", "request": "nightly", "started_at": "2026-03-02T02:00:00.000Z"}
    builders.stored(url, [builders.a_measurement("numpy")], **said)
    assert "- upgraded: latest: jax 0.10.1 to 0.10.2" in a_night(engine, 3, jax="0.10.2").text
