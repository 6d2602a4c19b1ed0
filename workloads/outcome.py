"""What a case came to: its lines in the bundle, a measurement per seat and a ratio per pair."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workloads import bundle, estimate, machine, meanwhile
from workloads.plan import PlannedCase
from workloads.probes import Seat
from workloads.workload import REFERENCE


@dataclass
class Record:
    """What has been learned of one seat on one case, process after process."""

    status: str = "measured"
    reason: str = ""
    device: str = ""  # empty until a probe has told
    threads: int = field(default_factory=machine.usable_cores)
    max_error: float | None = None
    xla: dict[str, Any] | None = None
    cut_short: bool = False  # by the end of its case's time, whoever took that
    result: dict[str, Any] | None = None  # what its first process computed, in short
    reference_seconds: float | None = None  # what the result that this one's is compared with took to compute
    processes: list[bundle.Process] = field(default_factory=list)

    def fail(self, status: str, reason: str) -> None:
        """From now on this seat is not measured; what it is marked with first stays."""
        if self.status == "measured":
            self.status, self.reason = status, reason

    @property
    def samples(self) -> list[list[float]]:
        return [process.samples_seconds for process in self.processes]


def lines(
    case: PlannedCase, records: Mapping[Seat, Record], state: dict[str, Any], sampled: str
) -> Iterator[bundle.Line]:
    """The bundle's lines for one case. `state`: what the machine did meanwhile."""
    same = {"workload": case.workload, "workload_version": case.version, "case": case.case}
    measured_at = bundle.now()
    for seat, record in records.items():
        found = bundle.Measurement(
            environment=seat.place.name,
            variant=seat.variant,
            size_name=case.size_name,
            size=case.size,
            status=record.status,
            reason=record.reason,
            device=record.device,
            threads=record.threads,
            max_error=record.max_error,
            measured_at=measured_at,
            load=state.get("load"),
            sampled=sampled,
            **same,
        )
        if record.status == "measured":
            timing = estimate.seconds(record.samples)
            found = dataclasses.replace(
                found,
                seconds=timing.value,
                low_seconds=timing.low,
                high_seconds=timing.high,
                processes=record.processes,
                disturbed="; ".join(filter(None, (unsteady(record), meanwhile.disturbance(state)))),
                meanwhile=state,
                xla=record.xla,
                result=record.result,
                **(case.work or {}),
            )
        yield found
    for baseline, candidate in comparisons(records):
        found_ratio = estimate.ratio(records[candidate].samples, records[baseline].samples)
        yield bundle.Ratio(
            baseline_environment=baseline.place.name,
            baseline_variant=baseline.variant,
            environment=candidate.place.name,
            variant=candidate.variant,
            ratio=found_ratio.value,
            low=found_ratio.low,
            high=found_ratio.high,
            **same,
        )


def unsteady(record: Record) -> str:
    """In how many processes it still got faster or slower when sampling ended; empty where it never did."""
    count = sum(process.steady is False for process in record.processes)
    return f"not steady in {count} of {len(record.processes)} processes" if count else ""


def comparisons(records: Mapping[Seat, Record]) -> Iterator[tuple[Seat, Seat]]:
    """(baseline, candidate): each variant with the reference beside it, and with itself in the first environment.

    Where that is an anchor, also with itself in the environment before.
    """
    measured = [seat for seat, record in records.items() if record.status == "measured"]
    places = list(dict.fromkeys(seat.place for seat in records))
    before = dict(zip(places[2:], places[1:])) if places[0].anchor else {}
    for candidate in measured:
        for baseline in measured:
            same_place = baseline.place == candidate.place
            beside = same_place and baseline.variant == REFERENCE != candidate.variant
            other = baseline.place in (places[0], before.get(candidate.place)) and not same_place
            if beside or (other and baseline.variant == candidate.variant):
                yield baseline, candidate


def is_precise(records: Mapping[Seat, Record], precision: float) -> bool:
    """Whether every interval of the case, over its processes, is within `precision` of its middle."""
    healthy = {seat: record for seat, record in records.items() if record.status == "measured"}
    if not healthy:
        return True
    found = [estimate.seconds(record.samples) for record in healthy.values()]
    for baseline, candidate in comparisons(healthy):
        found.append(estimate.ratio(healthy[candidate].samples, healthy[baseline].samples))
    return all(estimate.half_width(one) <= precision for one in found)
