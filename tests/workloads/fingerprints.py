"""What every workload computes on its smallest cases, in a few figures: `python -m tests.workloads.fingerprints`
records them for new workloads and raised versions, and for nothing else.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from workloads import agreement, bundle, calling, suite
from workloads.workload import Workload

PATH = Path(__file__).with_name("fingerprints.json")

#: A figure may differ by so many times the error that variants are allowed: another machine rounds differently.
ROOM = 10


def fingerprint(workload: Workload) -> dict[str, list[dict[str, Any]]]:
    """By case: of each array of the result its dtype, its shape and figures that change when its values do."""
    found = {}
    for case in workload.smallest_cases():
        inputs = workload.make_inputs(np.random.default_rng(1), case)
        result = workload.variants["numpy"].build()(*calling.with_own_state(inputs, workload.carry))
        arrays = agreement.arrays(result, workload.view)
        found[bundle.case_key(case)] = [figures_of(array) for array in arrays]
    return found


def figures_of(array: np.ndarray) -> dict[str, Any]:
    """Mean size, and a sum in which each place counts differently: it tells order and sign."""
    wide = array.astype(np.complex128).ravel()
    weights = np.cos(np.arange(wide.size))
    size = float(np.abs(wide).mean()) if wide.size else 0.0
    weighted = complex(wide @ weights) / max(1.0, float(np.abs(weights).sum()))
    figures = {"size": size, "real": weighted.real, "imag": weighted.imag}
    return {"dtype": str(array.dtype), "shape": list(array.shape), **figures}


def differs(workload: Workload, recorded: dict[str, Any], now: dict[str, Any]) -> str:
    """In which case the two differ by more than rounding; empty where in none."""
    for case in {**recorded, **now}:
        before, after = recorded.get(case), now.get(case)
        if before is None or after is None or len(before) != len(after):
            return case
        for old, new in zip(before, after):
            room = ROOM * workload.tolerance.get(old["dtype"], 0.0) * abs(old["size"])
            near = all(abs(old[name] - new[name]) <= room + 1e-12 for name in ("size", "real", "imag"))
            if (old["dtype"], old["shape"]) != (new["dtype"], new["shape"]) or not near:
                return case
    return ""


def read() -> dict[str, Any]:
    return json.loads(PATH.read_text()) if PATH.exists() else {}


def main() -> int:
    """Write what is new; 1 where a workload computes something else under the same version."""
    known, wrong = read(), []
    for name in suite.names():
        workload = suite.load(name)
        now = {"version": workload.version, "cases": fingerprint(workload)}
        if name not in known or known[name]["version"] < workload.version:
            known[name] = now
        elif differs(workload, known[name]["cases"], now["cases"]):
            wrong.append(name)
    kept = {name: known[name] for name in suite.names()}
    PATH.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    for name in wrong:
        print(f"{name} computes something else than its version did: raise `version`")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
