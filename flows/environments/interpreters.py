"""The Pythons of this machine: those on PATH, of pyenv and of uv. None is ever downloaded."""

from __future__ import annotations

import functools
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from flows.environments.spec import EnvironmentSpecError
from flows.environments.uv import run_uv

#: What an interpreter says of itself: how it was built decides how fast a loop is, whatever its version.
ASK = """
import json, platform, sys, sysconfig
print(json.dumps({
    "path": sys.executable, "version": platform.python_version(), "platform": sysconfig.get_platform(),
    "build": " ".join((platform.python_implementation(), *platform.python_build(), platform.python_compiler())),
}))
"""


class MissingInterpreter(EnvironmentSpecError):
    """This machine has no such Python."""


@dataclass(frozen=True)
class Interpreter:
    """A Python of this machine. `build`: when and with what it was compiled. `platform`: such as linux-x86_64.

    image: the identity of the image that it is in instead; its platform is then as uv names one.
    """

    path: str
    version: str
    build: str
    platform: str
    image: str | None = None

    @property
    def identity(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def chosen_for(self) -> list[str]:
        """How uv is told to choose files for it."""
        if self.image is None:
            return ["--python", self.path]
        return ["--python-version", self.version, "--python-platform", self.platform]


def find(version: str | None = None) -> Interpreter:
    """The Python of this version (`3.12` is any 3.12; the newest counts), or the one that this runs in.

    MissingInterpreter names those that there are.
    """
    if version is None or f"{platform.python_version()}.".startswith(f"{version}."):
        return examine(getattr(sys, "_base_executable", sys.executable))
    for found, path in installed():
        if f"{found}.".startswith(f"{version}."):
            return examine(path)
    known = ", ".join(dict.fromkeys(found for found, _ in installed()))
    raise MissingInterpreter(f"this machine has no Python {version}. Found here: {known}")


@functools.cache
def installed() -> list[tuple[str, str]]:
    """(version, path) of every CPython that is found, the newest version first."""
    told = run_uv("python", "list", "--only-installed", "--output-format", "json", quiet=False, PATH=search_path())
    found: dict[str, tuple[tuple[int, ...], str]] = {}
    for one in json.loads(told):
        if one["implementation"] == "cpython" and one["variant"] == "default" and "/shims/" not in one["path"]:
            parts = tuple(one["version_parts"].values())
            found.setdefault(one["version"], (parts, one["path"]))
    return [(version, path) for version, (_, path) in sorted(found.items(), key=lambda item: item[1], reverse=True)]


@functools.cache
def examine(path: str) -> Interpreter:
    """What the interpreter at `path` says of itself."""
    told = subprocess.run([path, "-I", "-c", ASK], capture_output=True, text=True)
    if told.returncode:
        raise MissingInterpreter(f"{path} does not start: {told.stderr.strip()[-200:]}")
    return Interpreter(**json.loads(told.stdout))


def search_path() -> str:
    """PATH, and behind it what pyenv has installed."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return os.pathsep.join(
        [os.environ.get("PATH", ""), *map(str, sorted(pyenv.glob("versions/3.*/bin"), reverse=True))]
    )
