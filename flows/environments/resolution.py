"""What a spec comes to: every package with its version and the hash of its file.

The record is all that is needed to build the environment again, today or in years.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from packaging.utils import is_normalized_name
from packaging.version import Version

from flows.environments.interpreters import Interpreter
from flows.environments.spec import EnvironmentSpecError, Spec, decides_speed
from flows.environments.uv import run_uv

HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Package:
    """One file of the registry: its hash is SHA-256, its size that of the download; `uploaded` is UTC."""

    name: str
    version: str
    sha256: str
    download_bytes: int | None = None
    uploaded: str | None = None


@dataclass(frozen=True)
class Resolution:
    """Everything that is installed into an environment, in alphabetical order."""

    packages: tuple[Package, ...]

    @property
    def requirements(self) -> str:
        """As a file of requirements that admits these very files and no others."""
        return "".join(f"{p.name}=={p.version} --hash=sha256:{p.sha256}\n" for p in self.packages)

    @property
    def asked(self) -> dict[str, str]:
        """The versions that a probe has to find, of what decides speed."""
        return {package.name: package.version for package in self.packages if decides_speed(package.name)}

    @property
    def record(self) -> list[dict[str, Any]]:
        return [asdict(package) for package in self.packages]

    def key(self, interpreter: Interpreter) -> str:
        """What makes two built environments the same one: these files, under this very interpreter."""
        content = {"requirements": self.requirements, **interpreter.identity}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def of_record(record: Iterable[Mapping[str, Any]]) -> Resolution:
    """The resolution that `record` tells of; EnvironmentSpecError where it is none."""
    try:
        packages = tuple(Package(**package) for package in record)
        for package in packages:  # a bundle from outside may have brought it, and it becomes lines that uv reads
            if not (is_normalized_name(package.name) and HASH.fullmatch(package.sha256)):
                raise ValueError(f"{package.name!r} is no package with a hash")
            Version(package.version)
    except (TypeError, ValueError) as error:
        raise EnvironmentSpecError(f"not the record of an environment: {error}") from None
    return Resolution(packages)


def resolve(
    spec: Spec, interpreter: Interpreter, *, as_of: date | None = None, prereleases: bool = False
) -> Resolution:
    """What uv chooses for `spec` today, or would have chosen on a day; released wheels only, nothing is compiled.

    EnvironmentSpecError says which requirements contradict each other, or what there is no wheel of.
    """
    wanted = dict(spec.requirements)
    wanted.setdefault("numpy", "numpy")
    if "jax" in wanted and "jaxlib" not in wanted:  # older releases of JAX do not ask for it themselves
        pinned = spec.pins.get("jax")
        wanted["jaxlib"] = f"jaxlib<={pinned}" if pinned else "jaxlib"
    found = _compile(spec, wanted.values(), interpreter, as_of, prereleases)
    versions = {package.name: package.version for package in found.packages}
    if "jax" in versions and Version(versions["jaxlib"]) > Version(versions["jax"]):  # it would not be imported
        wanted |= {"jax": f"jax=={versions['jax']}", "jaxlib": f"jaxlib<={versions['jax']}"}
        found = _compile(spec, wanted.values(), interpreter, as_of, prereleases)
    return found


def _compile(
    spec: Spec, wanted: Iterable[str], interpreter: Interpreter, as_of: date | None, prereleases: bool
) -> Resolution:
    options = [f"--exclude-newer={as_of.isoformat()}"] if as_of else []
    options += ["--prerelease=allow"] if prereleases else []
    try:
        told = run_uv(
            *("pip", "compile", "-", "--format", "pylock.toml", "--only-binary", ":all:", "--no-header"),
            *(*interpreter.chosen_for, *options),
            read="\n".join(wanted),
        )
    except EnvironmentSpecError as error:
        when = f" as of {as_of}" if as_of else ""
        text = f"cannot resolve {spec.name}{when} for Python {interpreter.version}: {error}"
        if not spec.python and ("wheel" in str(error) or "Python" in str(error)):
            text += ". Another Python may have it, such as python==3.13; `crossover environments` lists those here"
        raise type(error)(text) from None
    return Resolution(tuple(_package(entry) for entry in tomllib.loads(told).get("packages", [])))


def _package(entry: Mapping[str, Any]) -> Package:
    wheel = entry["wheels"][0]  # uv names those that this interpreter takes, the best first
    uploaded = wheel.get("upload-time")
    return Package(
        entry["name"],
        entry["version"],
        wheel["hashes"]["sha256"],
        wheel.get("size"),
        uploaded.isoformat().replace("+00:00", "Z") if uploaded else None,
    )
