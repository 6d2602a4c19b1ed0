"""The wire between the sampler and one probe: start the process, send a question, wait for its answer."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from workloads import memory
from workloads.reasons import told

#: Loads this very folder as the package `workloads` in another interpreter, and nothing else of ours or of this
#: environment's: a path entry would let the measured interpreter import the packages that lie beside it.
BOOT = """
import importlib.util, sys
folder = sys.argv[1]
spec = importlib.util.spec_from_file_location("workloads", folder + "/__init__.py", submodule_search_locations=[folder])
module = sys.modules["workloads"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from workloads.probe import main
main()
"""

#: Variables that would bring foreign packages, secrets, earlier compilations or another number of threads into a
#: measured interpreter: both libraries may use every core that it may run on, and that number is recorded.
DROPPED = (
    *("PYTHON", "PREFECT_", "CROSSOVER_", "VIRTUAL_ENV", "JAX_COMPILATION_CACHE_DIR"),
    *("OMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "VECLIB_"),
)


STOP = signal.SIGSTOP

#: Longest time that a container may take to be there, and to be gone.
STARTING_SECONDS = 60.0
ENDING_SECONDS = 10.0


class ProbeDied(Exception):
    """The probe's process ended without an answer; the text says how, and its last words."""

    out_of_memory = False  # whether it ended because it got no memory


class ProbeSilent(Exception):
    """The probe gave no answer in time, and was ended."""


class Link:
    """One running probe. Between an answer and the next question its process is stopped.

    A library that has just computed does not come to rest at once: OpenBLAS's threads spin for a tenth of a second in
    wait of the next call. Running on, they would take a core from whichever probe is measured next.

    python: the interpreter of the measured environment. label: what `ps` shows beside it.
    variables: added to its environment variables. cores: what it is kept on, from before it imports anything.
    hold: file descriptors that the process inherits, so that a lock on the machine outlives whoever took it.
    contained: None, or `python` only stands for an interpreter, which is in a container. It is given one more argument,
        JSON, that says what the container may have (`read` and `write`: paths of this machine; `memory_bytes`); and
        before any answer it says, as JSON too, the `pid` of the process that computes. That one is stopped and moved.
    """

    def __init__(
        self,
        python: str,
        *,
        label: str = "",
        variables: dict[str, str] | None = None,
        cores: Collection[int] | None = None,
        hold: Sequence[int] = (),
        contained: Mapping[str, Any] | None = None,
    ) -> None:
        folder = str(Path(__file__).parent)
        command = [python, "-I", "-c", BOOT, folder, label]
        if contained is not None:
            command.append(json.dumps({**contained, "read": [folder, *contained["read"]]}))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the link
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env={**inherited, **(variables or {})},
                pass_fds=tuple(hold),
            )
        except OSError:  # no such interpreter
            self._stderr.close()
            raise
        self._pid = self._process.pid
        self._is_met = contained is None
        self._cores = cores
        self._kills = memory.kills()
        self._closed = False
        if cores and self._is_met:  # before it imports: it does that when it is told to start, and says where it is
            self.keep_on(cores)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)
        self._unread = b""

    @property
    def pid(self) -> int:
        return self._pid

    def keep_on(self, cores: Collection[int]) -> None:
        """Move the whole process, all its threads, to these cores."""
        with contextlib.suppress(OSError):  # a dead probe says so when it is asked
            for thread in os.listdir(f"/proc/{self.pid}/task"):
                _move(int(thread), cores)

    def call_from(self, cores: Collection[int]) -> None:
        """Move the thread that makes the calls, and none of those that a library started, to these cores."""
        _move(self.pid, cores)

    def has_ended(self) -> bool:
        """Whether it can no longer be asked, however it came to that."""
        return self._closed or self._process.poll() is not None

    def send(self, **request: Any) -> None:
        """Send a request without waiting, so that several probes can start up at once."""
        if self._closed:
            raise ProbeDied("the probe had been ended")
        if not self._is_met:
            self._meet()
        self._signal(signal.SIGCONT)
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            raise self._death() from None

    def receive(self, timeout_seconds: float) -> dict[str, Any]:
        """The next answer, with which the process is stopped.

        ProbeSilent after `timeout_seconds` without a byte, ProbeDied at the end of the process.
        """
        line = self._line(timeout_seconds)
        self._signal(STOP)
        return json.loads(line)

    def close(self) -> None:
        """End the process now. Calling it twice is harmless."""
        self._closed = True
        self._signal(signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):  # its container takes a moment to be removed
            self._process.wait(ENDING_SECONDS)
        self._process.kill()
        self._process.wait()
        self._selector.close()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            with contextlib.suppress(BrokenPipeError):  # a request that nobody will read any more
                stream.close()

    def _meet(self) -> None:
        """Hear which process computes in the container, and keep it on its cores before it imports anything."""
        try:
            self._pid = json.loads(self._line(STARTING_SECONDS))["pid"]
        except ProbeSilent as error:
            raise ProbeDied(f"no container: {error}") from None
        self._is_met = True
        if self._cores:
            self.keep_on(self._cores)

    def _signal(self, number: int) -> None:
        """To the process that computes, as long as it is there."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)

    def _line(self, timeout_seconds: float) -> bytes:
        """The next line that it says."""
        while b"\n" not in self._unread:
            if not self._selector.select(timeout_seconds):
                self.close()
                raise ProbeSilent(f"no answer within {timeout_seconds:g} s")
            received = os.read(self._process.stdout.fileno(), 1 << 16)
            if not received:
                raise self._death()
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _death(self) -> ProbeDied:
        code = self._process.wait()
        self._stderr.seek(0)
        said = [line for line in self._stderr.read().decode(errors="replace").splitlines() if line.strip()]
        telling = [line for line in said if any(word in line for word in memory.WORDS)]
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        if code == -signal.SIGKILL and memory.kills() > self._kills:
            how, telling = "was killed by the kernel, which had no memory left", said
        last = [told(line) for line in (telling or said)[-1:]]
        death = ProbeDied(f"the probe {how}" + "".join(f": {line}" for line in last))
        death.out_of_memory = bool(telling) or "no memory left" in how
        return death


def _move(thread: int, cores: Collection[int]) -> None:
    """Keep a thread on these cores, where the system has such a thing and lets us."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setaffinity(thread, cores)
