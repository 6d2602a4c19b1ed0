"""Timing with a fake clock: every figure is exact, nothing sleeps."""

import gc
import itertools
import platform
from types import SimpleNamespace

import numpy as np
import pytest

from workloads import calibration, environment, peak_kernels, probe

CASE = {"n": 2, "dtype": "float32"}


@pytest.fixture(autouse=True)
def unlimited(monkeypatch):
    """The test's own process is no probe: what limits one must not strike it."""
    limits = []
    monkeypatch.setattr(probe.memory, "limit", limits.append)
    return limits


@pytest.fixture
def ticking(monkeypatch):
    """A clock that is one second later at every reading."""
    ticks = itertools.count()
    monkeypatch.setattr(probe, "clock", lambda: float(next(ticks)))
    monkeypatch.setattr(calibration, "resolution", lambda clock: 1e-4)


class Work:
    """A call that takes a given time on a clock that only it moves; the first calls may take longer."""

    def __init__(self, seconds, slow_first=()):
        self.now, self.calls = 0.0, 0
        self._seconds, self._slow = seconds, list(slow_first)

    def __call__(self):
        self.calls += 1
        self.now += self._slow.pop(0) if self._slow else self._seconds


@pytest.fixture
def work(monkeypatch):
    """A function that makes Work and puts its clock into the probe."""

    def make(*args):
        made = Work(*args)
        monkeypatch.setattr(probe, "clock", lambda: made.now)
        return made

    return make


def started(mode="numpy", **said):
    served = probe.Probe()
    answer = served.start(**{"mode": mode, "platform": None, "asked": [], "memory_bytes": None, **said})
    assert answer["status"] == "ready"
    return served, answer


def prepared(variant="numpy", workload="broadcast_sum", case=CASE):
    served, _ = started(variant)
    return served, served.prepare(workload, case, variant, seed=1, sample_seconds=0.5)


def test_every_phase_is_timed_apart(ticking):
    """Placing, the first call and fetching each lie between two readings of their own."""
    _, answer = prepared()
    assert answer["status"] == "ready"
    assert (answer["transfer_in_seconds"], answer["first_call"]["seconds"], answer["transfer_out_seconds"]) == (1, 1, 1)


def test_importing_and_starting_are_timed_apart(ticking):
    """A library's import and its device's start are no part of a first call."""
    _, answer = started()
    assert (answer["import_seconds"], answer["start_seconds"]) == (1, 1)


def test_a_timing_reads_the_clock_twice_whatever_it_holds(ticking):
    """The clock is not part of what is measured: two readings for each timing of a sample."""
    served, _ = prepared()
    assert served.sample(calls=1, timings=3) == {"status": "ready", "seconds": 1, "total_seconds": 3, "switches": 0}
    assert served.sample(calls=1000, timings=1)["seconds"] == 1 / 1000


def test_a_timing_makes_exactly_the_calls_it_is_told_to(work):
    """Seconds per call are seconds divided by calls, so the number must be right."""
    call = work(0.25)
    assert probe.timed(call, 8) == pytest.approx(2.0)
    assert call.calls == 8


class Later:
    """A result that is there only when it was waited for, by its own method or by a function; either takes 1 s."""

    def __init__(self, clock):
        self._clock = clock

    def block_until_ready(self):
        self._clock.now += 1


@pytest.mark.parametrize("wait", ["block_until_ready", Later.block_until_ready])
def test_each_call_is_waited_for_inside_the_timing(work, wait):
    """A result that is not there yet is not computed yet."""
    clock = work(0.0)
    assert probe.timed(lambda: Later(clock), 5, wait) == 5
    assert probe.timed(lambda: Later(clock), 5, None) == 0


def test_what_is_sampled_is_waited_for_as_the_first_result_was():
    """JAX's arrays by their own method, NumPy's not at all."""
    for variant, wait in (("numpy", None), ("jax_eager", "block_until_ready"), ("jax_jit", "block_until_ready")):
        assert prepared(variant)[0]._wait == wait


def test_a_sample_is_its_middle_timing(work):
    """One timing that was interrupted changes nothing, but its seconds are spent."""
    served = probe.Probe()
    served._call = work(0.5, [9.0, 0.5, 0.5, 0.25, 0.25, 0.5])
    found = served.sample(calls=2, timings=3)
    assert served._call.calls == 6
    assert (found["seconds"], found["total_seconds"]) == (0.375, 11.0)  # of 4.75, 0.375 and 0.375 a call


def test_involuntary_switches_of_a_sample_are_counted(monkeypatch, work):
    """Those since its beginning, not since the process began."""
    counted = iter([3, 10])
    monkeypatch.setattr(probe.resource, "getrusage", lambda who: SimpleNamespace(ru_nivcsw=next(counted)))
    served = probe.Probe()
    served._call = work(0.5)
    assert served.sample(calls=1, timings=1)["switches"] == 7


def test_calibration_is_by_the_probes_own_clock(monkeypatch):
    """The prepared call, timed as samples are; the length that the plan asks for; the resolution of this clock."""
    seen = {}

    def calibrate(timed, sample_seconds, resolution_seconds):
        seen.update(sample_seconds=sample_seconds, resolution=resolution_seconds, seconds=timed(3))
        return calibration.Calibration(5, 7, 0.1)

    monkeypatch.setattr(calibration, "calibrate", calibrate)
    monkeypatch.setattr(calibration, "resolution", lambda clock: {probe.clock: 0.25}[clock])
    _, answer = prepared()
    assert (answer["calls_per_sample"], answer["timings_per_sample"]) == (5, 7)
    assert (seen["sample_seconds"], seen["resolution"]) == (0.5, 0.25)
    assert seen["seconds"] > 0


