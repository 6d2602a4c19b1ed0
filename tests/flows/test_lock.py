"""One measurement per machine, with real processes."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from flows import lock
from flows.lock import MachineBusy, machine_lock

HOLDER = """
import subprocess, sys
from pathlib import Path
from flows.lock import machine_lock
with machine_lock("the other run", path=Path(sys.argv[1])) as held:
    child = subprocess.Popen(["sleep", "60"], pass_fds=(held,))
    print(child.pid, flush=True)
    child.wait()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lock" / "machine.lock"


@pytest.fixture
def holder(path):
    """Another process that holds the lock and has handed it to a child; gives the process and the child's pid."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    child = int(process.stdout.readline())
    yield process, child
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    process.kill()
    process.communicate()


def test_who_is_in_the_way_is_said(path, holder):
    """What it measures, which process, since when; the one who waits hears it once."""
    heard = []
    with (
        pytest.raises(MachineBusy, match=rf"the other run \(process {holder[0].pid}\) since 20"),
        machine_lock("me", wait_seconds=1, say=heard.append, path=path),
    ):
        pass
    assert len(heard) == 1


def test_the_lock_outlives_a_killed_holder_while_its_measurement_runs(path, holder):
    """An orphan that still measures keeps the machine; when it ends, the machine is free."""
    process, child = holder
    process.kill()
    process.wait()
    with pytest.raises(MachineBusy), machine_lock("me", wait_seconds=0.5, path=path):
        pass
    os.kill(child, signal.SIGKILL)
    with machine_lock("me", wait_seconds=5, path=path) as held:
        assert held > 0


def test_a_measurement_that_is_still_running_keeps_the_lock(path):
    """Leaving the block does not unlock it: the kernel does, when the last process that inherited it ends."""
    with machine_lock("me", path=path) as held:
        child = subprocess.Popen(["sleep", "60"], pass_fds=(held,))
    with pytest.raises(MachineBusy), machine_lock("me", wait_seconds=0, path=path):
        pass
    child.kill()
    child.wait()
    with machine_lock("me", wait_seconds=0, path=path):
        pass


def test_the_lock_is_free_after_the_block(path):
    """Twice in a row, without waiting."""
    for _ in range(2):
        with machine_lock("me", wait_seconds=0, path=path):
            pass


def test_any_user_can_open_the_lock_file(path):
    """Whoever comes first, whatever their umask: else the second user could not measure at all."""
    before = os.umask(0o077)
    try:
        with machine_lock("me", path=path):
            pass
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o666
    assert path.parent.stat().st_mode & 0o7777 == 0o1777


@pytest.mark.parametrize("plant", [os.symlink, os.link])
def test_a_planted_link_is_not_written_through(path, tmp_path, plant):
    """Else any user could make another, root among them, overwrite a file of the planter's choice."""
    precious = tmp_path / "precious"
    precious.write_text("do not touch")
    path.parent.mkdir(parents=True)
    plant(precious, path)
    with pytest.raises(MachineBusy, match="lock file"), machine_lock("me", wait_seconds=0, path=path):
        pass
    assert precious.read_text() == "do not touch"


def test_a_link_to_nothing_is_not_followed(path, tmp_path):
    """No file is made where it points."""
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "new")
    with pytest.raises((MachineBusy, OSError)), machine_lock("me", wait_seconds=0, path=path):
        pass
    assert not (tmp_path / "new").exists()


def test_the_lock_is_one_per_machine(monkeypatch, tmp_path):
    """Wherever CROSSOVER_HOME is."""
    first = lock.lock_path()
    monkeypatch.setenv("CROSSOVER_HOME", str(tmp_path / "elsewhere"))
    assert lock.lock_path() == first
