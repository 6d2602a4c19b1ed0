"""Run by any interpreter that has NumPy: do all variants of all workloads agree on their smallest cases?

Prints a JSON object per variant and case. `python agree.py ROOT WIDE`: ROOT holds the folder `workloads`; WIDE, 0 or 1,
chooses the cases that need JAX with or without 64 bits, which a process decides once.
"""

import json
import os
import sys

import numpy as np

#: So many calls more of what carries a state.
CALLS = 3


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
        if outcome.agrees and workload.carry:  # what is handed on must agree too
            later = [np.array(leaf) for leaf in runs.fetch([runs.wait(call()) for _ in range(CALLS)][-1])]
            outcome = agreement.compare(handed_on(workload, inputs), later, workload.tolerance, workload.view)
        yield name, "agrees" if outcome.agrees else "disagrees", outcome.reason


def handed_on(workload, inputs):
    """What the reference returns when it is called with its own state again and again."""
    from workloads import calling

    function = workload.variants["numpy"].build()
    call, _ = calling.call_of(function, calling.with_own_state(inputs, workload.carry), workload.carry)
    return [call() for _ in range(1 + CALLS)][-1]


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
