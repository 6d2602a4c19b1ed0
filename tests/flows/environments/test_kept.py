"""The folder of built environments: what is there, what is used, what goes."""

from __future__ import annotations

import fcntl
import os
import time

import pytest

from flows.environments import kept

DAY = kept.DAY_SECONDS


@pytest.fixture
def built(tmp_path):
    """Builds an environment of `size` bytes that was used `days` ago; nothing in it runs."""

    def build(name, *, days=0.0, size=1000):
        folder = tmp_path / name
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").write_bytes(b"x" * size)
        with kept.locked(folder):
            kept.mark(folder, f"spec of {name}", "3.12.1", [{"name": "numpy"}], build_seconds=1.5)
        moment = time.time() - days * DAY
        os.utime(folder / kept.MARKER, (moment, moment))
        return folder

    return build


def test_what_was_built_is_listed_with_its_size(tmp_path, built):
    """The last used first; a build without its marker is not there."""
    built("old", days=3)
    new = built("new")
    (tmp_path / "half" / "bin").mkdir(parents=True)
    found = kept.all_in(tmp_path)
    assert [(one.key, one.spec, one.python, one.size_bytes) for one in found] == [
        ("new", "spec of new", "3.12.1", 1000),
        ("old", "spec of old", "3.12.1", 1000),
    ]
    assert kept.is_built(new)
    assert not kept.is_built(tmp_path / "half")


def test_an_environment_without_its_interpreter_is_not_built(built):
    """Whoever removed that Python meant it."""
    folder = built("orphan")
    (folder / "bin" / "python").unlink()
    assert not kept.is_built(folder)


def test_the_unused_go_by_age(tmp_path, built):
    """Not those that an unfinished run needs."""
    built("old", days=31)
    needed = built("needed", days=31)
    built("new", days=29)
    removed = kept.prune(tmp_path, days=30, most_bytes=1e9, needed=[needed])
    assert [one.key for one in removed] == ["old"]
    assert {one.key for one in kept.all_in(tmp_path)} == {"needed", "new"}
    assert not (tmp_path / "old").exists()


def test_the_longest_unused_go_by_size(tmp_path, built):
    """Until the rest fits."""
    for days in (1, 2, 3):
        built(f"used {days} days ago", days=days)
    kept.prune(tmp_path, days=30, most_bytes=2500)
    assert [one.key for one in kept.all_in(tmp_path)] == ["used 1 days ago", "used 2 days ago"]


def test_a_large_one_that_was_used_outlives_small_ones_that_were_not(tmp_path, built):
    """Age decides, not size."""
    built("large", days=0, size=6000)
    for days in (10, 20):
        built(f"small {days}", days=days)
    removed = kept.prune(tmp_path, days=30, most_bytes=7000)
    assert [one.key for one in removed] == ["small 20"]


def test_use_makes_young(tmp_path, built):
    """An environment that a run asked for yesterday is not old, whenever it was built."""
    kept.use(built("old", days=31))
    assert kept.prune(tmp_path, days=30, most_bytes=1e9) == []


def test_what_a_killed_build_left_goes_and_what_is_being_built_stays(tmp_path):
    """The lock tells them apart."""
    for name in ("killed", "building"):
        (tmp_path / name).mkdir()
        (tmp_path / f"{name}.lock").touch()
    with open(tmp_path / "building.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept.prune(tmp_path, days=30, most_bytes=1e9)
    assert not (tmp_path / "killed").exists()
    assert (tmp_path / "building").exists()
