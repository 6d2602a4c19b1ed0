"""Garbage that waits for a database holds up nobody but the thread that collects it."""

from __future__ import annotations

import subprocess
import sys

import pytest

# A cursor in a cycle belongs to a connection that waits for another one's transaction, as in Prefect's server. What
# ends that transaction comes after the garbage: whoever waits for the garbage waits until the busy timeout is over.
STORY = """
import gc, sqlite3, sys, threading, time
from flows.prefect_server import collect_in_a_thread

def connect():
    return sqlite3.connect(sys.argv[1], timeout=5, isolation_level=None, check_same_thread=False)

holder, waiter = connect(), connect()
holder.execute("create table t (x)")
if sys.argv[2] == "thread":
    collect_in_a_thread()
cycle = [waiter.execute("values (1), (2)")]
cycle.append(cycle)
holder.execute("begin immediate")
problems = []

def wait():
    try:
        waiter.execute("insert into t values (1)")
    except sqlite3.OperationalError as error:
        problems.append(error)

waiting = threading.Thread(target=wait)
waiting.start()
time.sleep(0.5)
del cycle
kept = [[] for _ in range(200_000)]  # enough for the collector to be due
if sys.argv[2] == "thread":
    time.sleep(2)  # its thread has its turn, and waits
holder.execute("commit")
waiting.join()
print(*problems)
"""


@pytest.mark.parametrize(("where", "said"), [("anywhere", "database is locked"), ("thread", "")])
def test_garbage_holds_up_nobody(tmp_path, where, said):
    """Collected anywhere, the transaction could not be ended in time: that is what the thread is for."""
    command = [sys.executable, "-c", STORY, str(tmp_path / "t.db"), where]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == (said, "")
