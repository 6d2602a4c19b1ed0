"""A workload that computes something else has another version: else old and new measurements would be compared."""

import numpy as np
import pytest

from tests.workloads import fingerprints
from workloads import suite
from workloads.workload import Workload


@pytest.mark.parametrize("name", suite.names())
def test_what_a_workload_computes_changes_only_with_its_version(name):
    """Compared with what was recorded. `make fingerprints` records a new workload, or a raised version."""
    workload, recorded = suite.load(name), fingerprints.read().get(name)
    assert recorded, f"{name} has no fingerprint yet: `make fingerprints`"
    assert recorded["version"] == workload.version, f"{name} has a new version: `make fingerprints`"
    case = fingerprints.differs(workload, recorded["cases"], fingerprints.fingerprint(workload))
    assert not case, f"{name} computes something else on {case}: raise its `version`, then `make fingerprints`"


def a_workload(compute, *, n=64, version=1):
    workload = Workload(version=version, cases=[{"n": n, "dtype": "float32"}])
    workload.inputs(lambda rng, n, dtype: (rng.standard_normal(n, dtype=dtype),))
    workload.variant("numpy")(lambda: compute)
    return workload


def same(before, after):
    return not fingerprints.differs(before, fingerprints.fingerprint(before), fingerprints.fingerprint(after))


def test_rounding_is_no_change():
    """Another order of the same operations, another machine."""
    assert same(a_workload(lambda x: x / 3), a_workload(lambda x: x * np.float32(1 / 3)))


@pytest.mark.parametrize(
    "other",
    [
        a_workload(lambda x: x * np.float32(1.01)),
        a_workload(lambda x: -x),
        a_workload(lambda x: x[::-1]),
        a_workload(np.sort),
        a_workload(lambda x: x.astype(np.float64)),
        a_workload(lambda x: x[:, None]),
        a_workload(lambda x: (x, x)),
        a_workload(lambda x: x, n=65),
    ],
    ids=["scale", "sign", "order", "sorted", "dtype", "shape", "count", "size"],
)
def test_a_change_of_meaning_is_seen(other):
    """By its values, their order, their dtype and shape, their number."""
    assert same(a_workload(lambda x: x), a_workload(lambda x: x))
    assert not same(a_workload(lambda x: x), other)


def test_a_change_is_seen_where_random_draws_are_compared(monkeypatch):
    """Numbers are drawn anew there; what they are compared with tells the meaning."""
    workload, recorded = suite.load("monte_carlo_option"), fingerprints.read()["monte_carlo_option"]["cases"]
    assert not fingerprints.differs(workload, recorded, fingerprints.fingerprint(workload))
    monkeypatch.setattr("workloads.suite.monte_carlo_option.STRIKE", 110.0)
    assert fingerprints.differs(workload, recorded, fingerprints.fingerprint(workload))


def test_recording_refuses_another_meaning_under_the_same_version(tmp_path, monkeypatch, capsys):
    """And takes it once the version is raised."""
    shelf = {"thing": a_workload(lambda x: x)}
    monkeypatch.setattr(fingerprints, "PATH", tmp_path / "fingerprints.json")
    monkeypatch.setattr(fingerprints.suite, "names", lambda: list(shelf))
    monkeypatch.setattr(fingerprints.suite, "load", shelf.get)
    assert fingerprints.main() == 0
    before = fingerprints.read()
    shelf["thing"] = a_workload(lambda x: x + 1)
    assert fingerprints.main() == 1
    assert fingerprints.read() == before
    assert "thing computes something else" in capsys.readouterr().out
    shelf["thing"] = a_workload(lambda x: x + 1, version=2)
    assert fingerprints.main() == 0
    assert fingerprints.read() != before
