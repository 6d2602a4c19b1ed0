"""Postgres's own programs: pg_dump, pg_restore, psql. A password is in their environment, and so nobody else's."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
from itertools import islice
from pathlib import Path

from storage.address import StorageError, masked, password, without_password

#: Of what pg_restore says first, what a server before Postgres 17 refuses: it has no such limit to lift.
SINCE_17, HEADER_LINES = b"SET transaction_timeout = 0;\n", 30


def check_installed(programs: tuple[str, ...], url: str, *command: str) -> None:
    """StorageError, with a command to run where they are installed, unless these programs are here."""
    if missing := [program for program in programs if shutil.which(program) is None]:
        line = shlex.join([command[0], f"--dbname={without_password(url)}", *command[1:]])
        raise StorageError(
            f"{' and '.join(missing)}: not installed here. Where it is, no older than the server, run: {line}"
        )


def execute(program: str, *arguments: str, url: str | None = None) -> str:
    """What a program prints. StorageError, with what it says, where it fails."""
    to = [f"--dbname={without_password(url)}"] if url else []
    ran = subprocess.run([program, *to, *arguments], env=_environment(url), capture_output=True, text=True)
    if ran.returncode:
        raise _failed(program, ran.stderr, url)
    return ran.stdout


def restore_dump(url: str, file: Path, first: str, *options: str) -> None:
    """Have psql do what pg_restore makes of a dump, after statements of ours, in one transaction.

    StorageError: nothing was changed.
    """
    reader = ["pg_restore", "--file=-", *options, str(file)]
    writer = ["psql", f"--dbname={without_password(url)}", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    with tempfile.TemporaryFile("w+") as read_said, tempfile.TemporaryFile("w+") as write_said:
        with (
            contextlib.suppress(BrokenPipeError),  # psql has ended, and says why
            subprocess.Popen(
                writer, env=_environment(url), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=write_said
            ) as writing,
            subprocess.Popen(reader, stdout=subprocess.PIPE, stderr=read_said) as reading,
        ):
            assert writing.stdin is not None
            assert reading.stdout is not None
            writing.stdin.write(f"begin;\n{first}\n".encode())
            writing.stdin.writelines(line for line in islice(reading.stdout, HEADER_LINES) if line != SINCE_17)
            shutil.copyfileobj(reading.stdout, writing.stdin)
            if reading.wait() == 0:  # else psql comes to an end that commits nothing
                writing.stdin.write(b"commit;\n")
        ended = [("psql", writing.returncode, write_said), ("pg_restore", reading.returncode, read_said)]
        if reading.returncode > 0:  # psql may have stumbled over what it had no end of
            ended.reverse()
        for program, code, said in ended:
            if code:
                said.seek(0)
                raise _failed(program, said.read(), url)


def _environment(url: str | None) -> dict[str, str]:
    secret = password(url) if url else None
    return {**os.environ, **({"PGPASSWORD": secret} if secret else {})}


def _failed(program: str, said: str, url: str | None) -> StorageError:
    told = " ".join((masked(said, url) if url else said).split())
    return StorageError(f"{program} failed: {told[-1000:]}")
