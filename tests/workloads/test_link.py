"""One probe at a time: whoever is not asked does not run, and whoever dies says how."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from tests.workloads.measuring import an_interpreter
from workloads import link as wire
from workloads import machine, memory
from workloads.link import Link, ProbeDied, ProbeSilent
from workloads.probes import ask

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
TWO_CORES = pytest.mark.skipif(len(machine.affinity()) < 2, reason="needs two cores")
START = {"do": "start", "mode": "numpy", "platform": None, "asked": [], "memory_bytes": None}
LABEL = "run of the test"


@pytest.fixture
def link():
    opened = Link(sys.executable, label=LABEL)
    yield opened
    opened.close()


def states(label=LABEL):
    """The state letters of the processes whose command line holds `label`, as /proc has them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if label in (folder / "cmdline").read_text():
                found.append((folder / "stat").read_text().rpartition(")")[2].split()[0])
        except OSError:
            continue
    return found


@LINUX
def test_a_probe_is_stopped_between_its_answers(link):
    """OpenBLAS's threads would go on spinning beside the next probe's sample."""
    for _ in range(2):
        link.send(**START)
        end = time.monotonic() + 5
        while not states() and time.monotonic() < end:  # a process that has just begun may not have its name yet
            time.sleep(0.01)
        assert states() in (["R"], ["S"], ["D"])
        assert link.receive(30)["status"] == "ready"
        time.sleep(0.05)
        assert states() == ["T"]


@LINUX
def test_a_stopped_probe_can_be_ended(link):
    """And is gone; ending it twice is harmless."""
    link.send(**START)
    link.receive(30)
    link.close()
    assert states() == []
    link.close()


@LINUX
def test_a_probe_that_gives_no_answer_in_time_is_ended(link):
    """The wait has an end."""
    link.send(**START)
    link.receive(30)
    with pytest.raises(ProbeSilent, match=r"no answer within 0\.2 s"):
        link.receive(0.2)
    assert states() == []


def test_an_answer_is_one_line_whatever_its_length(link):
    """`describe` is longer than a pipe holds at once."""
    link.send(do="describe")
    assert len(str(link.receive(60))) > 1000


@TWO_CORES
def test_a_probe_is_kept_on_its_cores_from_its_start():
    """Before it imports anything: a library starts as many threads as it then has cores."""
    last = machine.affinity()[-1]
    opened = Link(sys.executable, cores=[last])
    try:
        started = ask(opened, 30, **START)
        assert (started["cores"], started["threads"]) == ([last], 1)
    finally:
        opened.close()


def threads_of(link):
    """The cores of each thread of a probe; the one that makes the calls first."""
    others = {int(thread) for thread in os.listdir(f"/proc/{link.pid}/task")} - {link.pid}
    return [sorted(os.sched_getaffinity(thread)) for thread in (link.pid, *others)]


@LINUX
@TWO_CORES
def test_the_calls_can_be_made_from_one_core_and_the_rest_left_where_it_is(link):
    """A library's own threads keep all cores; only the thread that calls is moved. Or the whole process is."""
    ask(link, 30, **START)  # OpenBLAS has started its threads
    everywhere = machine.affinity()
    first, last = [everywhere[0]], [everywhere[-1]]
    calling, *others = threads_of(link)
    assert others
    link.call_from(last)
    assert threads_of(link) == [last, *[everywhere for _ in others]]
    link.keep_on(first)
    assert threads_of(link) == [first for _ in (calling, *others)]


@LINUX
def test_a_dead_probe_can_be_moved_anywhere(link):
    """That it is dead is said when it is asked, however it came to that."""
    assert not link.has_ended()
    link.close()
    link.keep_on([0])
    link.call_from([0])
    assert link.has_ended()
    with pytest.raises(ProbeDied, match="the probe had been ended"):
        link.send(**START)


def test_a_probe_that_ended_by_itself_has_ended(tmp_path):
    """Without being asked."""
    opened = Link(an_interpreter(tmp_path, "python", "exit 0"))
    opened._process.wait()
    assert opened.has_ended()
    opened.close()


def test_cores_that_cannot_be_had_are_no_crash(link):
    """The probe says where it is, and that is compared with what was asked."""
    link.keep_on([4095])
    link.call_from([4095])
    assert ask(link, 30, **START)["cores"] == machine.affinity()


def death(folder, *lines):
    """How a probe ends that does this."""
    opened = Link(an_interpreter(folder, "python", *lines))
    try:
        with pytest.raises(ProbeDied) as caught:
            opened.receive(10)
        return caught.value
    finally:
        opened.close()


#: What stands for an interpreter elsewhere: it says which process computes, which here is a child of its own.
STAND_IN = ("exec 3<&0", 'interpreter "$@" <&3 &', 'echo "{\\"pid\\": $!}"', "wait $!")


