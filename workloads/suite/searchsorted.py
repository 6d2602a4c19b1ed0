"""Places of n numbers, in random order, in a sorted table of n numbers.

Each number takes about log2 n steps through the table, and each step reads somewhere else. NumPy goes number by number
and branches at each step in a way that no processor can foresee; JAX takes one step for all numbers at once, and
selects instead of branching. We expect NumPy ahead while dispatch decides, compiled JAX from some thousand numbers on,
and by far on an accelerator. `jax_jit_sort` sorts numbers and table together (`method="sort"`): more work, but memory
is read in order, which we expect to pay on an accelerator only.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="irregular",
    stresses=("indexing", "branches"),
    situations=("cpu_first",),
    cases=[{"n": n, "dtype": "float32"} for n in (64, 512, 4_096, 32_768, 262_144, 2_097_152, 16_777_216)],
)


@workload.inputs
def sorted_table_and_numbers(rng, n, dtype):
    return np.sort(rng.standard_normal(n, dtype=dtype)), rng.standard_normal(n, dtype=dtype)


@workload.work
def work(n, dtype):
    return Work(flops=None, bytes_moved=2 * n * np.dtype(dtype).itemsize + 4 * n)


@workload.variant("numpy")
def with_numpy():
    def places(table, x):
        return np.searchsorted(table, x).astype(np.int32)

    return places


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def places(table, x):
        return jnp.searchsorted(table, x)

    return places


@workload.variant("jax_jit_sort", requires=["jax"])
def with_sort():
    import jax.numpy as jnp

    def places(table, x):
        return jnp.searchsorted(table, x, method="sort")

    return places
