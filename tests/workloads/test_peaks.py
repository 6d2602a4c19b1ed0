"""What a machine can do at most, in each environment, before its cases."""

from types import SimpleNamespace

import pytest

from tests.workloads.measuring import HERE, a_case, a_plan, lines_of, measure
from workloads import bundle, peaks
from workloads.plan import Place, with_again


@pytest.fixture(scope="module")
def printed():
    """A bundle of a run that measures its peaks."""
    ran = measure("--workload", "broadcast_sum", "--size", "2", "--variant", "numpy", peaks=True)
    assert ran.returncode == 0, ran.stderr
    return lines_of(ran.stdout)


def test_peaks_come_before_the_measurements(printed):
    """A share of a peak can be told as soon as there is a measurement."""
    kinds = [line["kind"] for line in printed]
    assert kinds == ["header", *["peak"] * kinds.count("peak"), "measurement", "footer"]


def test_each_library_tries_each_resource_in_both_dtypes(printed):
    """More than nothing per second; NumPy does not try what it cannot get near."""
    found = {(line["library"], line["resource"], line["dtype"]): line for line in printed if line["kind"] == "peak"}
    arithmetic = {("matrix", "float32"), ("matrix", "float64"), ("elementwise", "float32"), ("elementwise", "float64")}
    assert {key[1:] for key in found if key[0] == "jax"} == {("bandwidth", "float32"), *arithmetic}
    assert {key[1:] for key in found if key[0] == "numpy"} == {
        ("bandwidth", "float32"),
        ("matrix", "float32"),
        ("matrix", "float64"),
    }
    assert all(line["per_second"] > 1e6 for line in found.values())
    assert {line["device"] for line in found.values() if line["library"] == "numpy"} == {"cpu"}
    assert {(line["environment"], line["threads"]) for line in found.values()} == {("current", printed[-2]["threads"])}


def test_peaks_are_left_out_where_asked():
    """`--no-peaks`."""
    ran = measure("--workload", "broadcast_sum", "--size", "2", "--variant", "numpy", "--no-peaks", peaks=True)
    assert [line["kind"] for line in lines_of(ran.stdout)] == ["header", "measurement", "footer"]


def test_an_environment_that_cannot_start_has_no_peaks():
    """And costs the run nothing else."""
    assert list(peaks.measure(a_plan([a_case()], [Place("broken", "/bin/false")]))) == []


def test_peaks_are_measured_once_for_each_environment_and_with_64_bits(monkeypatch):
    """Not in the place that is there again; JAX without 64 bits would give the peak of float32 for float64's."""
    started = []

    class Recorded(peaks.Probes):
        def ready(self, seats, draw, wide):
            started.extend((seat.place.name, seat.variant, wide) for seat in seats)
            return iter(())

    monkeypatch.setattr(peaks, "Probes", Recorded)
    plan = with_again(a_plan([a_case()], [HERE, Place("other", "python3")]), 1)
    assert list(peaks.measure(plan)) == []
    assert started == [(place, variant, True) for place in ("current", "other") for variant in ("numpy", "jax_jit")]


def test_a_probe_that_ends_has_no_further_peaks(monkeypatch):
    """A kernel that takes too long costs those that would have followed, and nothing else."""
    asked = []
    link = SimpleNamespace(has_ended=lambda: bool(asked))
    started = {"status": "ready", "device": {"platform": "cpu", "kind": "cpu"}, "threads": 1}
    monkeypatch.setattr(peaks.Probes, "ready", lambda self, seats, *_, **__: [(seats[0], link, started)])
    monkeypatch.setattr(peaks, "ask", lambda *_, **request: asked.append(request) or {"status": "timed_out"})
    assert list(peaks.measure(a_plan([a_case()]))) == []
    assert len(asked) == 1


def test_what_is_declared_can_be_measured_against_a_peak():
    """Each resource of the bundle is tried in some dtype."""
    assert set(peaks.DTYPES) == set(bundle.RESOURCES)
