"""`crossover.toml`: what a night measures, and how exactly."""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)

from flows.environments.spec import EnvironmentSpecError, parse_spec
from workloads.machine import nickname


class SettingsError(Exception):
    """A settings file that cannot be used; the text names the place in it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Suite(_Strict):
    """A choice of workloads, and how long to look at each."""

    processes: PositiveInt = 3
    most_processes: PositiveInt | None = None  # none: no more than `processes`
    seconds_per_case: PositiveFloat = 3.0
    precision: PositiveFloat = 0.01
    threads: PositiveInt | None = None
    peaks: bool = True
    noise_floor_cases: NonNegativeInt = 0
    memory_bytes: PositiveInt | None = None
    timeout_seconds: PositiveFloat = 60.0
    case_limit_seconds: PositiveFloat = 600.0
    run_limit_seconds: PositiveFloat | None = None
    longest_call_seconds: PositiveFloat | None = None  # sizes at which a call would take longer are left out
    dtypes: list[str] | None = None
    variants: list[str] | None = None
    workloads: Literal["all"] | dict[str, list[float] | Literal["all"]]


class Track(_Strict):
    """A slot that resolves anew each night: what an environment is asked for as, by one name for ever."""

    spec: str
    prereleases: bool = False
    as_of: date | None = None
    builder: Literal["uv", "docker"] = "uv"

    @field_validator("spec")
    @classmethod
    def readable(cls, spec: str) -> str:
        try:
            parse_spec(spec)
        except EnvironmentSpecError as error:
            raise ValueError(str(error)) from None
        return spec


class Nightly(_Strict):
    """When a machine measures by itself, and in which tracks; none: in the environment that Crossover runs in.

    budget_seconds: what a night may take; None: everything is measured every night. every_nights: where a night cannot
    hold everything, each workload at least so often. pool: which hardware the machine is. retired: it has no nights any
    more, and nobody waits for them; what it measured stays.
    """

    pool: Literal["cpu", "gpu", "tpu"] = "cpu"
    budget_seconds: PositiveFloat | None = None
    every_nights: PositiveInt = 7
    suite: str = "nightly"
    tracks: list[str] = Field(default_factory=list)
    cron: str = "0 2 * * *"
    timezone: str = "UTC"
    max_late_seconds: PositiveInt = 7200
    retired: bool = False

    @field_validator("timezone")
    @classmethod
    def known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            raise ValueError(f"{name!r} is not a time zone, such as Europe/Berlin") from None
        return name

    @field_validator("cron")
    @classmethod
    def five_fields(cls, cron: str) -> str:
        try:
            CronSim(cron, datetime.now(UTC))
        except CronSimError as error:
            raise ValueError(f"{cron!r} is not a cron line of five fields ({error})") from None
        day_of_month, _, day_of_week = cron.split()[2:5]
        if not (day_of_month.startswith("*") or day_of_week.startswith("*")):  # either day, or only days that are both
            raise ValueError(f"{cron!r} names days of the month and of the week: not everybody reads that alike")
        return cron


class Notify(_Strict):
    """Who is told of a night, or of a machine that is late. Nothing is said of a night that has nothing to say.

    file: each digest is appended to it. urls: as Apprise writes them, such as json://host/path for a webhook; one with
    a password belongs into CROSSOVER_NOTIFY, several parted by spaces.
    """

    file: Path | None = None
    urls: list[str] = Field(default_factory=list)


class RunNow(_Strict):
    """Who may begin runs from the pages, once they are signed in.

    allowed: addresses that their provider has verified, or subjects as it calls them.
    """

    allowed: list[str] = Field(default_factory=list)


#: A hundred years.
MOST_NIGHTS = 36_500


class Retention(_Strict):
    """How long things are kept. samples_nights: nights whose samples stay; None: all of them, for ever."""

    samples_nights: PositiveInt | None = Field(None, le=MOST_NIGHTS)


class Settings(_Strict):
    """The whole file."""

    nightly: Nightly = Nightly()
    notify: Notify = Notify()
    retention: Retention = Retention()
    run_now: RunNow = RunNow()
    machines: dict[str, Nightly] = Field(default_factory=dict)  # what is otherwise on one of them, by nickname
    suites: dict[str, Suite] = Field(min_length=1)
    tracks: dict[str, Track] = Field(default_factory=dict)

    @field_validator("machines")
    @classmethod
    def by_nickname(cls, machines: dict[str, Nightly]) -> dict[str, Nightly]:
        for name in machines:
            if nickname(name) != name:  # else what stands there would be of no machine, silently
                raise ValueError(f"{name!r} is no machine's nickname: that one is called {nickname(name)}")
        return machines

    @model_validator(mode="after")
    def nights_know_their_suites_and_tracks(self) -> Settings:
        nights = {"nightly": self.nightly} | {f"machines.{name}": nightly for name, nightly in self.machines.items()}
        for where, nightly in nights.items():
            if "suite" in nightly.model_fields_set and nightly.suite not in self.suites:
                raise ValueError(f"{where}.suite: there is no [suites.{nightly.suite}]")
            for name in nightly.tracks:
                if name not in self.tracks:
                    raise ValueError(f"{where}.tracks: there is no [tracks.{name}]")
        return self

    def night_of(self, machine: str) -> Nightly:
        """The nights of one machine: [nightly], and in its place what [machines.NAME] says."""
        here = self.machines.get(machine, Nightly())
        return Nightly(**{**self.nightly.model_dump(exclude_unset=True), **here.model_dump(exclude_unset=True)})

    def suite(self, name: str) -> Suite:
        """The suite of this name; SettingsError names those that there are."""
        if name not in self.suites:
            raise SettingsError(f"there is no suite {name!r}. Known: " + ", ".join(self.suites))
        return self.suites[name]

    def track(self, name: str) -> Track:
        """The track of this name; SettingsError names those that there are."""
        if name not in self.tracks:
            known = "Known: " + ", ".join(self.tracks) if self.tracks else "There are none: add [tracks.NAME]"
            raise SettingsError(f"there is no track {name!r}. {known}")
        return self.tracks[name]


def settings_path() -> Path:
    """CROSSOVER_CONFIG, else `crossover.toml` where you are, else the one that ships beside the rooms."""
    chosen = os.environ.get("CROSSOVER_CONFIG")
    if chosen:
        return Path(chosen).absolute()
    here = Path("crossover.toml").absolute()
    return here if here.is_file() else Path(__file__).parent.parent / "crossover.toml"


def read_settings(path: Path | None = None) -> Settings:
    """The settings at `path`, or where `settings_path` says. SettingsError for anything that is not as it must be."""
    path = path or settings_path()
    try:
        return Settings.model_validate(tomllib.loads(path.read_text()))
    except OSError as error:
        raise SettingsError(f"cannot read {path} ({error.strerror})") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path.name}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{path.name}: {'.'.join(str(p) for p in first['loc'])}: {first['msg']}") from None
