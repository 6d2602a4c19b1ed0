"""Which sizes of a ladder are within reach: a run climbs until a call would take longer than its time allows.

So that one ladder serves a laptop and an accelerator. What the next size would take is foreseen from what the last two
took. Where those say nothing, because a call is all dispatch or only one size is known, the next one is tried: a single
call tells.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workloads import bundle, figures
from workloads.plan import PlannedCase
from workloads.workload import REFERENCE, without_size

#: Environment, variant, and the case without its size: one climb.
Ladder = tuple[str, str, str]


#: On an accelerator a result is compared with the reference's only once a process, and the reference may take longer.
PATIENCE = 20


@dataclass
class Reach:
    """What the sizes so far took. longest_seconds: of a call; None: every size is within reach."""

    longest_seconds: float | None
    _climbed: dict[Ladder, dict[float, float]] = field(default_factory=dict)  # seconds of a call by size
    _ended: dict[Ladder, tuple[PlannedCase, str]] = field(default_factory=dict)
    _accelerated: set[Ladder] = field(default_factory=set)

    def learn(
        self, case: PlannedCase, environment: str, variant: str, seconds: float, *, accelerated: bool = False
    ) -> None:
        """A call of this took so long, on an accelerator or not."""
        ladder = ladder_of(case, environment, variant)
        self._climbed.setdefault(ladder, {})[case.size] = seconds
        if accelerated:
            self._accelerated.add(ladder)

    def end(self, case: PlannedCase, environment: str, variant: str, status: str) -> None:
        """This ran out of time or memory, and a larger size would again."""
        self._ended.setdefault(ladder_of(case, environment, variant), (case, status))

    def beyond(self, case: PlannedCase, environment: str, variant: str) -> tuple[str, str] | None:
        """The status and the reason with which this is left out; None where it is not, or where nothing is known yet.

        Every result is compared with the reference's, so what is too long for the reference is for all.
        """
        ended = self._ended.get(ladder_of(case, environment, variant))
        if ended and case.size > ended[0].size:
            smaller, status = ended
            return status, f"not tried: {status.replace('_', ' ')} at {figures.size_text(smaller.size)} already"
        if self.longest_seconds is None:
            return None
        for computes in dict.fromkeys((REFERENCE, variant)):
            if not self._sizes(case, environment, computes):  # the first size is always measured
                continue
            seconds = self.foreseen(case, environment, computes)
            longest = self.longest_seconds
            if computes != variant and ladder_of(case, environment, variant) in self._accelerated:
                longest *= PATIENCE
            if seconds is not None and seconds > longest:
                whose = "a call" if computes == variant else f"{REFERENCE}, which it is compared with,"
                takes = "takes" if self.is_known(case, environment, computes) else "would take"
                return "too_large", (
                    f"{whose} {takes} about {figures.seconds_text(seconds)} here; the longest call may take "
                    f"{figures.seconds_text(longest)}"
                )
        return None

    def _sizes(self, case: PlannedCase, environment: str, variant: str) -> list[float]:
        """The smaller sizes that were timed, the largest last."""
        climbed = self._climbed.get(ladder_of(case, environment, variant), {})
        return sorted(size for size in climbed if size < case.size)

    def is_known(self, case: PlannedCase, environment: str, variant: str) -> bool:
        """Whether a call at this very size was timed."""
        return case.size in self._climbed.get(ladder_of(case, environment, variant), {})

    def foreseen(self, case: PlannedCase, environment: str, variant: str) -> float | None:
        """Seconds that a call takes or will take: as the last two sizes grew, it goes on. None: nothing is known.

        Never less than the last size took.
        """
        climbed = self._climbed.get(ladder_of(case, environment, variant), {})
        if case.size in climbed:
            return climbed[case.size]
        smaller = self._sizes(case, environment, variant)
        if not smaller:
            return None
        seconds = climbed[smaller[-1]]
        if len(smaller) == 1:
            return seconds
        before, last = smaller[-2:]
        power = max(0.0, math.log(seconds / climbed[before]) / math.log(last / before))
        return seconds * (case.size / last) ** power


def ladder_of(case: PlannedCase, environment: str, variant: str) -> Ladder:
    return environment, variant, f"{case.workload} {bundle.case_key(without_size(case.case, case.size_name))}"


def known_from(cases: Iterable[PlannedCase], lines: Iterable[Mapping[str, Any]], reach: Reach) -> None:
    """Teach `reach` what the lines of an unfinished bundle hold, so that a resumed run decides as it would have."""
    by_key = {(case.workload, bundle.case_key(case.case)): case for case in cases}
    for line in lines:
        if line["kind"] == "measurement" and line["seconds"]:
            case = by_key.get((line["workload"], bundle.case_key(line["case"])))
            if case:
                accelerated = line["device"] not in ("", "cpu")
                reach.learn(case, line["environment"], line["variant"], line["seconds"], accelerated=accelerated)
