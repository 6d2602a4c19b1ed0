"""Ask uv: it resolves, finds interpreters and installs. What it complains of becomes the text of an error."""

from __future__ import annotations

import os
import re
import subprocess

from uv import find_uv_bin

from flows.environments.spec import EnvironmentSpecError

OPTIONS = ("--no-config", "--no-python-downloads", "--color", "never")

#: What uv says where the registry cannot be reached.
AWAY = re.compile(r"error sending request|dns error|failed to fetch|connection re|operation timed out", re.IGNORECASE)
FULL = re.compile(r"no space left|os error 28|disk quota", re.IGNORECASE)


class RegistryAway(EnvironmentSpecError):
    """The package registry cannot be reached."""


class DiskFull(EnvironmentSpecError):
    """There is no room for the environment."""


def run_uv(*arguments: str, read: str | None = None, quiet: bool = True, **variables: str) -> str:
    """What uv prints. `read`: its standard input. EnvironmentSpecError with what it says where it fails.

    quiet: without progress on standard error; lists are not printed either then.
    """
    # the settings of the environment that this runs in are no settings of the one that is built
    inherited = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    finished = subprocess.run(
        [find_uv_bin(), *arguments, *OPTIONS, *(["--quiet"] if quiet else [])],
        env={**inherited, **variables},
        input=read,
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        said = complaint(finished.stderr)
        if FULL.search(finished.stderr):
            raise DiskFull(f"the disk is full ({said[:200]}); `crossover environments --prune` makes room")
        raise (RegistryAway if AWAY.search(finished.stderr) else EnvironmentSpecError)(said)
    return finished.stdout


def complaint(said: str) -> str:
    """uv's words on one line, without its hints, which are about uv's own options."""
    said = re.sub(r"^(error|cause|warning):", "", said.partition("\nhint:")[0], flags=re.MULTILINE)
    words = " ".join(re.sub(r"\n\s*cause:", "\n", said).split())
    return re.sub(r"^No solution found when resolving dependencies:? ?", "", words)[:600]
