"""Measures what a machine can do at most, in each environment of a run, before its cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workloads import bundle
from workloads.plan import Place, Plan
from workloads.probes import Probes, Seat, ask

DTYPES = {"bandwidth": ("float32",), "matrix": ("float32", "float64"), "elementwise": ("float32", "float64")}


def peaked(place: Place) -> list[str]:
    """The variants whose libraries' peaks are of use there."""
    return [variant for variant in ("numpy", "jax_jit") if place.measures in (None, variant.partition("_")[0])]


def measure(plan: Plan, hold: Sequence[int] = ()) -> Iterator[bundle.Peak]:
    """One line for each resource, dtype and library that could be measured; what could not is left out."""
    places = [place for place in plan.places if not place.again]
    with Probes(plan, hold) as probes:
        seats = [Seat(place, variant) for place in places for variant in peaked(place)]
        for seat, link, started in probes.ready(seats, 0, wide=True):
            if started["status"] != "ready":
                continue
            device = bundle.device_name(started["device"])
            for resource in bundle.RESOURCES:
                for dtype in DTYPES[resource]:
                    if link.has_ended():
                        break
                    answer = ask(link, plan.settings.timeout_seconds, do="peak", of=resource, dtype=dtype)
                    if answer["status"] == "ready":
                        yield bundle.Peak(
                            environment=seat.place.name,
                            device=device,
                            threads=started["threads"],
                            library=seat.variant.partition("_")[0],
                            resource=resource,
                            dtype=dtype,
                            per_second=answer["per_second"],
                        )
            probes.drop(seat, 0, wide=True)
