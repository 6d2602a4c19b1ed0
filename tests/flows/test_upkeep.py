"""What was built here, and the pages on measured history."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from flows import core, environments, server, unfinished, upkeep
from flows.environments import kept
from flows.environments.asking import needed_by
from flows.home import open_home
from flows.settings import Settings, Suite
from storage import database, queries
from tests import builders
from workloads.plan import Place

SETTINGS = Settings(suites={"tiny": Suite(peaks=False, workloads={"broadcast_sum": [2]})})


@pytest.fixture
def built(home):
    """An environment that was used 40 days ago, and one of yesterday; nothing in them runs."""
    folder = open_home().environments
    for name, days in (("old", 40), ("new", 1)):
        (folder / name / "bin").mkdir(parents=True)
        (folder / name / "bin" / "python").write_bytes(b"x" * 2**20)
        with kept.locked(folder / name):
            kept.mark(folder / name, f"numpy=={name}", "3.12.1", [], build_seconds=1.0)
        moment = time.time() - days * kept.DAY_SECONDS
        os.utime(folder / name / kept.MARKER, (moment, moment))
    return folder


def test_what_was_built_is_listed(built, capsys):
    """With its size and its last use; and the Pythons that there are, this one among them."""
    assert upkeep.environments() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["numpy==new", "3.12.1", "1", "MiB", "used", "1", "days", "ago"]
    assert lines[1].split() == ["numpy==old", "3.12.1", "1", "MiB", "used", "40", "days", "ago"]
    assert lines[2] == "2 environments, 0.0 GiB"
    assert platform.python_version() in " ".join(lines[3:])


def test_the_list_is_there_for_machines(built, capsys):
    """Sizes in bytes; no path of this machine."""
    upkeep.environments(as_json=True)
    told = capsys.readouterr().out
    assert [one["key"] for one in json.loads(told)["environments"]] == ["new", "old"]
    assert str(built) not in told


def test_the_unused_are_pruned(built, capsys):
    """And what was removed is said."""
    upkeep.environments(prune=True)
    assert "removed 1 environments" in capsys.readouterr().err
    assert [one.key for one in kept.all_in(built)] == ["new"]


def test_an_unfinished_run_keeps_its_environments(built):
    """It could not go on without them."""
    place = Place("old", str(built / "old" / "bin" / "python"), builder="uv")
    assert needed_by([[place, environments.current()]]) == [built / "old"]
    unfinished.start_bundle(core.make_plan(core.Choice("tiny"), SETTINGS, [place]), open_home())
    upkeep.environments(prune=True, days=0)
    assert [one.key for one in kept.all_in(built)] == ["old"]


def test_what_was_asked_for_just_now_stays(built, capsys):
    """A run may be about to start there. A plan that cannot be read keeps nobody from tidying."""
    os.utime(built / "new" / kept.MARKER)
    (open_home().bundles / "x.plan.json").write_text("{")
    upkeep.environments(prune=True, days=0)
    assert [one.key for one in kept.all_in(built)] == ["new"]
    assert "x.jsonl cannot be resumed" in capsys.readouterr().err


def test_the_demo_has_a_database_of_its_own(home, tmp_path, monkeypatch):
    """Yours stays as it is, wherever it is; a second start loads nothing again."""
    yours = tmp_path / "yours.db"
    monkeypatch.setenv("CROSSOVER_DATABASE_URL", f"sqlite:///{yours}")
    bundle = builders.a_bundle(tmp_path / "a.jsonl")
    (tmp_path / "examples").mkdir()
    with open(bundle, "rb") as plain, gzip.open(tmp_path / "examples" / "a.jsonl.gz", "wb") as packed:
        shutil.copyfileobj(plain, packed)
    url = upkeep.demo_database(open_home(), tmp_path / "examples")
    engine = database.open_for_reading(url)
    with engine.connect() as connection:
        assert len(queries.runs(connection)) == 1
    engine.dispose()
    assert not yours.exists()
    (tmp_path / "examples" / "a.jsonl.gz").write_bytes(b"no bundle any more")
    os.utime(tmp_path / "examples" / "a.jsonl.gz", (0, 0))
    assert upkeep.demo_database(open_home(), tmp_path / "examples") == url


def test_a_demo_without_examples_is_said(home, tmp_path):
    """Not an empty page."""
    with pytest.raises(upkeep.NoExamples, match="no bundles"):
        upkeep.demo_database(open_home(), tmp_path)


@pytest.mark.slow
def test_the_demo_opens_on_what_ships(home):
    """The page answers, and Ctrl-C ends all of it."""
    port = server.free_port()
    health = f"http://127.0.0.1:{port}/_stcore/health"
    command = [Path(sys.executable).parent / "crossover", "demo", "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        for _ in range(600):
            assert process.poll() is None
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(health) as page,
            ):
                assert page.read() == b"ok"
                break
            time.sleep(0.2)
        else:
            pytest.fail("no page")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 0
    assert (home / "scratch" / "demo.loaded").exists()


@pytest.mark.slow
def test_the_history_that_ships_is_whole():
    """At least 14 JAX and 8 NumPy releases, over at least 12 workloads, and no run cut short."""
    from storage.schema import read_valid
    from workloads.bundle import Footer, Header, Measurement, Ratio

    ratios: dict[tuple[str, str, str], Ratio] = {}
    releases: dict[str, set[str]] = {"numpy": set(), "jax": set()}
    workloads: dict[str, set[str]] = {"numpy": set(), "jax": set()}
    history = upkeep.EXAMPLES / "history"
    for path in sorted(history.glob("*.jsonl.gz")):
        lines = read_valid(path)
        assert isinstance(lines[-1], Footer)
        assert isinstance(lines[0], Header)
        libraries = {one["name"]: one["measures"] for one in lines[0].environments}
        for line in lines:
            if isinstance(line, Measurement) and line.status == "measured":
                library = libraries[line.environment]
                releases[library].add(line.environment.partition(" ")[0])
                workloads[library].add(line.workload)
            if isinstance(line, Ratio):
                ratios[line.workload, line.environment, line.baseline_environment] = line
    for workload in ("scan_products", "table_lookups"):  # known: compiled loops got many times slower with 0.4.33
        assert ratios[workload, "jax==0.4.33", "jax==0.4.31"].low > 5
    assert len(releases["jax"]) >= 14
    assert len(releases["numpy"]) >= 8
    assert min(map(len, workloads.values())) >= 12
    assert sum(path.stat().st_size for path in history.iterdir()) < 8e6
