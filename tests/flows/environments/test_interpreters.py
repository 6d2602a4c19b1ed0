"""The Pythons of this machine."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from flows.environments import interpreters
from flows.environments.interpreters import MissingInterpreter, examine, find, installed


def test_without_a_version_it_is_the_one_that_this_runs_in():
    """Not its virtual environment: one is built from what lies under it."""
    found = find()
    assert found.version == platform.python_version()
    assert find(platform.python_version()) == find(".".join(platform.python_version_tuple()[:2])) == found
    code = "import sys; print(sys.prefix == sys.base_prefix)"
    assert subprocess.run([found.path, "-I", "-c", code], capture_output=True, text=True).stdout.strip() == "True"


def test_how_it_was_built_is_a_part_of_its_identity():
    """Two builds of one version differ in speed: an environment of one is none of the other."""
    identity = examine(sys.executable).identity
    assert platform.python_compiler() in identity["build"]
    assert set(identity) == {"path", "version", "build", "platform"}


def test_every_python_that_is_found_says_its_version():
    """The newest first; each at a path of its own that starts."""
    found = installed()
    assert found
    versions = [tuple(map(int, version.split("."))) for version, _ in found]
    assert versions == sorted(versions, reverse=True)
    for version, path in found[:2]:
        assert examine(path).version == version


def test_a_version_is_a_prefix_of_whole_numbers(monkeypatch):
    """3.1 is not 3.13; of several the newest."""
    monkeypatch.setattr(interpreters, "installed", lambda: [("3.99.2", sys.executable), ("3.99.1", "/nowhere")])
    assert find("3.99").path
    with pytest.raises(MissingInterpreter, match=r"no Python 3\.9\. Found here: 3\.99\.2, 3\.99\.1"):
        find("3.9")


def test_a_python_that_does_not_start_is_none(tmp_path):
    """Its last words are said."""
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho as planted >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(MissingInterpreter, match="does not start: as planted"):
        examine(str(broken))
