"""Build the environments that are measured: asked for by exact versions, built once, kept by content."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version
from uv import find_uv_bin

from flows.home import Home
from workloads.plan import Place

CURRENT = "current"
EXAMPLE = 'write it like "numpy==2.4.3,jax==0.9.2"'


class EnvironmentSpecError(Exception):
    """An environment that cannot be asked for, or not be built, as it was written; the text says what to write."""


@dataclass(frozen=True)
class Spec:
    """Exact versions by package name; `python` chooses the interpreter."""

    pins: dict[str, str]

    @property
    def name(self) -> str:
        return ",".join(f"{name}=={version}" for name, version in self.pins.items())


def parse_spec(text: str) -> Spec:
    """`numpy==2.4.3,jax==0.9.2` as a Spec. EnvironmentSpecError for anything but exact versions from the registry."""
    pins: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        try:
            requirement = Requirement(part)
        except InvalidRequirement:
            raise EnvironmentSpecError(f"{part!r} is not a package with an exact version: {EXAMPLE}") from None
        name = requirement.name.lower().replace("_", "-")
        if requirement.url or requirement.extras or requirement.marker:
            raise EnvironmentSpecError(f"{part!r}: only released versions can be measured: {EXAMPLE}")
        versions = list(requirement.specifier)
        if len(versions) != 1 or versions[0].operator != "==":
            raise EnvironmentSpecError(f"{part!r} does not name one exact version: {EXAMPLE}")
        try:
            version = str(Version(versions[0].version))
        except InvalidVersion:
            raise EnvironmentSpecError(f"{part!r} does not name one exact version: {EXAMPLE}") from None
        if name in pins:
            raise EnvironmentSpecError(f"{name} is asked for twice in {text!r}")
        pins[name] = version
    if not pins:
        raise EnvironmentSpecError(f"an environment needs at least one package: {EXAMPLE}")
    return Spec(pins)


def current() -> Place:
    """The interpreter that this runs in, as it is."""
    return Place(CURRENT, sys.executable)


def build(spec: Spec, home: Home, say: Callable[[str], None] = lambda _: None) -> Place:
    """The environment of `spec`, built with uv unless it is there already. Several processes may ask for it at once.

    EnvironmentSpecError where it cannot be resolved or installed; a build that was cut short is never used.
    """
    python = spec.pins.get("python", platform.python_version())
    key = {
        "pins": dict(sorted(spec.pins.items())),
        "python": python,
        "platform": f"{sys.platform}-{platform.machine()}",
    }
    folder = home.environments / hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    place = Place(spec.name, str(folder / "bin" / "python"), spec.pins)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            say(f"building environment {spec.name}")
            shutil.rmtree(folder, ignore_errors=True)
            packages = [f"{name}=={version}" for name, version in spec.pins.items() if name != "python"]
            if "numpy" not in place.asked:
                packages.append("numpy")
            if (
                "jax" in place.asked and "jaxlib" not in place.asked
            ):  # older releases of JAX do not ask for it themselves
                packages.append(f"jaxlib<={place.asked['jax']}")
            interpreter = spec.pins.get("python", sys.executable)
            _uv("venv", "--python", interpreter, "--no-python-downloads", str(folder), spec=spec)
            _uv("pip", "install", "--python", place.python, *packages, spec=spec)
            (folder / "built").touch()
    return place


def _uv(*arguments: str, spec: Spec) -> None:
    """Run uv; what it complains of becomes the error's text, on one line."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    command = [find_uv_bin(), *arguments, "--quiet", "--no-config", "--color", "never"]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    if finished.returncode:
        said = " ".join(finished.stderr.replace("error:", "").replace("cause:", "").split())
        raise EnvironmentSpecError(f"cannot build {spec.name}: {said[:600]}")
