"""Does an idle probe disturb the one whose turn it is? Lock step with idle probes stopped, and left running.

    python benchmarks/idle_probes.py

Each case is measured both ways, in turn; the table shows compiled JAX / NumPy and how long each took. Takes about two
minutes. An idle OpenBLAS spins for a while after a call; a stopped one cannot.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import uuid
from unittest import mock

from workloads import bundle, figures, link, sampler
from workloads.plan import Block, Place, Plan, Sampling, choose_cases

CASES = {"matrix_chain": [256, 512], "mse_gradient": [16_384], "elementwise_chain": [1_000_000]}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--processes", type=int, default=5, help="fresh processes per measurement")
    parser.add_argument("--seconds", type=float, default=1.0, help="sampling time per case and process")
    options = parser.parse_args()
    print(f"{'case':34}{'idle probes':14}{'numpy':24}{'jax_jit':24}ratio")
    for case in choose_cases(CASES, variants=["numpy", "jax_jit"]):
        for stopped in random.sample([True, False], 2):
            lines: list[bundle.Line] = []
            plan = Plan(
                run=str(uuid.uuid4()),
                suite="idle_probes",
                cases=[case],
                places=[Place("current", sys.executable)],
                seed=random.randrange(2**31),
                settings=Sampling(
                    processes=options.processes,
                    most_processes=options.processes,
                    seconds_per_case=options.seconds * options.processes,
                ),
            )
            with mock.patch.object(link, "STOP", link.STOP if stopped else 0):  # signal 0 does nothing
                sampler.measure(plan, [Block(case)], lines.extend)
            numpy, jax, ratio = lines
            title = f"{case.workload} {figures.case_text(case.case)}"
            print(
                f"{title:34.33}{'stopped' if stopped else 'left running':14}"
                f"{figures.seconds_text(numpy.seconds, numpy.low_seconds, numpy.high_seconds):24}"
                f"{figures.seconds_text(jax.seconds, jax.low_seconds, jax.high_seconds):24}"
                f"{figures.ratio_text(ratio.ratio, ratio.low, ratio.high)}",
                flush=True,
            )
    print("load", *(f"{load:.1f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