@pytest.fixture
def contained(tmp_path):
    """Starts a link to a probe for which another process stands; `said` is what the container may have."""
    opened = []

    def start(**said):
        lines = [line.replace("interpreter", sys.executable) for line in STAND_IN]
        allowed = {"read": ["/a/file"], "write": []}
        opened.append(Link(an_interpreter(tmp_path, "python", *lines), label=LABEL, contained=allowed, **said))
        return opened[-1]

    yield start
    for link in opened:
        link.close()


@LINUX
def test_the_process_that_computes_is_stopped_not_the_one_that_stands_for_it(contained):
    """An engine's process would go on, and the one in the container with it."""
    link = contained()
    assert ask(link, 30, **START)["status"] == "ready"
    assert link.pid != link._process.pid
    time.sleep(0.05)
    assert sorted(states()) == ["S", "T"]
    link.close()
    assert states() == []


@LINUX
@TWO_CORES
def test_the_process_that_computes_is_kept_on_its_cores_from_its_start(contained):
    """As soon as it is known which one that is."""
    last = machine.affinity()[-1]
    started = ask(contained(cores=[last]), 30, **START)
    assert (started["cores"], started["threads"]) == ([last], 1)


@LINUX
def test_what_a_container_may_have_is_said_in_one_more_argument(contained):
    """The folder of this very package is always among it."""
    link = contained()
    ask(link, 30, **START)
    *_, label, said = Path(f"/proc/{link.pid}/cmdline").read_text().rstrip("\0").split("\0")
    assert label == LABEL
    assert json.loads(said) == {"read": [str(Path(wire.__file__).parent), "/a/file"], "write": []}


def test_a_container_that_does_not_start_in_time_is_a_dead_probe(tmp_path, monkeypatch):
    """And so is one whose engine says no; in its words."""
    monkeypatch.setattr(wire, "STARTING_SECONDS", 0.2)
    allowed = {"read": [], "write": []}
    silent = Link(an_interpreter(tmp_path, "silent", "exec sleep 60"), contained=allowed)
    assert ask(silent, 30, **START) == {"status": "failed", "reason": "no container: no answer within 0.2 s"}
    refused = Link(an_interpreter(tmp_path, "refused", "echo no such image >&2", "exit 1"), contained=allowed)
    assert ask(refused, 30, **START)["reason"] == "the probe ended with exit code 1: no such image"
    refused.close()


def test_a_dead_probes_last_words_are_told(tmp_path):
    """What it wrote to standard error last, and how it ended; that is no want of memory."""
    died = death(tmp_path, "echo early >&2", "echo late >&2", "echo '  ' >&2", "exit 3")
    assert str(died) == "the probe ended with exit code 3: late"
    assert not died.out_of_memory


@pytest.mark.parametrize("words", memory.WORDS)
def test_a_probe_that_wanted_memory_says_so(tmp_path, words):
    """The line that tells, whatever follows it."""
    died = death(tmp_path, f'echo "it: {words}!" >&2', "echo more >&2", "kill -ABRT $$")
    assert str(died) == f"the probe was killed by signal 6: it: {words}!"
    assert died.out_of_memory


def test_a_kill_is_the_kernels_if_the_kernel_says_so(tmp_path, monkeypatch):
    """Its count of processes that it killed for want of memory has grown; else somebody else did it."""
    died = death(tmp_path, "echo late >&2", "kill -KILL $$")
    assert str(died) == "the probe was killed by signal 9: late"
    assert not died.out_of_memory
    counts = iter([4, 5])
    monkeypatch.setattr(wire.memory, "kills", lambda: next(counts))
    died = death(tmp_path, "echo late >&2", "kill -KILL $$")
    assert str(died) == "the probe was killed by the kernel, which had no memory left: late"
    assert died.out_of_memory


def test_what_would_change_a_measured_interpreter_is_not_passed_on(tmp_path, monkeypatch):
    """Foreign packages, numbers of threads, an earlier cache of compiled functions; what is added is."""
    for name in ("PYTHONPATH", "OMP_NUM_THREADS", "JAX_COMPILATION_CACHE_DIR", "CROSSOVER_HOME", "HARMLESS"):
        monkeypatch.setenv(name, "inherited")
    told = an_interpreter(tmp_path, "python", "env >&2", "exit 1")
    opened = Link(told, variables={"ADDED": "1"})
    with pytest.raises(ProbeDied):
        opened.receive(10)
    opened._stderr.seek(0)
    names = {line.partition(b"=")[0].decode() for line in opened._stderr.read().splitlines()}
    opened.close()
    assert {"ADDED", "HARMLESS"} <= names
    assert not names & {"PYTHONPATH", "OMP_NUM_THREADS", "JAX_COMPILATION_CACHE_DIR", "CROSSOVER_HOME"}
