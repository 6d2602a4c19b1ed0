"""What the machine did meanwhile, and what of it is a disturbance."""

import os
import subprocess
import sys
import time

import pytest

from workloads import machine, meanwhile
from workloads.meanwhile import LEAST_SECONDS, Watch, disturbance

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
QUIET = {"watched_seconds": 100.0, "others_share": 0.0, "steal_share": 0.0}


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({}, ""),
        ({"load": 12.0, "core_mhz": [2000]}, ""),
        ({**QUIET, "others_share": 0.1, "steal_share": 0.02, "throttled": 0, "gpu_throttled": []}, ""),
        ({**QUIET, "others_share": 0.11}, "others used 11% of the cores"),
        ({**QUIET, "others_share": 0.5, "watched_seconds": LEAST_SECONDS}, "others used 50% of the cores"),
        ({**QUIET, "others_share": 0.5, "steal_share": 0.5, "watched_seconds": 0.99 * LEAST_SECONDS}, ""),
        ({**QUIET, "steal_share": 0.03}, "the hypervisor took 3% of the time"),
        ({**QUIET, "throttled": 1}, "the processor was throttled"),
        ({"gpu_throttled": ["power cap", "hot"]}, "the GPU was throttled: power cap, hot"),
        (
            {**QUIET, "others_share": 0.25, "steal_share": 0.5},
            "others used 25% of the cores; the hypervisor took 50% of the time",
        ),
    ],
)
def test_a_disturbance_is_told_in_words(state, text):
    """From a tenth of the cores and a fiftieth of the time on; nothing is said where too little is known."""
    assert disturbance(state) == text


@pytest.fixture
def script(monkeypatch):
    """A function that sets what Linux says next: each reading adds to zero, `own` being this process's seconds."""

    def play(*readings):
        zero = dict.fromkeys(("total_seconds", "busy_seconds", "steal_seconds"), 0.0)
        system = iter([{**zero, **{name: value for name, value in one.items() if name != "own"}} for one in readings])
        own = iter([one.get("own", 0.0) for one in readings])
        monkeypatch.setattr(meanwhile, "counters", lambda cores: next(system))
        monkeypatch.setattr(meanwhile, "processor_seconds", lambda process: next(own))

    return play


def watched(spans=1):
    watch = Watch()
    for _ in range(spans):
        watch.begin([])
        watch.end()
    return watch.found()


def test_only_what_lies_between_begin_and_end_counts(script):
    """Two spans of 8 core-seconds; what others did between them disturbed nobody."""
    script(
        {"total_seconds": 0},
        {"total_seconds": 8, "busy_seconds": 4, "own": 1, "steal_seconds": 1},
        {"total_seconds": 80, "busy_seconds": 70, "own": 1, "steal_seconds": 50},
        {"total_seconds": 88, "busy_seconds": 75, "own": 5, "steal_seconds": 51},
    )
    found = watched(spans=2)
    assert found["watched_seconds"] == 16
    assert found["others_share"] == 4 / 16  # 9 busy core-seconds, 5 of them our own
    assert found["steal_share"] == 2 / 16


def test_others_never_did_less_than_nothing(script):
    """Ticks are coarse: what was ours can seem more than what was done at all."""
    script({}, {"total_seconds": 8, "busy_seconds": 1, "own": 1.02})
    assert watched()["others_share"] == 0


def test_a_probe_that_ended_meanwhile_is_left_out(script):
    """What it had used before is no work of this span, nor is it taken from the others'."""
    script({"own": 7.0}, {"total_seconds": 8, "busy_seconds": 2, "own": None})
    assert watched()["others_share"] == 2 / 8


def test_throttling_while_sampled_is_counted(script):
    """Not what had been counted before."""
    script({"throttled": 7}, {"throttled": 9})
    assert watched()["throttled"] == 2


def test_a_gpu_is_asked_while_it_still_runs_as_it_computed(monkeypatch):
    """At the end of each span; what throttled it in any of them is told."""
    states = iter([{"gpu_mhz": 900, "gpu_throttled": ["hot"]}, {"gpu_mhz": 1900, "gpu_throttled": []}])
    monkeypatch.setattr(meanwhile.accelerator, "state", lambda: next(states))
    found = watched(spans=2)
    assert (found["gpu_mhz"], found["gpu_throttled"]) == (1900, ["hot"])


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
    finally:
        spinning.kill()
        spinning.wait()
    seen, known = neighbour.found(), own.found()
    worked = seen["others_share"] * seen["watched_seconds"] - known["others_share"] * known["watched_seconds"]
    assert 0.2 < worked < 1.0


@LINUX
def test_only_cores_that_may_be_used_here_are_watched():
    """What happens on others disturbs less; where they are not known, all are."""
    cores = machine.affinity()
    one, some, every = (meanwhile.counters(which)["total_seconds"] for which in (cores[:1], cores, []))
    assert 0 < one <= some <= every * 1.01
    if len(cores) == os.cpu_count() > 1:
        assert some == pytest.approx(every, rel=0.01)
        assert one < 0.9 * some


@LINUX
def test_of_a_process_that_has_ended_nothing_is_known():
    """No crash over a probe that died, and no zero that would pass for a figure."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert meanwhile.processor_seconds(ended.pid) is None


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
    assert 0 <= found["others_share"] <= 1.5
    assert found["watched_seconds"] > 0
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
