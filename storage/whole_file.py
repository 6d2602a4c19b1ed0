"""A file appears under its name once all of it is on the disk, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

#: What file systems answer that give a file one name only: FAT, some that are shared.
ONE_NAME = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)


class CannotWrite(Exception):
    """A file cannot be written where it was asked for; the text says why."""


@contextlib.contextmanager
def written_whole(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A name to write to, in the folder of `path`, which is made; afterwards the file has its own name.

    overwrite: it replaces one that is there. CannotWrite where it cannot be written, or one is there; a full disk stays
    an OSError, as everywhere.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        if overwrite:
            os.replace(part, path)
        else:
            _name(part, path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise CannotWrite(f"cannot write {path} ({error.strerror or error})") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _name(part: Path, path: Path) -> None:
    """Give a file its own name. FileExistsError where another one has it, even if that came in this very moment."""
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in ONE_NAME:
            raise
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))  # the name is claimed first, and then given away
        os.replace(part, path)
