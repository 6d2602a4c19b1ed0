"""Which releases there are, and which of them are meant."""

from __future__ import annotations

from datetime import date

import pytest
from pypi_simple import DistributionPackage

from flows.environments.registry import Release, chosen, known_releases, listed, releases
from flows.environments.spec import EnvironmentSpecError
from flows.environments.uv import RegistryAway


def a_file(name, uploaded="2024-01-02T03:04:05Z", **said):
    """A file as the registry's JSON tells of it."""
    told = {"filename": name, "url": f"http://localhost/{name}", "hashes": {}, "upload-time": uploaded, **said}
    return DistributionPackage.from_json_data(told)


KNOWN = listed(
    [
        a_file(f"numpy-{version}-cp312-cp312-manylinux_2_17_x86_64.whl")
        for version in ("1.26.0", "1.26.4", "2.0.0", "2.0.2", "2.4.0", "2.4.10", "2.10.0", "0.9.0", "0.9.0.1")
    ]
)


def test_final_releases_with_wheels_are_listed():
    """Not: sources alone, what was withdrawn, what is no release yet. In the order of versions, not of text."""
    files = [
        a_file("numpy-2.10.0-cp312-cp312-win_amd64.whl"),
        a_file("numpy-2.9.0-cp312-cp312-win_amd64.whl", "2024-05-06T00:00:00Z"),
        a_file("numpy-2.9.0-cp313-cp313-win_amd64.whl", "2024-03-04T23:00:00Z"),
        a_file("numpy-1.0.tar.gz"),
        a_file("numpy-2.4.0-cp312-cp312-win_amd64.whl", yanked="broken"),
        a_file("numpy-2.5.0rc1-cp312-cp312-win_amd64.whl"),
        a_file("numpy-2.1.0-py3-none-any.whl", None),
        a_file("what is this"),
    ]
    assert [(str(one.version), one.appeared) for one in listed(files)] == [
        ("2.1.0", None),
        ("2.9.0", date(2024, 3, 4)),
        ("2.10.0", date(2024, 1, 2)),
    ]


def test_what_belongs_to_a_release_may_follow_it_by_hours():
    """Resolved as of the day after, all of it is there."""
    assert KNOWN[0].day_after == date(2024, 1, 3)
    assert Release(KNOWN[0].version, None).day_after is None


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("1.26..2.0", ["1.26.0", "1.26.4", "2.0.0", "2.0.2"]),
        ("2.0.1..2.4", ["2.0.2", "2.4.0", "2.4.10"]),
        ("2.4..", ["2.4.0", "2.4.10", "2.10.0"]),
        ("..1", ["0.9.0", "0.9.0.1", "1.26.0", "1.26.4"]),
        ("2.0", ["2.0.0", "2.0.2"]),
        ("0.9.0", ["0.9.0"]),
        ("2.4.10, 1.26.4", ["1.26.4", "2.4.10"]),
        ("2.0..2.4,2.0.2", ["2.0.0", "2.0.2", "2.4.0", "2.4.10"]),
    ],
)
def test_a_range_holds_its_ends(text, versions):
    """An end without its last numbers is all of it; none is there twice."""
    assert [str(one.version) for one in chosen("numpy", text, KNOWN)] == versions


def test_the_last_of_each_minor_release():
    """By version, not by text."""
    assert [str(one.version) for one in chosen("numpy", "1.26..", KNOWN, minor=True)] == [
        "1.26.4",
        "2.0.2",
        "2.4.10",
        "2.10.0",
    ]


@pytest.mark.parametrize("wrong", ["", "..", "x..y", "9..", "2.0-2.4", "2.4..2.0"])
def test_what_names_no_release_is_refused(wrong):
    """And says how it is written, or what there is."""
    with pytest.raises(EnvironmentSpecError, match=r"1\.26\.\.2\.4|The last ones are"):
        chosen("numpy", wrong, KNOWN)


@pytest.mark.slow
def test_the_registry_lists_releases():
    """The one that uv installs from, whichever that is here."""
    known = releases("jax")
    assert {"0.4.31", "0.4.33"} <= {str(one.version) for one in known}
    assert "0.4.32" not in {str(one.version) for one in known}  # withdrawn
    assert all(one.appeared for one in known)


def test_a_registry_that_is_away_is_said(monkeypatch):
    """Not taken for one without releases."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    with pytest.raises(RegistryAway, match="releases of jax"):
        releases("jax")


def test_without_a_registry_the_releases_are_those_of_the_last_time(tmp_path, monkeypatch):
    """That is said; and where there was no last time, it is an error."""
    said: list[str] = []
    folder = tmp_path / "releases"
    first = known_releases("pypi-simple", folder, said.append)
    assert first[0].appeared is not None
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    assert known_releases("pypi-simple", folder, said.append) == first
    assert len(said) == 1
    assert said[0].endswith("taking what there was the last time")
    with pytest.raises(RegistryAway):
        known_releases("numpy", folder, said.append)
