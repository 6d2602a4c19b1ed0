"""What ends by itself is started again, but not for ever."""

from __future__ import annotations

import os
import signal
import time

import pytest

from flows.home import open_home
from flows.processes import Processes
from flows.server import ServiceError
from flows.service import MOST_RESTARTS, RESTARTS_SECONDS, Restarts, keep_alive


def test_a_process_may_be_started_again_a_few_times_in_a_while():
    """Each counts for itself, and what was long ago counts no more."""
    restarts = Restarts()
    assert all(restarts.allow("worker", second) for second in range(MOST_RESTARTS))
    assert not restarts.allow("worker", MOST_RESTARTS)
    assert restarts.allow("server", MOST_RESTARTS)
    assert restarts.allow("worker", MOST_RESTARTS + RESTARTS_SECONDS)


def ended(processes):
    while not processes.ended():
        time.sleep(0.02)
    return processes.ended()


def test_what_was_killed_is_started_again_with_the_same_command(home):
    """It is said, with the last thing that it said itself."""
    said: list[str] = []
    opened, restarts = open_home(), Restarts()
    with Processes(opened.logs, dict(os.environ)) as processes:
        processes.start("worker", ["sh", "-c", "echo here I am $$; exec sleep 60"])
        while "here" not in (text := processes.last_words("worker")):
            time.sleep(0.02)
        os.kill(int(text.split()[-1]), signal.SIGKILL)
        assert ended(processes) == "worker"
        keep_alive(processes, opened, restarts, 1, said.append)
        assert processes.ended() is None
        while processes.last_words("worker").count("here") < 2:
            time.sleep(0.02)
    assert said[0].startswith("worker ended: here I am ")
    assert "starting it again" in said[0]


def test_what_ends_again_and_again_ends_the_service(home):
    """With its last words, and where all of them are."""
    opened, restarts = open_home(), Restarts()
    with Processes(opened.logs, dict(os.environ)) as processes:
        processes.start("server", ["sh", "-c", "echo no port; exit 1"])
        for second in range(MOST_RESTARTS):
            ended(processes)
            keep_alive(processes, opened, restarts, second, lambda _: None)
        ended(processes)
        with pytest.raises(ServiceError, match=r"server ended: no port"):
            keep_alive(processes, opened, restarts, MOST_RESTARTS, lambda _: None)
