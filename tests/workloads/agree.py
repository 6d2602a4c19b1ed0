"""Run by any interpreter that has NumPy: do all variants of all workloads agree on their smallest cases?

Prints a JSON object per variant and case. `python agree.py ROOT WIDE`: ROOT holds the folder `workloads`; WIDE, 0 or 1,
chooses the cases that need JAX with or without 64 bits, which a process decides once.
"""

import json
import os
import sys

import numpy as np


def outcomes(workload, case, seed=1):
    """(variant, status, reason) for each variant: computed as the probe computes it, by the same modules."""
    from workloads import agreement, calling, execution

    inputs = workload.make_inputs(np.random.default_rng(seed), case)
    expected = workload.variants["numpy"].build()(*calling.with_own_state(inputs, workload.carry))
    expected = [np.array(leaf) for leaf in agreement.flatten(expected)]  # a copy: the state may be overwritten
    for name, variant in workload.variants.items():
        if variant.missing():
            yield name, "unsupported", "needs " + ", ".join(variant.missing())
            continue
        runs = execution.execution_of(variant.mode, "cpu")
        function = runs.prepare(variant.build(), range(workload.carry if variant.donates else 0))
        arguments = runs.place(calling.with_own_state(inputs, workload.carry))
        call, _ = calling.call_of(function, arguments, workload.carry)
        fetched = [np.array(leaf) for leaf in runs.fetch(runs.wait(call()))]
        outcome = agreement.compare(expected, fetched, workload.tolerance, workload.view)
        reason = outcome.reason
        for _ in range(3 if workload.carry else 0):  # what is handed on is what can be called with
            fetched = runs.fetch(runs.wait(call()))
        if not all(np.isfinite(leaf).all() for leaf in fetched if np.asarray(leaf).dtype.kind in "fc"):
            reason = "not finite after a few calls"
        yield name, "agrees" if outcome.agrees and not reason else "disagrees", reason


def main(root, wide):
    os.environ["JAX_ENABLE_X64"] = wide
    os.environ["JAX_PLATFORMS"] = "cpu"
    sys.path.insert(0, root)
    from workloads import declaration, suite
    from workloads.plan import choose_cases

    for name in suite.names():
        workload = suite.load(name)
        planned = choose_cases({name: None}, brought={name: declaration.of(workload)})
        for case in (case for case in planned if case.case in workload.smallest_cases()):
            if case.is_wide == (wide == "1"):
                for variant, status, reason in outcomes(workload, case.case):
                    found = {"workload": name, "case": case.case, "variant": variant, "status": status}
                    print(json.dumps({**found, "reason": reason}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
