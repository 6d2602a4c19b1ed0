"""One probe at a time: whoever is not asked does not run."""

import sys
import time
from pathlib import Path

import pytest

from workloads.link import Link, ProbeDied, ProbeSilent

START = {"do": "start", "mode": "numpy", "platform": None, "asked": []}


@pytest.fixture
def link():
    opened = Link(sys.executable, label="run of the test")
    yield opened
    opened.close()


def state(label):
    """The state letters of the processes whose command line holds `label`, as /proc has them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if label in (folder / "cmdline").read_text():
                found.append((folder / "stat").read_text().rpartition(")")[2].split()[0])
        except OSError:
            continue
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_a_probe_is_stopped_between_its_answers(link):
    """OpenBLAS's threads would go on spinning beside the next probe's sample."""
    for _ in range(2):
        link.send(**START)
        assert state("run of the test") in (["R"], ["S"], ["D"])
        assert link.receive(30)["status"] == "ready"
        time.sleep(0.05)
        assert state("run of the test") == ["T"]


def test_a_stopped_probe_can_be_ended(link):
    """And is gone."""
    link.send(**START)
    link.receive(30)
    link.close()
    assert state("run of the test") == []


def test_a_probe_that_gives_no_answer_in_time_is_ended(link):
    """The wait has an end."""
    link.send(**START)
    link.receive(30)
    with pytest.raises(ProbeSilent, match=r"no answer within 0\.2 s"):
        link.receive(0.2)
    assert state("run of the test") == []


def test_a_dead_probes_last_words_are_told():
    """What it wrote to standard error, and how it ended."""
    opened = Link("/bin/false")
    with pytest.raises(ProbeDied, match="ended with exit code 1"):
        opened.receive(10)
    opened.close()


def test_an_answer_is_one_line_whatever_its_length(link):
    """`describe` is longer than a pipe holds at once."""
    link.send(do="describe")
    assert len(str(link.receive(60))) > 1000
