"""One measurement per machine, whatever starts it: a lock file on the host, which the measuring process inherits.

The kernel frees the lock when the last process that inherited it ends, however it ends. So a measurement that outlives
whoever started it still keeps the machine to itself, and nothing has to be cleaned up after a crash.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

#: The same for every user and every CROSSOVER_HOME of a machine: the first of these that everybody may write to.
FOLDERS = (Path("/run/lock"), Path("/var/lock"), Path("/tmp"))
POLL_SECONDS = 0.5

#: Who builds environments holds the machine too: it would disturb whoever measures.
BUILDING = "building environments"


class MachineBusy(Exception):
    """Somebody else measures on this machine; the text says who, and since when."""


def lock_path() -> Path:
    """This machine's lock file."""
    folder = next(folder for folder in FOLDERS if folder.is_dir() and folder.stat().st_mode & stat.S_IWOTH)
    return folder / "crossover" / "machine.lock"


@contextlib.contextmanager
def machine_lock(
    label: str, *, wait_seconds: float = 3600, say: Callable[[str], None] = lambda _: None, path: Path | None = None
) -> Iterator[int]:
    """Hold this machine while measuring; gives the file descriptor that measuring processes must inherit.

    label: what is measured, for whoever has to wait. say: told once who is in the way.
    MachineBusy after `wait_seconds`.
    """
    descriptor = _open(path or lock_path())
    try:
        waited = 0.0
        while not _taken(descriptor):
            holder = f"this machine is in use: {_holder(descriptor)}"
            if waited >= wait_seconds:
                raise MachineBusy(holder)
            if waited == 0:
                say(f"waiting: {holder}")
            time.sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        document = {"pid": os.getpid(), "label": label, "since": datetime.now(UTC).isoformat(timespec="seconds")}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(document).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)  # never unlocked: a measurement that inherited it keeps the lock


def holder(path: Path | None = None) -> str | None:
    """Who measures on this machine now, and since when; None: nobody."""
    path = path or lock_path()
    if not path.exists():
        return None
    descriptor = _open(path)
    try:
        return None if _taken(descriptor) else _holder(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    """Open the lock file for any user: whoever comes first makes it, and lets all others write to it."""
    if not path.parent.is_dir():
        with contextlib.suppress(FileExistsError):
            path.parent.mkdir(parents=True)
            path.parent.chmod(0o1777)
    how = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW  # a link that somebody planted would be written through
    try:
        # Without O_CREAT first: Linux refuses to "create" another user's file in a folder that everyone may write to.
        with contextlib.suppress(FileNotFoundError):
            return _plain(os.open(path, how), path)
        descriptor = os.open(path, how | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:  # somebody else was first, a moment ago
        return _plain(os.open(path, how), path)
    except OSError as error:
        raise MachineBusy(f"the lock file {path} cannot be used ({error.strerror}): ask who made it") from None
    os.fchmod(descriptor, 0o666)  # the umask took these rights away
    return descriptor


def _plain(descriptor: int, path: Path) -> int:
    """The descriptor, if it is an ordinary file that has no other name somewhere."""
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        os.close(descriptor)
        raise MachineBusy(f"the lock file {path} is not an ordinary file: remove it")
    return descriptor


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4000, 0))
        return f"{holder['label']} (process {holder['pid']}) since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "another process"
