"""Tracks of crossover.toml: what they ask for tonight, and what becomes of one that cannot be had."""

from datetime import date

import pytest

from flows import core, environments
from flows.home import open_home
from flows.settings import Settings, SettingsError, Suite, Track, read_settings

SETTINGS = Settings(suites={"tiny": Suite(peaks=False, workloads={"broadcast_sum": [2]})})
DAY = date(2024, 8, 20)

TRACKED = Settings(
    suites=SETTINGS.suites,
    tracks={
        "old": Track(spec="numpy==2.2.6"),
        "gone": Track(spec="numpy==99.0"),
        "day": Track(spec="numpy", as_of=DAY),
    },
)


def test_a_track_asks_for_what_it_means_tonight():
    """Under its own name; as of its own day, unless another is asked for; after the environments."""
    choice = core.Choice("tiny", environments=("numpy==2.3.0",), tracks=("old", "day"))
    first, old, day = core.check(choice, TRACKED)
    assert (first.track, first.text) == (None, "numpy==2.3.0")
    assert (old.name, old.track, old.text) == ("old", "old", "numpy==2.2.6")
    assert day.text == "numpy as of 2024-08-20"
    other = core.check(core.Choice("tiny", tracks=("day",), as_of=date(2025, 1, 1)), TRACKED)
    assert other[0].text == "numpy as of 2025-01-01"
    with pytest.raises(SettingsError, match=r"no track .new.\. Known: old, gone, day"):
        core.check(core.Choice("tiny", tracks=("new",)), TRACKED)


def test_a_track_gets_what_the_accelerator_of_a_machine_needs(monkeypatch):
    """All machines share the tracks; what is asked for by spec stays as it is written."""
    monkeypatch.setenv(core.EXTRA, "cuda13")
    settings = Settings(
        suites=SETTINGS.suites, tracks={"both": Track(spec="numpy,jax==0.9.2"), "one": Track(spec="numpy")}
    )
    choice = core.Choice("tiny", environments=("numpy,jax",), tracks=("both", "one"))
    assert [one.text for one in core.check(choice, settings)] == ["numpy,jax", "numpy,jax[cuda13]==0.9.2", "numpy"]


@pytest.mark.slow
def test_a_track_waits_for_the_registry(home, monkeypatch):
    """At night nobody is there to try again; what is asked for by hand fails at once."""
    said: list[str] = []

    def say(line):
        said.append(line)
        if "trying again" in line:
            monkeypatch.delenv("UV_DEFAULT_INDEX")

    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    with pytest.raises(environments.RegistryAway):
        core.build_places(core.check(core.Choice("tiny", environments=("numpy==2.2.6",)), TRACKED), open_home(), say)
    assert said == []
    (place,), left_out = core.build_places(core.check(core.Choice("tiny", tracks=("old",)), TRACKED), open_home(), say)
    assert (place.name, left_out) == ("old", [])
    assert said[0].startswith("old is not built yet: ")


def test_a_full_disk_is_no_track_left_out(home, monkeypatch):
    """None of the others could be built either."""

    def build(*_):
        raise environments.DiskFull("no room")

    monkeypatch.setattr(core.environments, "build", build)
    with pytest.raises(environments.DiskFull):
        core.build_places(core.check(core.Choice("tiny", tracks=("old", "day")), TRACKED), open_home(), print)


def test_a_builder_is_chosen_for_a_track_or_for_all_that_is_built(tiny):
    """What is said on the command line counts more; said alone, it would mean the environment that nobody has built."""
    tiny.write_text(tiny.read_text() + '[tracks.caged]\nspec = "numpy"\nbuilder = "docker"\n')
    for said, meant in ((None, "docker"), ("uv", "uv")):
        (track,) = core.check(core.Choice("tiny", tracks=("caged",), builder=said), read_settings())
        assert track.builder == meant
    with pytest.raises(environments.EnvironmentSpecError, match="name environments or tracks"):
        core.check(core.Choice("tiny", builder="docker"), read_settings())


@pytest.mark.slow
def test_what_cannot_be_had_is_left_out_where_something_is_left(home):
    """A Python that is not here, a track that cannot be resolved tonight: said once. A wrong spec ends it all."""
    said: list[str] = []
    choice = core.Choice("tiny", environments=("numpy==2.2.6", "numpy==2.2.6,python==3.99"), tracks=("gone", "old"))
    places, left_out = core.build_places(core.check(choice, TRACKED), open_home(), said.append)
    assert [place.name for place in places] == ["numpy==2.2.6", "old"]
    assert [text.partition(":")[0] for text in left_out] == ["unsupported", "gone"]
    assert left_out[0].startswith("unsupported: numpy==2.2.6,python==3.99: ")
    assert [text for text in said if text.startswith("left out: ")] == [f"left out: {text}" for text in left_out]
    plan = core.make_plan(choice, TRACKED, places, left_out=left_out)
    assert plan.left_out == left_out
    for wrong in (
        core.Choice("tiny", tracks=("gone",)),
        core.Choice("tiny", environments=("numpy==2.2.6", "numpy==99")),
    ):
        with pytest.raises(environments.EnvironmentSpecError, match="no version of numpy==99"):
            core.build_places(core.check(wrong, TRACKED), open_home(), said.append)
