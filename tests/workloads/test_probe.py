"""Timing with a fake clock: every figure is exact, nothing sleeps."""

import itertools
import platform
import sys

import numpy as np
import pytest

from workloads import probe


@pytest.fixture
def ticking(monkeypatch):
    """A clock that is one second later at every reading."""
    ticks = itertools.count()
    monkeypatch.setattr(probe, "clock", lambda: float(next(ticks)))


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


def prepared(variant="numpy", case=None):
    served = probe.Probe()
    assert served.start(mode="numpy", platform=None, asked=[])["status"] == "ready"
    answer = served.prepare("broadcast_sum", case or {"n": 2, "dtype": "float32"}, variant, seed=1, sample_seconds=0.5)
    return served, answer


def test_every_phase_is_timed_apart(ticking):
    """Placing, the first call and fetching each lie between two readings of their own."""
    _, answer = prepared()
    assert answer["status"] == "ready"
    assert (answer["transfer_in_seconds"], answer["first_call"]["seconds"], answer["transfer_out_seconds"]) == (1, 1, 1)


def test_a_sample_reads_the_clock_twice_whatever_it_holds(ticking):
    """The clock is not part of what is measured."""
    served, _ = prepared()
    assert served.sample(calls=1)["seconds"] == 1
    assert served.sample(calls=1000)["seconds"] == 1


def test_a_sample_makes_exactly_the_calls_it_is_told_to(work):
    """Seconds per call are seconds divided by calls, so the number must be right."""
    call = work(0.25)
    assert probe.timed(call, 8) == pytest.approx(2.0)
    assert call.calls == 8


def test_calibration_doubles_until_a_sample_is_long_enough(work):
    """2 ms per call: 8 calls are the first power of two that fills 10 ms."""
    calls, seconds = probe.calibrate(work(0.002), 0.010)
    assert calls == 8
    assert seconds == pytest.approx(0.016)


def test_calibration_is_not_misled_by_a_slow_start(work):
    """A slow first call ends calibration only if it is as long as a sample; it is warm-up, not a sample."""
    calls, _ = probe.calibrate(work(0.001, [0.009]), 0.010)
    assert calls >= 8


def test_a_call_longer_than_a_sample_is_made_once(work):
    """Nothing is repeated that fills a sample alone."""
    assert probe.calibrate(work(3.0), 0.010)[0] == 1


def test_garbage_is_not_collected_during_a_sample(work):
    """And the collector works again afterwards."""
    import gc

    seen = []
    assert gc.isenabled()
    probe.timed(lambda: seen.append(gc.isenabled()), 3)
    assert seen == [False] * 3
    assert gc.isenabled()


def test_a_trace_inside_a_trace_counts_once():
    """Older JAX reports the inner one too: 1 to 5 with 2 to 3 inside, and 7 to 8 beside it."""
    assert probe.covered([(2, 3), (1, 5), (7, 8)]) == 5
    assert probe.covered([]) == 0


def test_jax_phases_lie_inside_the_first_call():
    """Tracing, lowering and compiling are parts of the first call, of the real JAX, on the real clock."""
    served = probe.Probe()
    assert served.start(mode="jax_jit", platform="cpu", asked=[])["status"] == "ready"
    case = {"n": 64, "dtype": "float32"}
    answer = served.prepare("wave_gradient", case, "jax_jit", seed=1, sample_seconds=0.001)
    first = answer["first_call"]
    parts = first["trace_seconds"] + first["lower_seconds"] + first["compile_seconds"]
    assert first["compilations"] == 1
    assert 0 < parts < first["seconds"]


def test_sampling_before_preparing_is_refused():
    """There is nothing to time, and an old call must not be timed in its place."""
    assert probe.answer(probe.Probe(), {"do": "sample", "calls": 1})["status"] == "failed"


def test_an_error_is_one_short_line():
    """It becomes a row's reason."""
    line = probe.one_line(ValueError("a\n b " + "x" * 1000))
    assert line.startswith("ValueError: a b x")
    assert len(line) == 300


def test_what_is_found_is_told_by_name():
    """Whatever was asked for, the interpreter's own version too; what is not there is left out."""
    found = probe.Probe().start(mode="numpy", platform=None, asked=["numpy", "python", "no-such-package"])["found"]
    assert found == {"numpy": np.__version__, "python": platform.python_version()}


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_the_peak_of_an_earlier_case_is_forgotten():
    """256 MiB, touched and freed, then measured anew."""
    probe.reset_peak_memory()
    before = probe.peak_memory_bytes()
    np.ones(2**25)
    assert probe.peak_memory_bytes() > before + 2**27
    probe.reset_peak_memory()
    assert probe.peak_memory_bytes() < before + 2**27
