"""A bundle from outside is not trusted: what does not fit is named by line, before anything is stored."""

import json

import pytest

from storage.schema import read_valid
from tests import builders
from workloads.bundle import BundleError

PAIR = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit", seconds=5e-4)]


@pytest.fixture
def documents(tmp_path):
    """The lines of a valid bundle: header, two measurements, a ratio, the footer."""
    path = builders.a_bundle(tmp_path / "a.jsonl", measurements=PAIR, ratios=builders.ratios_to_numpy(PAIR))
    return [json.loads(line) for line in path.read_text().splitlines()]


def read(tmp_path, documents):
    path = tmp_path / "changed.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in documents))
    return read_valid(path)


def test_a_valid_bundle_is_read(tmp_path, documents):
    """The bundle that the tests below damage is whole."""
    assert len(read(tmp_path, documents)) == 5


def setting(line, *path, to):
    def change(documents):
        place = documents[line]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


def dropping(line, name):
    return lambda documents: documents[line].pop(name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (setting(0, "run", to="not-a-uuid"), "line 1"),
        (setting(0, "started_at", to="2026-01-01T00:00:00"), "without a zone"),
        (setting(0, "machine", "name", to=""), "machine.name"),
        (setting(0, "machine", "name", to=7), "machine.name"),
        (setting(0, "plan", to={}), "line 1: KeyError"),
        (setting(0, "environments", to=[]), "environments need names"),
        (setting(0, "surprise", to=1), "line 1: surprise"),
        (dropping(1, "variant"), "line 2: variant"),
        (setting(1, "seconds", to="1e-3"), "line 2: seconds"),
        (setting(1, "seconds", to=-1.0), "not a number of seconds"),
        (setting(1, "seconds", to=None), "if and only if"),
        (setting(1, "seconds", to=1e300), "not a number of seconds"),
        (setting(1, "peak", to=1), "line 2: peak"),
        (setting(1, "status", to="fine"), "status 'fine'"),
        (setting(1, "environment", to="elsewhere"), "not in the header"),
        (setting(1, "workload", to="x" * 1000), "workload must be"),
        (setting(1, "reason", to="x" * 100_000), "at most 4000"),
        (setting(1, "reason", to="a\x00b"), "NUL"),
        (setting(1, "processes", to=[]), "needs samples"),
        (setting(1, "processes", 0, "samples_seconds", to=["fast"]), "line 2: processes.0.samples_seconds"),
        (setting(1, "seconds", to=0.5), "not among its samples"),
        (setting(1, "seconds", to=0.0), "not among its samples"),
        (setting(1, "low_seconds", to=0.0), "inside its interval"),
        (setting(1, "low_seconds", to=None), "two ends"),
        (setting(1, "high_seconds", to=1e-9), "inside its interval"),
        (setting(1, "processes", 0, "samples_seconds", to=[0.0]), "greater than 0"),
        (setting(1, "size_name", to="x" * 200), "size_name"),
        (setting(1, "case", to={"n": [1]}), "texts and numbers"),
        (setting(1, "case", to={"n": "x" * 2000}), "1000 characters"),
        (setting(0, "environments", 0, "found", "libraries", "jax", to={}), "the version of jax"),
        (setting(2, "kind", to=[]), "not a line of a bundle"),
        (setting(3, "low", to=9.0), "inside its interval"),
        (setting(1, "threads", to=2**80), "line 2"),
        (setting(1, "measured_at", to="yesterday"), "line 2"),
        (setting(3, "variant", to="numpy_never"), "not measured before it"),
        (setting(3, "ratio", to=0), "greater than 0"),
        (setting(4, "finished_at", to="never"), "line 5"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, documents, change, said):
    """Types, limits, names, times, and lines that do not belong together."""
    change(documents)
    with pytest.raises(BundleError, match=said):
        read(tmp_path, documents)
