"""Nights as frames: series and their rows in, what is drawn and told of them out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from dashboard import wording
from dashboard.releases import case_name

NO_TRACK = "no track"
LAST_YEAR, ALL_NIGHTS = NIGHTS = ["last year", "all"]
#: Column of the series, what it is called, and how wide the choice is; a choice only where there are several.
CHOICES = (
    ("case", "Case", 200),
    ("computer", "Computer", 130),
    ("version", "Version", 110),
    ("device", "Device", 150),
    ("threads", "Threads", 100),
)
NEWEST_FIRST = ("computer", "version")
#: What NumPy and JAX may have of their own, so that one choice cannot hold for both.
OF_VARIANTS = ("device", "threads")
GAP = 1.5  # of the usual distance between nights: from there on some are missing
FIGURES = ("y", "low", "high")


@dataclass(frozen=True)
class Measure:
    """Something that may change from night to night: its column, how it is written, and how more and less of it are."""

    column: str
    text: Callable[..., str]
    subject: str
    more: str = "slower"
    less: str = "faster"


def memory(size_bytes: float, *_: float) -> str:
    return wording.disk(size_bytes)


STEADY, FIRST_CALL, IMPORT, MEMORY = "steady call", "first call", "import", "peak memory"
MEASURES = {
    STEADY: Measure("seconds", wording.duration, "{name}"),
    FIRST_CALL: Measure("first_call_seconds", wording.duration, "the first call of {name}"),
    IMPORT: Measure("import_seconds", wording.duration, "the import for {name}"),
    MEMORY: Measure("peak_bytes", memory, "the peak memory of {name}", "more", "less"),
}
MEASURED, TO_NUMPY = "as measured", "ratio to NumPy"
TO_FIRST, TO_MACHINE = "ratio to the first night", "ratio to a machine"
LOG, LINEAR = SCALES = ["log", "linear"]


@dataclass(frozen=True)
class View:
    """How nights are looked at: a measure, what it is shown as, beside which machine, on which scale."""

    measure: str = STEADY
    shown: str = MEASURED
    other: str = ""
    scale: str = LOG

    @property
    def of(self) -> Measure:
        return MEASURES[self.measure]

    @property
    def is_ratio(self) -> bool:
        return self.shown != MEASURED

    @property
    def axis(self) -> str:
        """What it is shown as, with the other machine's name."""
        return f"ratio to {self.other}" if self.shown == TO_MACHINE else self.shown

    @property
    def further(self) -> tuple[str, ...]:
        """The columns of a measurement that this needs beside those that every trend has."""
        return () if self.measure == STEADY else (self.of.column,)


@dataclass(frozen=True)
class Upgrade:
    """Another version of a library than in the night before, in the same track."""

    library: str
    before: str
    after: str
    night: date
    at: pd.Timestamp
    middle: pd.Timestamp

    @property
    def text(self) -> str:
        return f"{self.library} {self.before} → {self.after}"


def named(series: pd.DataFrame) -> pd.DataFrame:
    """Series with what people choose them by, as text: case, computer, version, threads."""
    if series.empty:
        return pd.DataFrame(columns=["id", "variant", *(column for column, *_ in CHOICES)])
    return series.assign(
        case=[case_name(row) for row in series.itertuples()],
        computer=series["fingerprint"].str[:8],
        version=series["workload_version"].astype(str),
        threads=series["threads"].astype(str),
    )


def options(series: pd.DataFrame, column: str) -> list[str]:
    """What can be chosen: of a device or threads, that of a variant that has several."""
    values = series[column]
    if column in OF_VARIANTS:
        several = series.groupby("variant")[column].transform("nunique") > 1
        values = values[several] if several.any() else values.head(1)
    found = list(values.unique())
    return found[::-1] if column in NEWEST_FIRST else found


