"""From a spec to a place: resolved once or anew, built once, proven, remembered."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from flows.environments import asking, kept
from flows.environments.asking import Asked, build, needed_by, rebuild
from flows.environments.interpreters import MissingInterpreter
from flows.environments.spec import EnvironmentSpecError, parse_spec
from flows.environments.uv import DiskFull, RegistryAway
from flows.home import Home, open_home
from workloads.plan import Place

pytestmark = pytest.mark.slow

AWAY = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_INDEX_URL": "http://127.0.0.1:9/simple"}


def asked(text, **said):
    return Asked(parse_spec(text), **said)


def numpy_in(place):
    """The version that the place's own interpreter imports."""
    code = "import numpy; print(numpy.__version__)"
    return subprocess.run([place.python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_place_says_what_it_is(home):
    """What was asked, what it came to with version and hash, and what its probe has to find."""
    place = build(asked("numpy==2.2.6"), open_home())
    assert (place.name, place.spec, place.builder, place.track) == ("numpy==2.2.6", "numpy==2.2.6", "uv", None)
    assert place.asked == {"numpy": "2.2.6", "python": platform.python_version()}
    (package,) = place.resolution
    assert (package["name"], package["version"], len(package["sha256"])) == ("numpy", "2.2.6", 64)
    assert package["uploaded"].startswith("2025-05-17")
    assert numpy_in(place) == "2.2.6"
    (one,) = kept.all_in(open_home().environments)
    assert one.spec == "numpy==2.2.6"
    assert one.size_bytes > 10e6
    assert one.packages == place.resolution


def test_it_is_built_once(home):
    """Two that ask at the same time get the same one; a build that was cut short is not used."""
    opened, said, places = open_home(), [], []
    ask = lambda: places.append(build(asked("numpy==2.2.6"), opened, said.append))  # noqa: E731
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert places[0] == places[1]
    assert said == ["building environment numpy==2.2.6"]
    next(home.glob(f"environments/*/{kept.MARKER}")).unlink()
    ask()
    assert len(said) == 2


def test_the_same_files_are_one_environment(home):
    """Whatever they were asked for as."""
    opened, said = open_home(), []
    places = [build(asked(text), opened, said.append) for text in ("numpy==2.2.6", "numpy>=2.2.6,<2.2.7")]
    assert places[0].python == places[1].python
    assert len(said) == 1
    assert [place.name for place in places] == ["numpy==2.2.6", "numpy==2.2.6"]
    assert places[1].spec == "numpy<2.2.7,>=2.2.6"


def test_a_day_in_the_past_resolves_as_it_did_then(home):
    """The newest of that day, of all packages; remembered for ever."""
    place = build(asked("numpy", as_of=date(2024, 8, 20)), open_home())
    assert (place.asked["numpy"], place.spec) == ("2.1.0", "numpy as of 2024-08-20")


def test_without_a_registry_what_is_known_still_runs(home, monkeypatch):
    """Exact versions silently, others with what they were the last time, which is said; anything new is an error."""
    opened = open_home()
    for text in ("numpy==2.2.6", "numpy>=2.2.6,<2.2.7"):
        build(asked(text), opened)
    for name, value in AWAY.items():
        monkeypatch.setenv(name, value)
    said: list[str] = []
    assert numpy_in(build(asked("numpy==2.2.6"), opened, said.append)) == "2.2.6"
    assert said == []
    assert numpy_in(build(asked("numpy>=2.2.6,<2.2.7"), opened, said.append)) == "2.2.6"
    assert said[-1].endswith("taking what it was the last time")
    with pytest.raises(RegistryAway, match=r"cannot resolve numpy==2\.1\.0"):
        build(asked("numpy==2.1.0"), opened)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("numpy==99.0", r"no version of numpy==99\.0"),
        ("numpy==1.26.4,jax==0.10.2", r"jax==0\.10\.2 depends on numpy>=2\.0"),
        ("numpy==1.14.0", r"numpy==1\.14\.0 has no usable wheels"),
        ("numpy==2.2.6,no-such-package-of-anybody==1", "no-such-package-of-anybody"),
    ],
)
def test_what_cannot_be_solved_says_which_constraint(home, spec, why):
    """On one line, without uv's own advice; nothing is left that could be taken for an environment."""
    with pytest.raises(EnvironmentSpecError, match=why) as raised:
        build(asked(spec), open_home())
    assert str(raised.value).startswith(f"cannot resolve {spec}")
    assert "hint" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert kept.all_in(open_home().environments) == []


def test_a_python_that_is_not_here_is_said(home):
    """With those that are."""
    with pytest.raises(MissingInterpreter, match=rf"no Python 3\.99.*{platform.python_version()}"):
        build(asked("numpy==2.2.6,python==3.99"), open_home())


def test_a_build_that_was_killed_is_never_used(home, tmp_path):
    """SIGKILL in its middle: the next one to ask builds it whole."""
    code = (
        "from flows.environments import *; from flows.home import open_home\n"
        "build(Asked(parse_spec('numpy==2.2.6,scipy==1.15.3')), open_home())"
    )
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    while not list(home.glob("environments/*/lib/*/site-packages/*")):
        assert process.poll() is None
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    opened, said = open_home(), []
    assert kept.all_in(opened.environments) == []
    place = build(asked("numpy==2.2.6,scipy==1.15.3"), opened, said.append)
    assert said == ["building environment numpy==2.2.6,scipy==1.15.3"]
    code = "import scipy.linalg; print(scipy.__version__)"
    assert subprocess.run([place.python, "-c", code], capture_output=True, text=True).stdout.strip() == "1.15.3"


def test_an_environment_whose_jax_cannot_be_imported_is_not_kept(home):
    """An old release with a new NumPy, which it does not forbid: its probe finds out. Packages of its day will do."""
    opened = open_home()
    with pytest.raises(EnvironmentSpecError, match=r"cannot build jax==0\.4\.18: jax cannot be imported.*--as-of"):
        build(asked("jax==0.4.18"), opened)
    assert kept.all_in(opened.environments) == []
    assert build(asked("jax==0.4.18", as_of=date(2023, 10, 8)), opened).asked["numpy"] == "1.26.0"


def test_an_environment_is_built_again_from_its_record_alone(home, monkeypatch):
    """After it was pruned, with nothing but what the plan says of it, and no resolver."""
    opened = open_home()
    place = build(asked("numpy>=2.2.6,<2.2.7"), opened)
    shutil.rmtree(opened.environments)
    opened.environments.mkdir()
    monkeypatch.setattr(asking, "resolve", None)
    rebuild(Place(**json.loads(json.dumps(vars(place)))), opened)
    assert numpy_in(place) == "2.2.6"
    assert needed_by([[place]]) == [Path(place.python).parent.parent]
    elsewhere = dataclasses.replace(place, python=place.python.replace(Path(place.python).parent.parent.name, "other"))
    with pytest.raises(EnvironmentSpecError, match=r"cannot be built as it was: Python 3\.\S+ has changed"):
        rebuild(elsewhere, opened)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MiB, where this user may make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("this user cannot mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_said_and_leaves_nothing(small_disk):
    """With what to do about it."""
    full = Home(small_disk)
    full.environments.mkdir()
    with pytest.raises(DiskFull, match=r"the disk is full .*crossover environments --prune"):
        build(asked("numpy==2.2.6"), full)
    assert kept.all_in(full.environments) == []
    assert not list(full.environments.glob("*/lib"))
