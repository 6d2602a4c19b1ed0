"""Which sizes of a ladder are within reach: a run climbs until a call would take longer than its time allows.

So that one ladder serves a laptop and an accelerator. What the next size would take is foreseen from what the last
ones took, so that nothing has to be waited for only to learn that it is too slow.
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
    _climbed: dict[Ladder, list[tuple[PlannedCase, float]]] = field(default_factory=dict)
    _ended: dict[Ladder, tuple[PlannedCase, str]] = field(default_factory=dict)
    _accelerated: set[Ladder] = field(default_factory=set)

    def learn(
        self, case: PlannedCase, environment: str, variant: str, seconds: float, *, accelerated: bool = False
    ) -> None:
        """A call of this took so long, on an accelerator or not."""
        ladder = ladder_of(case, environment, variant)
        self._climbed.setdefault(ladder, []).append((case, seconds))
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
            seconds = self.foreseen(case, environment, computes)
            longest = self.longest_seconds
            if computes != variant and ladder_of(case, environment, variant) in self._accelerated:
                longest *= PATIENCE
            if seconds is not None and seconds > longest:
                whose = "a call" if computes == variant else f"{REFERENCE}, which it is compared with,"
                return "too_large", (
                    f"{whose} would take about {figures.seconds_text(seconds)} here; the longest call may take "
                    f"{figures.seconds_text(longest)}"
                )
        return None

    def foreseen(self, case: PlannedCase, environment: str, variant: str) -> float | None:
        """Seconds that a call will take, by the last size and the growth from the one before; None: not known.

        At least in proportion to the work that the workload declares, because the smallest sizes, where a call is all
        dispatch, do not grow at all.
        """
        climbed = self._climbed.get(ladder_of(case, environment, variant), [])
        smaller = sorted(((c, seconds) for c, seconds in climbed if c.size < case.size), key=lambda one: one[0].size)
        if not smaller:
            return None
        last, seconds = smaller[-1]
        growth = work_growth(last, case)
        if len(smaller) > 1:
            before, earlier = smaller[-2]
            power = math.log(seconds / earlier) / math.log(last.size / before.size)
            growth = max(growth, (case.size / last.size) ** power)
        return seconds * growth


def work_growth(last: PlannedCase, case: PlannedCase) -> float:
    """How many times more work a case is; where its workload does not say, in proportion to its size."""
    for amount in ("flops", "bytes_moved"):
        before, now = ((one.work or {}).get(amount) for one in (last, case))
        if before and now:
            return now / before
    return case.size / last.size


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