def usual(options: Sequence[str], column: str) -> str:
    """What a page opens on: a case of middle size, of all else the first."""
    return options[len(options) // 2 if column == "case" else 0]


def narrowed(series: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    """The series with this value; of a variant that has one device, or one number of threads, whichever that is."""
    kept = series[column] == value
    if column in OF_VARIANTS:
        kept |= series.groupby("variant")[column].transform("nunique") == 1
    return series[kept]


def beside(theirs: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """Another machine's series of the same variants and case: with our devices and threads, or the only ones it has."""
    if theirs.empty:
        return theirs
    case, version = ours[["case_key", "version"]].iloc[0]
    theirs = theirs[(theirs["case_key"] == case) & (theirs["version"] == version)]
    theirs = theirs[theirs["computer"].isin(theirs["computer"].tail(1))]
    for column in OF_VARIANTS:
        wanted = theirs["variant"].map(dict(zip(ours["variant"], ours[column], strict=True)))
        single = theirs.groupby("variant")[column].transform("nunique") == 1
        theirs = theirs[(theirs[column] == wanted) | single]
    return theirs


def tracks(names: Iterable[str]) -> dict[str, str]:
    """Tracks by how they are called; what was measured in none comes last."""
    return {name or NO_TRACK: name for name in sorted(names, key=lambda name: (not name, name))}


def since(nights: str, newest: date) -> date:
    """The first night that is shown."""
    return newest - timedelta(days=365) if nights == LAST_YEAR else date.min.replace(year=1970)


def shown(measure: str, series: pd.DataFrame, others: Sequence[str]) -> list[str]:
    """How a measure can be shown: beside NumPy only what was sampled beside it, beside a machine where there is one."""
    beside_numpy = measure == STEADY and bool((series["variant"] != "numpy").any())
    there = {MEASURED: True, TO_NUMPY: beside_numpy, TO_FIRST: True, TO_MACHINE: bool(others)}
    return [name for name, is_there in there.items() if is_there]


def drawn(rows: pd.DataFrame, series: pd.DataFrame, view: View, theirs: pd.DataFrame | None = None) -> pd.DataFrame:
    """A row per variant and run, by time, with `y`, `low` and `high` to draw (NaN where there is no figure).

    theirs: what this gives of another machine, where figures are shown as ratios to it. `stretch` numbers the parts of
    a line between gaps.
    """
    if rows.empty:
        return pd.DataFrame(columns=["variant", "night", *FIGURES])
    frame = rows.merge(series[["id", "variant"]], left_on="series_id", right_on="id")
    # of a run in several environments, the first: one night is one point
    frame = frame.drop_duplicates(["series_id", "run_id"]).sort_values(["variant", "started_at"], kind="stable")
    figures = frame[view.of.column].where(frame["status"] == "measured").astype(float)
    none = pd.Series(math.nan, index=frame.index)
    low, high = (frame["low_seconds"], frame["high_seconds"]) if view.measure == STEADY else (none, none)
    frame = frame.assign(y=figures, low=low, high=high)
    if view.shown == TO_NUMPY:
        frame = frame.assign(y=frame["ratio"], low=frame["ratio_low"], high=frame["ratio_high"])
        frame = frame[frame["variant"] != "numpy"]
    elif view.shown == TO_FIRST:
        first = frame.groupby("variant")["y"].transform("first")  # that is there
        frame = frame.assign(**{name: frame[name] / first for name in FIGURES})
    elif view.shown == TO_MACHINE:
        frame = _over(frame, frame.iloc[:0] if theirs is None else theirs)
    written = [_written(row, view) for row in frame.to_dict("records")]
    keys = [f"{row.run_id}-{row.place}-{row.series_id}" for row in frame.itertuples()]
    return stretched(frame.assign(figure=written, key=keys).reset_index(drop=True))


def stretched(frame: pd.DataFrame) -> pd.DataFrame:
    """With the number of each point's `stretch` of its variant: a new one where nights are missing, or one failed."""
    numbers = pd.Series(0, index=frame.index)
    for _, rows in frame.groupby("variant", sort=False):
        there = rows["y"].notna()
        days = rows["started_at"].where(there).ffill().diff().dt.total_seconds() / 86_400
        usual = days[days > 0].median()
        missing = days > GAP * max(1.0, 0.0 if math.isnan(usual) else usual)
        numbers[rows.index] = (missing | (rows["status"] != "measured")).cumsum()
    return frame.assign(stretch=numbers)


def last_run(frame: pd.DataFrame) -> str:
    """The identity of the newest run of a frame."""
    return str(frame.loc[frame["started_at"].idxmax(), "uuid"])


def is_by_hand(frame: pd.DataFrame) -> bool:
    """Whether none of it was measured by a night."""
    return not (frame["request"] == "nightly").any() and frame["track"].isna().all()


def upgrades(frame: pd.DataFrame) -> list[Upgrade]:
    """Where NumPy or JAX have another version than in the run before."""
    found = []
    runs = frame.sort_values("started_at", kind="stable").drop_duplicates("run_id").to_dict("records")
    for before, after in itertools.pairwise(runs):
        middle = before["started_at"] + (after["started_at"] - before["started_at"]) / 2
        for library, name in (("numpy", "NumPy"), ("jax", "JAX")):
            versions = ["none" if pd.isna(row[library]) else str(row[library]) for row in (before, after)]
            if versions[0] != versions[1]:
                found.append(Upgrade(name, *versions, after["night"], after["started_at"], middle))
    return found


def _over(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Our figures over theirs of the same night; intervals as those of two independent ones."""
    other = theirs.drop_duplicates(["variant", "night"])[["variant", "night", *FIGURES]]
    both = ours.merge(other, on=["variant", "night"], how="left", suffixes=("", "_there"))
    logs = {name: both[name].map(math.log, na_action="ignore") for name in (*FIGURES, *(f"{n}_there" for n in FIGURES))}
    down = ((logs["y"] - logs["low"]) ** 2 + (logs["high_there"] - logs["y_there"]) ** 2) ** 0.5
    up = ((logs["high"] - logs["y"]) ** 2 + (logs["y_there"] - logs["low_there"]) ** 2) ** 0.5
    middle = logs["y"] - logs["y_there"]
    ends = {"y": middle, "low": middle - down, "high": middle + up}
    return both.assign(**{name: end.map(math.exp, na_action="ignore") for name, end in ends.items()})


def _written(row: wording.Row, view: View) -> str:
    if view.is_ratio:
        return wording.ratio({"ratio": row["y"], "ratio_low": row["low"], "ratio_high": row["high"]})
    return view.of.text(row["y"], row["low"], row["high"])
