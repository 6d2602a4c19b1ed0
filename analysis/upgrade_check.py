"""What an upgrade would bring: the looks at two environments come to verdicts and to one sentence.

The command and the page say the same, because both say what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis import upgrade
from analysis.compare import Figure, Verdict

Key = tuple[str, str, str]  # workload, case, variant

#: How much slower is still the same, where nobody says otherwise.
TOLERANCE = 0.05

#: Each further look takes so many times as many processes, and as much time, as the one before.
GROWTH = 2

#: Looks at one case, the first among them. What they do not settle, this machine cannot tell.
MOST_LOOKS = 4


@dataclass(frozen=True)
class Seen:
    """What one look, a run, gave: ratios new / old, and the fewest processes of their sides.

    lost: what works in the old environment alone, with the reason. lacks: why some comparisons could not be made.
    """

    run: str
    ratios: Mapping[Key, Figure]
    size_names: Mapping[Key, str]
    processes: Mapping[Key, int]
    changed: Sequence[Changed]
    lost: Mapping[Key, str]
    lacks: Sequence[str] = ()


@dataclass(frozen=True)
class Judged:
    """One variant on one case: its looks, what they come to, and whether it computes the same values."""

    workload: str
    case_key: str
    size_name: str
    variant: str
    ratio: float
    low: float | None
    high: float | None
    verdict: Verdict
    looks: int


@dataclass(frozen=True)
class Changed:
    """A result that is not the same in the new environment; `difference` is relative, None where the inputs differ."""

    workload: str
    case_key: str
    variant: str
    difference: float | None


@dataclass(frozen=True)
class Check:
    """What an upgrade would bring. `broken`: twice measured in the old environment, without a number in the new one.

    planned: how many comparisons there were to make. lacking: why some could not be made.
    """

    old: str
    new: str
    tolerance: float
    judged: Sequence[Judged]
    changed: Sequence[Changed]
    broken: Sequence[str]
    planned: int
    lacking: Sequence[str]
    runs: Sequence[str]

    def those(self, verdict: Verdict) -> list[Judged]:
        return [one for one in self.judged if one.verdict == verdict]

    @property
    def is_safe(self) -> bool:
        """Whether something was compared, and nothing is known to get slower by more than the tolerance, or to fail."""
        return bool(self.judged) and not self.those("slower") and not self.broken

    @property
    def open_questions(self) -> list[Judged]:
        """What looks slower at the only look that there was: by chance, or not."""
        return [one for one in self.judged if at_one_look(one, self.tolerance) == "slower"] if self.is_one_look else []

    @property
    def is_one_look(self) -> bool:
        return len(self.runs) == 1


def check(
    seen: Sequence[Seen], *, old: str, new: str, tolerance: float, planned: int, most_looks: int = MOST_LOOKS
) -> Check:
    """What the looks at an upgrade come to, the first one first. What failed once may have been the machine's doing."""
    looks: dict[Key, list[upgrade.Look]] = {}
    size_names: dict[Key, str] = {}
    for one in seen:
        size_names |= one.size_names
        for key, ratio in one.ratios.items():
            looks.setdefault(key, []).append(upgrade.Look(*ratio, one.processes.get(key, 0)))
    chance = upgrade.CHANCE / max(1, planned) / (most_looks - 1)
    judged = [_judged(key, size_names[key], found, tolerance, chance) for key, found in looks.items()]
    broken = [reason for key, reason in seen[0].lost.items() if len(seen) == 1 or key in seen[1].lost]
    runs = [one.run for one in seen]
    return Check(old, new, tolerance, judged, seen[0].changed, broken, planned, seen[0].lacks, runs)


def _judged(key: Key, size_name: str, found: Sequence[upgrade.Look], tolerance: float, chance: float) -> Judged:
    figure, verdict = upgrade.settled(found, tolerance, chance)
    workload, case_key, variant = key
    return Judged(workload, case_key, size_name, variant, figure.ratio, figure.low, figure.high, verdict, len(found))


def at_one_look(one: Judged, tolerance: float) -> Verdict:
    """The verdict as if it were the only comparison: of many, some stand out by chance."""
    return upgrade.judge(one.ratio, one.low, one.high, tolerance)


def is_next_look(plan: Mapping[str, Any], earlier: Mapping[str, Any]) -> bool:
    """Whether a run with this plan looks again at what one with the earlier plan left open."""
    before, after = (one.get("settings", {}).get("processes") for one in (earlier, plan))
    cases = [{(case["workload"], str(case["case"])) for case in one.get("cases", ())} for one in (earlier, plan)]
    return bool(before and after == before * GROWTH and cases[1] <= cases[0])


def fewest_processes(values: Sequence[Any]) -> dict[Key, int]:
    """Of how many processes the ratio of each comparison is: those that both sides have."""
    counts: dict[Key, list[int]] = {}
    for row in values:
        counts.setdefault((row.workload, row.case_key, row.variant), []).append(len(row.processes))
    return {key: min(found) for key, found in counts.items()}


def changes(values: Sequence[Any], old: int = 0, new: int = 1) -> list[Changed]:
    """Which results are not the same, bit for bit, in the new place; those without one in both are passed over."""
    found: dict[Key, dict[int, dict[str, Any]]] = {}
    for row in values:
        found.setdefault((row.workload, row.case_key, row.variant), {})[row.place] = row.result
    changed = []
    for key, by_place in found.items():
        before, after = by_place.get(old), by_place.get(new)
        if before and after and before["sha256"] != after["sha256"]:
            same_inputs = before["inputs_sha256"] == after["inputs_sha256"]
            apart = upgrade.difference(before["numbers"], after["numbers"]) if same_inputs else None
            changed.append(Changed(*key, apart))
    return changed


def answer(check: Check) -> str:
    """One sentence."""
    beyond = f"by more than {percent(check.tolerance)}"
    count = len(check.judged)
    slower, unsure = len(check.those("slower")), len(check.those("unsure"))
    if not count:
        return "Not known: nothing could be compared."
    if not check.is_safe or check.open_questions:
        slower = slower or len(check.open_questions)
        parts = [f"{slower} of {count} got slower {beyond}"] if slower else []
        parts += [f"{len(check.broken)} no longer work{'s' if len(check.broken) == 1 else ''}"] if check.broken else []
        settled = "Not settled: at the only look, " if check.is_one_look else "Not safe: "
        return f"{settled}{', '.join(parts)}."
    open_ones = f"; {unsure} could be either, which this machine cannot tell" if unsure else ""
    missing = check.planned - count
    lacking = f"; {missing} could not be compared" if missing else ""
    return f"Safe as far as this goes: none of {count} got slower {beyond}{open_ones}{lacking}."


def how_changed(one: Changed) -> str:
    """What is known of how far a result lies from the old one."""
    if one.difference is None:
        return "from other inputs: the same seed draws other random numbers there"
    if one.difference > 1e300:
        return "something that is not finite, or of another size"
    if one.difference == 0:
        return "some bits, none in the numbers looked at"
    return f"relative difference up to {one.difference:.1g} in the numbers looked at"


def percent(share: float) -> str:
    return f"{share * 100:g} %"
