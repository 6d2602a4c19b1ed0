"""Which releases of a package there are, and when each appeared: asked of the registry that uv installs from."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from packaging.version import InvalidVersion, Version
from pypi_simple import (
    PYPI_SIMPLE_ENDPOINT,
    DistributionPackage,
    NoSuchProjectError,
    PyPISimple,
    UnsupportedContentTypeError,
    UnsupportedRepoVersionError,
)
from requests import RequestException

from flows.environments.spec import EnvironmentSpecError
from flows.environments.uv import RegistryAway

#: Where uv looks, in the order in which it does.
INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL")
TIMEOUT_SECONDS = 60.0
EXAMPLE = "write it like 1.26..2.4, 2.0.. or 2.0.2,2.1.3"


@dataclass(frozen=True)
class Release:
    """A version of which there are wheels. `appeared`: the day of the first of them, UTC; None where nobody says."""

    version: Version
    appeared: date | None

    @property
    def day_after(self) -> date | None:
        """By then what belongs to it had been released too: jaxlib follows jax by hours."""
        return self.appeared + timedelta(days=1) if self.appeared else None


def releases(package: str) -> list[Release]:
    """Every final release that has wheels and was not withdrawn, the oldest first.

    RegistryAway where nobody can be asked, EnvironmentSpecError where there is no such package.
    """
    index = next((os.environ[name] for name in INDEX_VARIABLES if os.environ.get(name)), PYPI_SIMPLE_ENDPOINT)
    try:
        with PyPISimple(index) as registry:
            return listed(registry.get_project_page(package, timeout=TIMEOUT_SECONDS).packages)
    except NoSuchProjectError:
        raise EnvironmentSpecError(f"the registry has no package {package}") from None
    except (RequestException, UnsupportedContentTypeError, UnsupportedRepoVersionError) as error:
        raise RegistryAway(f"the registry cannot be asked for the releases of {package} ({error})") from None


def known_releases(package: str, folder: Path, say: Callable[[str], None]) -> list[Release]:
    """As `releases`, remembered in `folder`; without a registry what they were the last time."""
    memory = folder / f"{package}.releases.json"
    try:
        found = releases(package)
    except RegistryAway as error:
        if not memory.exists():
            raise
        say(f"{error}; taking what there was the last time")
        told = json.loads(memory.read_text())
        return [Release(Version(version), day and date.fromisoformat(day)) for version, day in told]
    folder.mkdir(exist_ok=True)
    new = memory.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps([(str(one.version), one.appeared and one.appeared.isoformat()) for one in found]))
    os.replace(new, memory)
    return found


def listed(files: Iterable[DistributionPackage]) -> list[Release]:
    """The releases that some files of a registry belong to."""
    days: dict[Version, list[date]] = {}
    for file in files:
        if file.package_type == "wheel" and file.version and not file.is_yanked:
            version = Version(file.version)
            if not version.is_prerelease:
                days.setdefault(version, []).extend([file.upload_time.date()] if file.upload_time else [])
    return [Release(version, min(days[version], default=None)) for version in sorted(days)]


def chosen(package: str, text: str, known: Sequence[Release], *, minor: bool = False) -> list[Release]:
    """Those that `text` means: `0.4.18..0.10`, `2.0..`, `1.26.4,2.0.2`; an end without its last numbers is all of it.

    minor: only the last of each minor release. EnvironmentSpecError where there is none, or the text cannot be read.
    """
    found: dict[Version, Release] = {}
    for part in text.replace(" ", "").split(","):
        first, range_sign, last = part.partition("..")
        if not first and not last:
            raise EnvironmentSpecError(f"{text!r} names no release of {package}: {EXAMPLE}")
        low, high = (bound(package, end) for end in (first, last if range_sign else first))
        matching = [one for one in known if low <= one.version.release and one.version.release[: len(high)] <= high]
        if first.count(".") > 1 and not range_sign:  # 2.0 is all of 2.0; but 0.9.0 is not 0.9.0.1
            matching = [one for one in matching if one.version == Version(first)] or matching
        if not matching:
            near = ", ".join(str(release.version) for release in known[-5:])
            raise EnvironmentSpecError(f"there is no release of {package} in {part!r}. The last ones are {near}")
        found |= {release.version: release for release in matching}
    ordered = [found[version] for version in sorted(found)]
    if minor:
        ordered = list({release.version.release[:2]: release for release in ordered}.values())
    return ordered


def bound(package: str, text: str) -> tuple[int, ...]:
    """One end of a range as numbers; empty where it is open."""
    try:
        return Version(text).release if text else ()
    except InvalidVersion:
        raise EnvironmentSpecError(f"{text!r} is not a version of {package}: {EXAMPLE}") from None
