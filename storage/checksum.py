"""The SHA-256 of a file, in another one beside it, as `sha256sum --check` reads it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from storage.address import StorageError
from storage.whole_file import written_whole

ENDING = ".sha256"


def beside(file: Path) -> Path:
    """Where the SHA-256 of a file lies."""
    return file.with_name(file.name + ENDING)


def note(file: Path) -> None:
    """Write down what a file is now. CannotWrite where that cannot be done, or was done before."""
    with written_whole(beside(file)) as part:
        part.write_text(f"{_sum(file)}  {file.name}\n")


def is_noted(file: Path) -> bool:
    """Whether anything is written down of this file."""
    return beside(file).exists()


def is_as_noted(file: Path) -> bool:
    """Whether a file is what it was when that was written down. StorageError where either cannot be read."""
    try:
        words = beside(file).read_text(encoding="ascii", errors="replace").split()
        return words[:1] == [_sum(file)]
    except OSError as error:
        raise StorageError(f"cannot read {error.filename} ({error.strerror})") from None


def _sum(file: Path) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
