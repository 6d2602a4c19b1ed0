"""What is asked for: the packages of an environment, as text, or of a requirements or lock file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from workloads.environment import LIBRARIES, PLUGINS

EXAMPLE = 'write it like "numpy==2.4.3,jax==0.9.2", "numpy,jax" or "python==3.12,jax[cuda13]"'

#: A comma that separates packages: neither one inside brackets nor one before a further bound, as in `numpy>=2,<3`.
SEPARATOR = re.compile(r",(?![^\[]*\])(?!\s*[<>=!~])")


NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")

#: What a file of requirements, or a lock, may be called.
FILES = (".txt", ".in", ".lock", ".toml")


class EnvironmentSpecError(Exception):
    """An environment that cannot be asked for, or not be built, as it was written; the text says what to write."""


@dataclass(frozen=True)
class Spec:
    """Requirements by package name, and the interpreter's version, `3.12` or `3.12.1`; None: the current one's."""

    requirements: dict[str, str]
    python: str | None = None

    @property
    def name(self) -> str:
        python = [f"python=={self.python}"] if self.python else []
        return ",".join([*self.requirements.values(), *python])

    @property
    def pins(self) -> dict[str, str]:
        """The exact versions among them, by package name."""
        found = {name: pin(Requirement(text)) for name, text in self.requirements.items()}
        return {name: version for name, version in found.items() if version}

    @property
    def labels(self) -> dict[str, str]:
        """Each package with its extras and without its version, by name: `jax[cuda13]`."""
        return {name: re.split("[<>=!~]", text)[0].strip() for name, text in self.requirements.items()}

    @property
    def is_exact(self) -> bool:
        """Whether it will always mean the same versions of what it names."""
        return len(self.pins) == len(self.requirements)


def parse_spec(text: str) -> Spec:
    """`numpy==2.4.3,jax==0.9.2` as a Spec: requirements of released packages, exact or not, with extras or without.

    EnvironmentSpecError for anything else: addresses, paths, options, markers, a package named twice.
    """
    return _spec(text, [piece.strip() for piece in SEPARATOR.split(text)])


def read_spec(text: str) -> Spec:
    """A Spec as text, or that of the file that the text names: see `spec_of_file`."""
    path = Path(text)
    return spec_of_file(path) if path.suffix in FILES else parse_spec(text)


def spec_of_file(path: Path) -> Spec:
    """Of a requirements or lock file, the packages that decide how fast NumPy and JAX are: the rest is left out.

    Requirements (pinned, hashed or neither), `pylock.toml` and `uv.lock`. EnvironmentSpecError where it names neither.
    """
    try:
        text = path.read_text()
        lines = _locked(tomllib.loads(text)) if "[[package" in text else _required(text, path.parent)
    except (OSError, ValueError, RecursionError) as error:
        raise EnvironmentSpecError(f"cannot read {path}: {error}") from None
    wanted = [line for line in lines if decides_speed(canonicalize_name(Requirement(line).name))]
    spec = _spec(str(path), wanted) if wanted else None
    if spec is None:
        raise EnvironmentSpecError(f"{path} asks for neither numpy nor jax")
    return spec


def with_extra(spec: Spec, name: str, extra: str) -> Spec:
    """The same spec, with one more extra of a package that it asks for; EnvironmentSpecError for what is no extra."""
    if name not in spec.requirements:
        return spec
    requirement = Requirement(spec.requirements[name])
    if not NAME.fullmatch(extra):
        raise EnvironmentSpecError(f"{extra!r} is not an extra of {name}, such as cuda13")
    extras = ",".join(sorted({*requirement.extras, extra}))
    return replace(spec, requirements={**spec.requirements, name: f"{name}[{extras}]{requirement.specifier}"})


def decides_speed(name: str) -> bool:
    """Whether a package is one of those whose versions name an environment."""
    return name in LIBRARIES or name.startswith(PLUGINS)


def pin(requirement: Requirement) -> str | None:
    """The one version that a requirement names; None where it allows several."""
    (only, *others) = [*requirement.specifier] or [None]
    if only is None or others or only.operator != "==" or only.version.endswith(".*"):
        return None
    return str(Version(only.version))


def _spec(text: str, pieces: list[str]) -> Spec:
    requirements: dict[str, str] = {}
    python = None
    for piece in filter(None, pieces):
        try:
            requirement = Requirement(piece)
            version = pin(requirement)
        except (InvalidRequirement, InvalidVersion):
            raise EnvironmentSpecError(f"{piece!r} is not a package with a version: {EXAMPLE}") from None
        name = canonicalize_name(requirement.name)
        if requirement.url or requirement.marker:
            raise EnvironmentSpecError(f"{piece!r}: only released versions can be measured: {EXAMPLE}")
        if name in requirements or (name == "python" and python):
            raise EnvironmentSpecError(f"{name} is asked for twice in {text!r}")
        if name == "python":
            if not version:
                raise EnvironmentSpecError(f"{piece!r} does not name one version of Python: {EXAMPLE}")
            python = version
            continue
        extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
        requirements[name] = f"{name}{extras}" + (f"=={version}" if version else str(requirement.specifier))
    if not requirements.keys() & {"numpy", "jax", "jaxlib"}:  # a typing error is the name of somebody's package
        raise EnvironmentSpecError(f"{text!r} asks for neither numpy nor jax: {EXAMPLE}")
    return Spec(requirements, python)


def _required(text: str, folder: Path) -> list[str]:
    """The requirements of a file of requirements that hold here, with those of the files that it names by `-r`.

    Without options, hashes and comments, and without what is built from an address or a folder.
    """
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        other = re.match(r"\s*(-r|--requirement)[\s=]+([^\s#]+)", line)
        line = re.sub(r"(^|\s)(#|--).*", "", line).strip()
        if other:
            path = folder / other[2]
            found += _required(path.read_text(), path.parent)
        elif line and not re.match(r"-|\.|/|[\w+]+:", line):
            try:
                requirement = Requirement(line)
            except InvalidRequirement:
                raise ValueError(f"{line!r} is not a requirement, such as numpy==2.2.6") from None
            if requirement.marker is None or requirement.marker.evaluate():
                requirement.marker = None
                found.append(str(requirement))
    return found


def _locked(document: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The packages of a lock file in TOML: of several versions of one, that for this Python and system."""
    found = []
    for package in document.get("packages") or document.get("package") or []:
        markers = package.get("resolution-markers") or [text for text in [package.get("marker")] if text]
        if "version" in package and (not markers or any(Marker(text).evaluate() for text in markers)):
            found.append(f"{package['name']}=={package['version']}")
    return found
