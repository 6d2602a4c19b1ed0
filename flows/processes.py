"""The service's processes: started together, ended together, none left."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

GRACE_SECONDS = 8.0
_LIBC = ctypes.CDLL(None)  # loaded before any fork
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Processes:
    """Child processes with their logs. Leaving the `with` block ends them and everything they have started.

    Children get their own session, so that Ctrl-C in a terminal reaches only the parent, which ends them in order. The
    parent adopts what they leave behind (a flow run has a session of its own), so nothing escapes.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs = logs
        self._environment = dict(environment)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, tuple[Sequence[str], Path | None]] = {}

    def __enter__(self) -> Processes:
        if sys.platform == "linux":
            _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self, name: str, command: Sequence[str], *, cwd: Path | None = None) -> None:
        """Start a child; what it prints goes to `<name>.log`."""
        self._started[name] = command, cwd
        with open(self._logs / f"{name}.log", "ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                cwd=cwd,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_child,
            )

    def restart(self, name: str) -> None:
        """Start a child that has ended once more, as it was started."""
        command, cwd = self._started[name]
        self.start(name, command, cwd=cwd)

    def ended(self) -> list[str]:
        """The names of the children that have ended by themselves."""
        return [name for name, process in self._running.items() if process.poll() is not None]

    def last_words(self, name: str, lines: int = 5) -> str:
        """The end of a child's log."""
        text = (self._logs / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def end(self) -> None:
        """SIGTERM, newest first, each when the one before it is gone: a worker still needs its server to say goodbye.

        SIGKILL to whatever is left after the grace time, grandchildren included.
        """
        for process in reversed(self._running.values()):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
        while left := list(descendants(os.getpid())):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
            _reap()
        self._running.clear()


def descendants(parent: int) -> Iterator[int]:
    """Every living process below `parent`, children before grandchildren. Linux: read from /proc."""
    with contextlib.suppress(OSError):
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            for pid in map(int, children.read_text().split()):
                yield pid
                yield from descendants(pid)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _child() -> None:
    """In the child, before its program starts: end with the parent, hear signals even if the parent ignores them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
