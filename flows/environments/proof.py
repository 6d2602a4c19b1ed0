"""Is a new environment what was asked for? Its own probe says what it finds there; nothing else is believed."""

from __future__ import annotations

from flows.environments.spec import EnvironmentSpecError
from workloads import probes
from workloads.link import ProbeDied
from workloads.placement import is_version
from workloads.plan import Place, Plan


def prove(place: Place) -> None:
    """EnvironmentSpecError unless its interpreter starts, imports NumPy, and finds every version that is asked for."""
    try:
        found = probes.describe_place(Plan("proof", "proof", [], [place], seed=0), place)
    except (ProbeDied, OSError) as error:
        raise EnvironmentSpecError(str(error)) from None
    packages = found["environment"]["packages"]
    for name, version in place.asked.items():
        if not is_version(packages.get(name, "none"), version, prefix=False):
            raise EnvironmentSpecError(f"asked for {name} {version}, found {packages.get(name, 'none')}")
    if "jax" in place.asked and "jax" in found["broken"]:
        raise EnvironmentSpecError(
            f"jax cannot be imported there ({found['broken']['jax']}); it may need packages of its day (--as-of)"
        )
