"""Start the measuring process, keep the machine for it, and end it together with whoever waits for it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from flows.lock import machine_lock
from workloads import bundle
from workloads.plan import Plan, read_plan

WHOLE, HOLES = 0, 1


class MeasuringFailed(Exception):
    """The measuring process could not do its work; the text is its last line."""


def plan_path(path: Path) -> Path:
    """Where the plan of a bundle lies: beside it, because only a plan can be resumed."""
    return path.with_suffix(".plan.json")


def save_plan(plan: Plan, path: Path) -> None:
    """Put the plan beside the bundle, whole or not at all: a run whose plan was cut off could not be gone on with."""
    new = path.with_suffix(".plan.new")
    new.write_text(json.dumps(asdict(plan), indent=1))
    os.replace(new, plan_path(path))


def load_plan(path: Path) -> Plan:
    """The plan of the bundle at `path`, which is to be resumed; MeasuringFailed where it is gone or not a plan."""
    try:
        return read_plan(json.loads(plan_path(path).read_text()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MeasuringFailed(f"{path.name} cannot be resumed, its plan cannot be read: {error}") from None


def measure(path: Path, *, label: str, machine: str | None, say: Callable[[str], None]) -> None:
    """Measure the plan beside the bundle at `path` into it, going on where it ends; `say` hears one line per case.

    Never retried: a second try is another sample. Interrupted, it ends the measuring process and keeps what is done.
    Nothing is measured where another process, which held the machine until now, has finished this very bundle.
    """
    command = [sys.executable, "-P", "-m", "workloads", "--plan", str(plan_path(path)), "--out", str(path)]
    if machine:
        command += ["--machine", machine]
    with machine_lock(label, say=say) as held:
        if bundle.is_begun(path) and bundle.is_finished(path):
            say(f"{path.name} was finished meanwhile")
            return
        process = subprocess.Popen(
            [*command, "--hold", str(held)],
            pass_fds=(held,),
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        last = ""
        try:
            for line in process.stderr:
                last = line.strip() or last
                if not line.startswith("error: "):  # raised below
                    say(line.rstrip())
            code = process.wait()
        finally:  # an exception, Ctrl-C among them: the whole group goes, and its lock with it
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stderr.close()
    if code not in (WHOLE, HOLES):
        raise MeasuringFailed(last.removeprefix("error: ") or f"measuring ended with exit code {code}")
