"""Set 16 given elements of an array of n numbers; the array is a state that each call hands to the next.

NumPy writes in place, whatever n is. JAX's arrays cannot be written: `x.at[places].set(values)` means a new array,
and so a copy, unless the compiler may overwrite the old one (`jax_jit_donated`; it can where platform and release
support donation). `numpy_copy` is the same contract in NumPy: copy first, then write. We expect `numpy` and
`jax_jit_donated` to be flat in n, all others to grow with it once the copy outweighs dispatch, and `numpy_copy` and
`jax_jit` to meet at memory's speed. This is the price of the functional style that the article *JAX vs NumPy* names
among the costs of adoption. No work is declared: in place, 16 elements are moved, otherwise all of them twice.
"""

import numpy as np

from workloads.workload import Workload

workload = Workload(
    version=1,
    family="adoption",
    stresses=("mutation", "bandwidth", "dispatch"),
    situations=("one_off", "cpu_first", "transformability"),
    cases=[{"n": n, "updates": 16, "dtype": "float32"} for n in (64, 1_024, 16_384, 262_144, 4_194_304, 67_108_864)],
    carry=1,
)


@workload.inputs
def array_and_updates(rng, n, updates, dtype):
    places = rng.choice(n, updates, replace=False).astype(np.int32)
    return rng.standard_normal(n, dtype=dtype), places, rng.standard_normal(updates, dtype=dtype)


@workload.variant("numpy")
def with_numpy():
    def update(x, places, values):
        x[places] = values
        return x

    return update


@workload.variant("jax_jit_donated", requires=["jax"], donates=True)
@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    def update(x, places, values):
        return x.at[places].set(values)

    return update


@workload.variant("numpy_copy")
def with_numpy_copy():
    def update(x, places, values):
        x = x.copy()
        x[places] = values
        return x

    return update
