"""The one folder that everything of a machine lives in: CROSSOVER_HOME, by default `.crossover/` where you are."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from storage.address import absolute


class HomeError(Exception):
    """The folder cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Home:
    """Where things are. Every folder exists once `open_home` has returned."""

    path: Path

    @property
    def database_url(self) -> str:
        """CROSSOVER_DATABASE_URL, or a SQLite file here."""
        url = os.environ.get("CROSSOVER_DATABASE_URL") or f"sqlite:///{self.path / 'crossover.db'}"
        return absolute(url)  # a path of its own would mean another one elsewhere

    @property
    def bundles(self) -> Path:
        return self.path / "bundles"

    @property
    def environments(self) -> Path:
        return self.path / "environments"

    @property
    def prefect(self) -> Path:
        return self.path / "prefect"

    @property
    def scratch(self) -> Path:
        return self.path / "scratch"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def reports(self) -> Path:
        return self.path / "reports"


def open_home(path: str | os.PathLike[str] | None = None) -> Home:
    """The home at `path`, CROSSOVER_HOME or `.crossover/`, made ready; HomeError where it cannot be written."""
    home = Home(Path(path or os.environ.get("CROSSOVER_HOME") or ".crossover").absolute())
    try:
        for folder in (home.path, home.bundles, home.environments, home.prefect, home.scratch, home.logs, home.reports):
            folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home.bundles):
            pass
    except OSError as error:
        raise HomeError(
            f"cannot write to {home.path} ({error.strerror}): set CROSSOVER_HOME to a folder that you may write to"
        ) from None
    return home
