"""What ends by itself is started again, each time later."""

from __future__ import annotations

import os
import signal
import time

from flows.home import open_home
from flows.processes import Processes
from flows.service import LONGEST_WAIT, RESTARTS_SECONDS, Restarts, keep_alive


def test_what_ends_again_and_again_is_started_later_each_time():
    """At once, then later and later, up to a minute. Each counts for itself; what was long ago counts no more."""
    restarts = Restarts()
    assert [restarts.wait("worker", second) for second in range(8)] == [0, 1, 3, 7, 15, 31, LONGEST_WAIT, LONGEST_WAIT]
    assert restarts.wait("server", 8) == 0
    assert restarts.wait("worker", 8 + RESTARTS_SECONDS) == 0


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
        assert ended(processes) == ["worker"]
        keep_alive(processes, opened, restarts, 1, said.append)
        assert processes.ended() == []
        while processes.last_words("worker").count("here") < 2:
            time.sleep(0.02)
    assert said[0].startswith("worker ended: here I am ")
    assert "starting it again" in said[0]


def test_what_cannot_start_is_tried_again_and_keeps_nobody_from_being_started(home):
    """It is said once an end; what ended meanwhile does not wait for it."""
    said: list[str] = []
    opened, restarts = open_home(), Restarts()
    with Processes(opened.logs, dict(os.environ)) as processes:
        processes.start("server", ["sh", "-c", "echo no port; exit 1"])
        for second in (1, 2):  # at once, and after a second
            ended(processes)
            keep_alive(processes, opened, restarts, second, said.append)
        keep_alive(processes, opened, restarts, 2, said.append)
        assert len(said) == 2
        assert said[0].startswith("server ended: no port; starting it again (all of it: ")
        assert "starting it again in 1 s (" in said[1]
        processes.start("dashboard", ["true"])
        while "dashboard" not in processes.ended():
            time.sleep(0.02)
        keep_alive(processes, opened, restarts, 2, said.append)
        assert said[2].startswith("dashboard ended: ")
        assert processes.ended() == ["server"]
        keep_alive(processes, opened, restarts, 3, said.append)
        assert len(said) == 3
        while processes.last_words("server").count("no port") < 3:
            time.sleep(0.02)
