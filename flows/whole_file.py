"""A file appears under its name once all of it is on the disk, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path


class CannotWrite(Exception):
    """A file cannot be written where it was asked for; the text says why."""


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A name to write to, in the folder of `path`, which is made; afterwards the file has its own name.

    CannotWrite where it cannot be written; a full disk stays an OSError, as everywhere.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise CannotWrite(f"cannot write {path} ({error.strerror or error})") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