def test_garbage_is_not_collected_during_a_timing(work):
    """And the collector works again afterwards, even where a call raises."""
    seen = []
    assert gc.isenabled()
    probe.timed(lambda: seen.append(gc.isenabled()), 3)
    assert seen == [False] * 3
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        probe.timed(lambda: 1 / 0, 1)
    assert gc.isenabled()


@pytest.mark.parametrize(("variant", "compilations"), [("jax_jit", 1), ("jax_eager", 2)])
def test_jax_phases_lie_inside_the_first_call(variant, compilations):
    """Tracing, lowering and compiling are parts of the first call, of the real JAX, on the real clock."""
    _, answer = prepared(variant, "wave_gradient", {"n": 64, "dtype": "float32"})
    first = answer["first_call"]
    parts = [first[f"{name}_seconds"] for name in ("trace", "lower", "compile", "execute")]
    assert first["compilations"] >= compilations
    assert all(part > 0 for part in parts)
    assert sum(parts) == pytest.approx(first["seconds"])
    assert answer["transfer_in_seconds"] > 0
    assert answer["peak_bytes"] > 2**20


def test_a_compiled_function_is_analysed():
    """XLA's own count of what the prepared function does; for NumPy there is none."""
    served, _ = prepared("jax_jit", "matrix_chain", {"n": 32, "dtype": "float32"})
    assert served.analyse()["xla"]["flops"] >= 4 * 32**3
    served, _ = prepared()
    assert served.analyse() == {"status": "ready", "xla": None}


@pytest.mark.parametrize("request_", [{"do": "sample", "calls": 1, "timings": 1}, {"do": "analyse"}])
def test_what_needs_a_prepared_call_is_refused_before(request_):
    """There is nothing to time, and an old call must not be timed in its place."""
    found = probe.answer(probe.Probe(), request_)
    assert (found["status"], found["reason"]) == ("failed", "RuntimeError: nothing is prepared")


def test_a_preparation_that_fails_leaves_no_old_call():
    """The next sample would be of another case."""
    served, _ = prepared()
    request = {"workload": "nope", "case": CASE, "variant": "numpy", "seed": 1, "sample_seconds": 0.5}
    assert probe.answer(served, {"do": "prepare", **request})["status"] == "failed"
    assert probe.answer(served, {"do": "sample", "calls": 1, "timings": 1})["status"] == "failed"


def test_a_peak_is_the_work_of_the_fastest_timing(monkeypatch, work):
    """Per second; what warms up and what finds the number of calls is not among the timings."""
    served, _ = started()
    call = work(4.0, [0.5, 1.0, 4.0, 2.0, 8.0])
    monkeypatch.setattr(peak_kernels, "kernel_of", lambda *_: peak_kernels.Kernel(call, 100.0))
    assert served.peak("bandwidth", "float32")["per_second"] == 50.0
    assert call.calls == 2 + peak_kernels.TRIES


def test_a_timing_of_a_peak_is_of_many_short_calls(monkeypatch, work):
    """Sending a call off would count else; its seconds are divided by as many."""
    served, _ = started()
    call = work(peak_kernels.TIMING_SECONDS / 10)
    monkeypatch.setattr(peak_kernels, "kernel_of", lambda *_: peak_kernels.Kernel(call, 100.0))
    assert served.peak("bandwidth", "float32")["per_second"] == pytest.approx(1000 / peak_kernels.TIMING_SECONDS)
    assert call.calls >= 10 * peak_kernels.TRIES


def test_a_peak_that_a_library_cannot_reach_is_unsupported():
    """NumPy writes every intermediate result to memory."""
    served, _ = started()
    assert served.peak("elementwise", "float32") == {
        "status": "unsupported",
        "reason": "no kernel for elementwise in float32",
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("a\nb"), "failed"),
        (MemoryError("no room"), "out_of_memory"),
        (RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8 bytes."), "out_of_memory"),
    ],
)
def test_what_a_workload_raises_is_an_answer(error, status):
    """It costs one case, not the run; want of memory is told apart."""

    def sample():
        raise error

    found = probe.answer(SimpleNamespace(sample=sample), {"do": "sample"})
    assert found == {"status": status, "reason": f"{type(error).__name__}: {' '.join(str(error).split())}"}


def test_an_error_is_one_short_line():
    """It becomes a row's reason."""
    line = probe.one_line(ValueError("a\n b " + "x" * 1000))
    assert line.startswith("ValueError: a b x")
    assert len(line) == 300


def test_what_is_found_is_told_by_name():
    """Whatever was asked for, the interpreter's own version too; what is not there is left out."""
    _, answer = started(asked=["numpy", "python", "no-such-package"])
    assert answer["found"] == {"numpy": np.__version__, "python": platform.python_version()}


def test_a_probe_limits_its_memory_before_it_imports(unlimited, monkeypatch):
    """So that nothing of it is outside the limit."""
    monkeypatch.setattr(environment, "versions", lambda asked: {"limited": list(unlimited)})
    assert started(memory_bytes=2**40)[1]["found"] == {"limited": [2**40]}
