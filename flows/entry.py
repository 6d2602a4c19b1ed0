"""The console script's entry: what a user can mend is one line of text and exit code 2, never a traceback."""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import Any

from cyclopts import CycloptsError

import flows.adhoc
import flows.authoring
import flows.databases
import flows.exporting
import flows.history
import flows.keeping
import flows.operating
import flows.serving
import flows.upkeep  # noqa: F401 - their commands join the others when they are imported
from flows import server, service
from flows.cli import OK, NoSuchRun, WrongOptions, app, say
from flows.environments import EnvironmentSpecError
from flows.home import HomeError
from flows.lock import MachineBusy
from flows.measure import MeasuringFailed
from flows.settings import SettingsError
from flows.unfinished import NothingToResume
from flows.upkeep import NoExamples
from storage.database import StorageError
from storage.export import ExportError
from storage.whole_file import CannotWrite
from workloads.bundle import BundleError
from workloads.workload import WorkloadError

MENDABLE = (
    NoSuchRun,
    WrongOptions,
    BundleError,
    EnvironmentSpecError,
    HomeError,
    MachineBusy,
    MeasuringFailed,
    SettingsError,
    StorageError,
    WorkloadError,
    NothingToResume,
    NoExamples,
    CannotWrite,
    ExportError,
    server.ServiceError,
    service.NoSuchFlowRun,
)

WRONG_INPUT, INTERRUPTED = 2, 130

#: How one goes on with what was stopped.
AGAIN = {
    "run": "`crossover run --resume`",
    "up": "`crossover run --resume`",
    "backfill": "the same command",
    "upgrade-check": "the same command",
}


def main(arguments: list[str] | None = None) -> Any:
    """The console script's entry."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's stop is a Ctrl-C
    try:
        code = app(arguments, exit_on_error=False, print_error=False)
    except (CycloptsError, *MENDABLE) as error:
        say("error: " + " ".join(str(error).split()))
        sys.exit(WRONG_INPUT)
    except BrokenPipeError:  # whoever read this, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        say("error: the disk is full; what was measured before is kept. `crossover environments --prune` makes room")
        sys.exit(WRONG_INPUT)
    except KeyboardInterrupt:
        again = AGAIN.get(next(iter(arguments or sys.argv[1:]), ""))
        say("stopped" + (f"; what a run has measured is kept ({again} goes on)" if again else ""))
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else OK)
