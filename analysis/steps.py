"""Where trends over releases step: each release against the one before it, through the anchor that both have.

Rows of a backfill in (`storage.releases.of_run`), trends, steps and the words for them out: the page and the command
say the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from analysis.compare import quotient

#: A step is told of where it is surely larger than this, as a share.
LEAST = 0.1
HUGE = 1e7  # from here on only the order of magnitude is told
#: Why a measurement has no ratio, though it has a number.
ALONE = "nothing to compare it with: the anchor has no number"
LEAST_TEXT = f"{LEAST:.0%}".replace("%", " %")


@dataclass(frozen=True)
class Point:
    """A release and its seconds over those of the anchor, with the 95 % interval; the anchor itself has 1, 1, 1.

    step: the same over those of the release before, `step_from`, where both were sampled side by side.
    """

    release: str
    ratio: float
    low: float | None
    high: float | None
    step_from: str = ""
    step: tuple[float, float | None, float | None] | None = None


@dataclass(frozen=True)
class Step:
    """Seconds of `after` over seconds of `before`, the release next to it; above 1 is slower."""

    before: str
    after: str
    ratio: float
    low: float
    high: float

    @property
    def is_slower(self) -> bool:
        return self.ratio > 1

    @property
    def times(self) -> tuple[float, float, float]:
        """So many times slower or faster, with the interval of that: above 1, either way."""
        if self.is_slower:
            return self.ratio, self.low, self.high
        return 1 / self.ratio, 1 / self.high, 1 / self.low

    @property
    def texts(self) -> tuple[str, str, str]:
        """`times` with as many digits, at least two, as it takes to tell them apart."""
        for digits in (2, 3, 4):
            middle, low, high = (_text(figure, digits) for figure in self.times)
            if len({middle, low, high}) == 3:
                break
        return middle, low, high

    @property
    def size(self) -> str:
        """`16× slower`."""
        return f"{self.texts[0]}× {'slower' if self.is_slower else 'faster'}"


@dataclass(frozen=True)
class Trend:
    """One variant of one case through the releases of a library; `rows` are its measurements, the oldest first."""

    library: str
    workload: str
    case_key: str
    size_name: str
    variant: str
    rows: tuple[Any, ...]

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Those releases that can be compared."""
        return tuple(point for point in map(point_of, self.rows) if point)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return tuple(steps(self.points))

    @property
    def altogether(self) -> Step | None:
        """From the oldest release to the newest, whatever the size of that; None without an interval."""
        return between(self.points[0], self.points[-1]) if len(self.points) > 1 else None


@dataclass(frozen=True)
class Summary:
    """What came with a release: the trends that step there, the largest step first, and how many cases it has."""

    library: str
    release: str
    cases: int
    slower: tuple[tuple[Trend, Step], ...]
    faster: tuple[tuple[Trend, Step], ...]


def between(before: Point, after: Point) -> Step | None:
    """The step from one point to the next; None where it has no interval.

    As it was sampled side by side; else through the anchor, the two intervals taken as independent.
    """
    if after.step and after.step_from == before.release:
        ratio, low, high = after.step
        return Step(before.release, after.release, ratio, low, high) if low is not None and high is not None else None
    ratio, low, high = quotient((after.ratio, after.low, after.high), (before.ratio, before.low, before.high))
    return Step(before.release, after.release, ratio, low, high) if low is not None and high is not None else None


def is_sure(step: Step, least: float = LEAST) -> bool:
    """Whether its whole interval lies beyond `least`."""
    return step.low > 1 + least or step.high < 1 / (1 + least)


def steps(points: Sequence[Point], least: float = LEAST) -> Iterator[Step]:
    """The steps of a trend, in its order, whose whole interval lies beyond `least`."""
    for before, after in pairwise(points):
        step = between(before, after)
        if step and is_sure(step, least):
            yield step


def order(release: str) -> tuple[int, ...]:
    """What sorts releases by age: 0.4.9 before 0.4.18 before 0.12.0.1. For final releases, which alone are measured."""
    return tuple(map(int, re.findall(r"\d+", release)))


def release_of(row: Any) -> str:
    """The version of the library whose releases a row is about."""
    return getattr(row, row.measures) or row.environment.partition("==")[2]


