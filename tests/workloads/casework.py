"""A case measured with scripted probes, in a line: what the tests of the sampler have in common."""

from __future__ import annotations

from tests.workloads.measuring import a_case, a_plan
from tests.workloads.scripted import ScriptedProbes, forever
from workloads import sampler
from workloads.plan import Block
from workloads.reach import Reach

CASE = a_case(variants=("numpy", "jax_jit"))
PREPARED = {
    "first_call": {"seconds": 1.0, "compile_seconds": 0.5},
    "transfer_in_seconds": 0.1,
    "transfer_out_seconds": 0.2,
    "peak_bytes": 300,
    "device_peak_bytes": 400,
    "max_error": 1e-6,
}


def run(script, case=CASE, probes=None, **settings):
    """The measurements and ratios of a case whose processes are sampled as `script(seat, draw)` says."""
    plan = a_plan([case], **{"seconds_per_case": 1e6, "processes": 3, **settings})
    probes = probes or ScriptedProbes(script, prepared=PREPARED)
    found = sampler.measure_block(plan, Block(case), probes, Reach(None))
    measured = {line.variant: line for line in found if line.kind == "measurement"}
    return measured, [line for line in found if line.kind == "ratio"]


def by_draw(*medians):
    """Both variants alike, every sample of a process like its others; JAX takes twice as long."""
    return lambda seat, draw: forever((2 if seat.variant == "jax_jit" else 1) * medians[draw % len(medians)])


def medians_of(measurement):
    return [process.samples_seconds[0] for process in measurement.processes]
