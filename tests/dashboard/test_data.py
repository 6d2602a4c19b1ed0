"""The frames, and the one cache they stand in."""

import math

import pytest

from dashboard import data
from storage import queries
from storage.database import StorageError
from tests.builders import a_measurement, an_environment, stored

NUMPY = [a_measurement("numpy", n, seconds=1e-3) for n in (10, 1000)]
JAX = [a_measurement("jax_jit", 10, seconds=2e-3), a_measurement("jax_jit", 1000, seconds=0.5e-3)]


def test_no_database_is_said_in_words(url):
    """Before the first run there is no database, and the message says what to type."""
    del url
    with pytest.raises(StorageError, match="crossover run"):
        data.version()


def test_every_measurement_has_a_verdict(url):
    """The verdict is that of the stored ratio with its interval; NumPy is what the others are compared with."""
    stored(url, [*NUMPY, *JAX])
    frame = data.scaling(data.version(), 1, "broadcast_sum")
    verdicts = {(row.variant, row.size): row.verdict for row in frame.itertuples()}
    assert verdicts == {
        ("numpy", 10): "reference",
        ("numpy", 1000): "reference",
        ("jax_jit", 10): "slower",
        ("jax_jit", 1000): "faster",
    }


def test_what_was_not_measured_has_no_verdict(url):
    """What failed is `failed`, a time without a NumPy to compare it with `not compared`, one process `unsure`.

    What was left out because a call would take too long is `too large`.
    """
    stored(
        url,
        [
            a_measurement("jax_jit", 1, status="failed", reason="it broke"),
            a_measurement("jax_jit", 2),
            a_measurement("numpy", 3, spread=None),
            a_measurement("jax_jit", 3, 1e-6, spread=None),
            a_measurement("jax_jit", 4, status="too_large", reason="a call would take about 9 s"),
        ],
        [],
    )
    frame = data.scaling(data.version(), 1, "broadcast_sum")
    assert list(frame["verdict"]) == ["failed", "not compared", "reference", "not compared", "too large"]
    assert math.isnan(frame["seconds"].iloc[0])


def test_cases_are_grouped_by_what_is_not_their_size(url):
    """Two dtypes are two groups; a further parameter stands in the group's name."""
    stored(
        url,
        [
            a_measurement(n=10),
            a_measurement(n=10, dtype="float64"),
            a_measurement(n=20, case={"n": 20, "features": 64, "dtype": "float32"}),
        ],
    )
    frame = data.scaling(data.version(), 1, "broadcast_sum")
    assert set(frame["group"]) == {"float32", "float64", "float32 features=64"}


def test_runs_and_workloads_belong_to_a_machine(url):
    """What another machine did is not shown as this one's."""
    stored(url, NUMPY, machine="vm")
    stored(url, [a_measurement(workload="other")], machine="box")
    version = data.version()
    assert data.machines(version) == ["box", "vm"]
    assert data.workloads(version, "vm") == ["broadcast_sum"]
    assert list(data.runs(version, "box")["machine"]) == ["box"]
    assert data.scaling(version, 1, "other").empty


def test_environments_without_jax_have_none(url):
    """An environment of a run that has no JAX is listed with what it has."""
    stored(url, NUMPY, environments=[an_environment("current"), an_environment("bare", jax=None)])
    version = data.version()
    frame = data.environments(version, tuple(data.runs(version, "vm")["id"]))
    assert list(frame["name"]) == ["current", "bare"]
    assert list(frame["jax"].isna()) == [False, True]


def test_new_results_make_a_new_version(url):
    """A late or resumed run changes the version too, so that nothing old is shown for longer than 15 seconds."""
    identity = "11111111-1111-4111-8111-111111111111"
    stored(url, NUMPY, run=identity, finished=False)
    stored(url, NUMPY)
    before = data.version()
    assert data.version() == before
    stored(url, NUMPY, run=identity, finished=True)
    data.source.version_of.clear()  # 15 seconds later
    assert data.version() != before


def test_a_run_that_goes_on_makes_a_new_version(url):
    """Each further measurement of an unfinished run is shown, not only its end."""
    identity = "11111111-1111-4111-8111-111111111111"
    stored(url, NUMPY[:1], run=identity, finished=False)
    before = data.version()
    stored(url, NUMPY, run=identity, finished=False)
    data.source.version_of.clear()  # 15 seconds later
    assert data.version() != before


def test_the_same_version_is_read_once(url, monkeypatch):
    """A page that is seen again asks the database for nothing but its version."""
    stored(url, NUMPY)
    version = data.version()
    first = data.scaling(version, 1, "broadcast_sum")
    monkeypatch.setattr(queries, "scaling", None)
    assert data.scaling(version, 1, "broadcast_sum").equals(first)
