"""What the machine did meanwhile, and what of it is a disturbance."""

import os
import subprocess
import sys
import time

import pytest

from workloads import meanwhile
from workloads.meanwhile import Watch, disturbance

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
ZERO = dict.fromkeys(("total_seconds", "busy_seconds", "steal_seconds", "own_seconds"), 0.0)


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 4)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({}, ""),
        ({"load": 12.0, "core_mhz": [2000]}, ""),
        ({"others_cores": 0.4, "steal_share": 0.02, "throttled": 0, "gpu_throttled": []}, ""),
        ({"others_cores": 0.41}, "others used 0.4 of 4 cores"),
        ({"others_cores": 3.26}, "others used 3.3 of 4 cores"),
        ({"steal_share": 0.03}, "the hypervisor took 3% of the time"),
        ({"throttled": 1}, "the processor was throttled"),
        ({"gpu_throttled": ["power cap", "hot"]}, "the GPU was throttled: power cap, hot"),
        (
            {"others_cores": 2, "steal_share": 0.5},
            "others used 2.0 of 4 cores; the hypervisor took 50% of the time",
        ),
    ],
)
def test_a_disturbance_is_told_in_words(four_cores, state, text):
    """From a tenth of the cores and a fiftieth of the time on; nothing is said where nothing is known."""
    assert disturbance(state) == text


def scripted(monkeypatch, *readings):
    """Counters that give these readings, each one added to zero."""
    script = iter([{**ZERO, **reading} for reading in readings])
    monkeypatch.setattr(meanwhile, "counters", lambda processes: next(script))


def test_only_what_lies_between_begin_and_end_counts(monkeypatch, four_cores):
    """Two spans of 8 core-seconds; what others did between them disturbed nobody."""
    scripted(
        monkeypatch,
        {"total_seconds": 0},
        {"total_seconds": 8, "busy_seconds": 4, "own_seconds": 1, "steal_seconds": 1},
        {"total_seconds": 80, "busy_seconds": 70, "own_seconds": 1, "steal_seconds": 50},
        {"total_seconds": 88, "busy_seconds": 75, "own_seconds": 5, "steal_seconds": 51},
    )
    watch = Watch()
    for _ in range(2):
        watch.begin([])
        watch.end()
    found = watch.found()
    assert found["others_cores"] == 1.0  # 9 busy of 16 core-seconds, 5 of them our own: a quarter of 4 cores
    assert found["steal_share"] == 2 / 16


def test_the_probes_own_work_is_never_less_than_none(monkeypatch, four_cores):
    """Ticks are coarse: what was ours can seem more than what was done at all."""
    scripted(monkeypatch, {}, {"total_seconds": 8, "busy_seconds": 1, "own_seconds": 1.02})
    watch = Watch()
    watch.begin([])
    watch.end()
    assert watch.found()["others_cores"] == 0


def test_throttling_while_sampled_is_counted(monkeypatch):
    """Not what had been counted before."""
    scripted(monkeypatch, {"throttled": 7}, {"throttled": 9})
    watch = Watch()
    watch.begin([])
    watch.end()
    assert watch.found()["throttled"] == 2


@LINUX
def test_a_busy_neighbour_shows_and_a_busy_probe_does_not():
    """The same process, a real one, seen by one that takes it for a neighbour and by one that knows it as its probe."""
    spinning = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        neighbour, own = Watch(), Watch()
        began = time.monotonic()
        neighbour.begin([])
        own.begin([spinning.pid])
        before = meanwhile.processor_seconds(spinning.pid)
        while meanwhile.processor_seconds(spinning.pid) < before + 0.4 and time.monotonic() < began + 30:
            time.sleep(0.02)
        own.end()
        neighbour.end()
        seconds = time.monotonic() - began
    finally:
        spinning.kill()
        spinning.wait()
    worked = (neighbour.found()["others_cores"] - own.found()["others_cores"]) * seconds
    assert 0.2 < worked < 1.0


@LINUX
def test_a_process_that_has_ended_has_worked_nothing():
    """No crash over a probe that died."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert meanwhile.processor_seconds(ended.pid) == 0


@LINUX
def test_a_process_may_have_any_name(tmp_path):
    """Even one with spaces and brackets, which stands in the middle of what the system says of it."""
    named = tmp_path / "a) b (c 1 2"
    named.symlink_to(sys.executable)
    spinning = subprocess.Popen([str(named), "-c", "while True: pass"])
    try:
        began = time.monotonic()
        while meanwhile.processor_seconds(spinning.pid) < 0.05 and time.monotonic() < began + 30:
            time.sleep(0.02)
        assert 0.05 <= meanwhile.processor_seconds(spinning.pid) < 30
    finally:
        spinning.kill()
        spinning.wait()


@LINUX
def test_this_machine_tells_what_it_did():
    """Load, others' work and steal, each in its bounds."""
    watch = Watch()
    watch.begin([])
    time.sleep(0.05)
    watch.end()
    found = watch.found()
    assert 0 <= found["others_cores"] <= os.cpu_count() * 1.5
    assert 0 <= found["steal_share"] <= 1
    assert found["load"] >= 0


def test_where_the_system_says_nothing_nothing_is_told(monkeypatch):
    """No /proc and no /sys: no crash, and no figure that was not read."""

    def refuse(path, *_):
        raise FileNotFoundError(path)

    monkeypatch.setattr(meanwhile, "open", refuse, raising=False)
    monkeypatch.setattr(meanwhile.glob, "glob", lambda pattern: [])
    monkeypatch.setattr(meanwhile.machine, "load", lambda: None)
    watch = Watch()
    watch.begin([1])
    watch.end()
    assert watch.found() == {}
    assert disturbance(watch.found()) == ""