def point_of(row: Any) -> Point | None:
    """What a measurement is beside its anchor; None where either has no number."""
    if row.status != "measured":
        return None
    if row.anchor:
        return Point(release_of(row), 1.0, 1.0, 1.0)
    if not row.ratio:
        return None
    side_by_side = (row.step_ratio, row.step_low, row.step_high) if row.step_ratio else None
    step_from = (row.step_from or "").partition(" ")[0].partition("==")[2]  # `jax==0.4.30 (group 2)`
    return Point(release_of(row), row.ratio, row.ratio_low, row.ratio_high, step_from, side_by_side)


def lack_of(row: Any) -> str:
    """Why a measurement is no point; empty where it is one."""
    if point_of(row):
        return ""
    if row.status == "measured":
        return ALONE
    return ": ".join(filter(None, (row.status.replace("_", " "), row.reason)))


def lacks(trend: Trend, releases: Iterable[str]) -> dict[str, list[str]]:
    """Which of some releases a trend has no point for, by the reason why."""
    rows = {release_of(row): row for row in trend.rows}
    found: dict[str, list[str]] = {}
    for release in releases:
        reason = lack_of(rows[release]) if release in rows else "not reached"
        if reason:
            found.setdefault(reason, []).append(release)
    return found


def trends(rows: Iterable[Any]) -> list[Trend]:
    """The trends that rows make, library after library, of each in the order in which the rows first name them."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        found.setdefault((row.measures, row.workload, row.case_key, row.size_name, row.variant), []).append(row)
    return [
        Trend(*key, tuple(sorted(members, key=lambda row: order(release_of(row)))))
        for key, members in sorted(found.items(), key=lambda item: item[0][0])
    ]


def releases(trends: Iterable[Trend]) -> list[str]:
    """Every release that some trends name, the oldest first."""
    return sorted({release_of(row) for trend in trends for row in trend.rows}, key=order)


def summaries(trends: Sequence[Trend]) -> list[Summary]:
    """What came with each release of one library, the oldest first; those that nothing steps at are left out."""
    found = []
    for release in releases(trends):
        here = [(trend, step) for trend in trends for step in trend.steps if step.after == release]
        here.sort(key=lambda pair: -pair[1].times[0])
        compared = [trend for trend in trends if any(point.release == release for point in trend.points)]
        slower = tuple(pair for pair in here if pair[1].is_slower)
        faster = tuple(pair for pair in here if not pair[1].is_slower)
        if here:
            found.append(Summary(here[0][0].library, release, cases(compared), slower, faster))
    return found


def cases(trends: Iterable[Trend]) -> int:
    """How many cases some trends are of; several variants of a case count once."""
    return len({(trend.workload, trend.case_key) for trend in trends})


def told(step: Step) -> str:
    """`16× slower with 0.4.33 [14, 19] (was 0.4.31)`."""
    _, low, high = step.texts
    return f"{step.size} with {step.after} [{low}, {high}] (was {step.before})"


def course(trend: Trend) -> list[str]:
    """Each step of a trend in words, or that there is none, or why none can be known."""
    if trend.steps:
        return [told(step) for step in trend.steps]
    count = len(trend.points)
    if not count and any(row.status == "measured" for row in trend.rows):
        return [ALONE]
    if count < 2:
        return [f"a number with {trend.points[0].release} only" if count else "no number with any release"]
    if not any(between(*pair) for pair in pairwise(trend.points)):
        return ["one process gave no interval, so no step is sure"]
    return [f"no step above {LEAST_TEXT} in {count} releases"]


def balance(summary: Summary) -> str:
    """`slower in 4 of 26 cases, at worst 16× (scan_products); faster in 0`."""
    parts = []
    for word, found, most in (("slower", summary.slower, "at worst"), ("faster", summary.faster, "at best")):
        text = f"{word} in {cases(trend for trend, _ in found)}" + ("" if parts else f" of {summary.cases} cases")
        if found:
            trend, step = found[0]
            text += f", {most} {step.texts[0]}× ({trend.workload})"
        parts.append(text)
    return "; ".join(parts)


def _text(figure: float, digits: int) -> str:
    if figure >= HUGE:
        return f"{figure:.0e}"
    return f"{figure:,.{max(0, digits - 1 - math.floor(math.log10(figure)))}f}"
