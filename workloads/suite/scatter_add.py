"""Add n values into a table of 1,000 numbers, at random places that occur again and again.

Repeated places must not overwrite each other, so `table[indices] += values` is wrong in NumPy and `np.add.at` is right.
It was slow until NumPy 1.25 gave it loops of its own (NumPy pull request 23136); `numpy_bincount` is what was advised
until then, it adds in float64. JAX has `.at[].add`, which takes negative places too, and `jax.ops.segment_sum`
(`jax_jit_segment_sum`), which does not. On a CPU both libraries add one value after the other: we expect NumPy ahead at
small n, and a narrow result at large n. On an accelerator the additions run in parallel, but meet at few places. Each
library gets the places as it reads them: NumPy in 64 bits, to which it would convert others at each call, and JAX in
32, to which it narrows them as they are placed, before any call.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="irregular",
    stresses=("indexing", "mutation"),
    situations=("cpu_first",),
    cases=[
        {"n": n, "places": 1_000, "dtype": dtype}
        for dtype in ("float32", "int32")
        for n in (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 40_000_000)
    ],
    tolerance={"float32": 1e-3},  # sums of n / 1,000 values that largely cancel, in a different order
)


@workload.inputs
def table_places_and_values(rng, n, places, dtype):
    def drawn(count):
        if dtype == "int32":
            return rng.integers(-1_000, 1_001, count, dtype=dtype)
        return rng.standard_normal(count, dtype=dtype)

    return drawn(places), rng.integers(0, places, n, dtype=np.intp), drawn(n)


@workload.work
def work(n, places, dtype):
    numbers = 2 * places + n
    return Work(flops=n, bytes_moved=numbers * np.dtype(dtype).itemsize + 4 * n)  # places of 32 bits suffice


@workload.variant("numpy")
def with_numpy():
    def added(table, indices, values):
        total = table.copy()
        np.add.at(total, indices, values)
        return total

    return added


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    def added(table, indices, values):
        return table.at[indices].add(values)

    return added


@workload.variant("numpy_bincount")
def with_bincount():
    def added(table, indices, values):
        sums = np.bincount(indices, weights=values, minlength=len(table))
        return table + sums.astype(table.dtype)

    return added


@workload.variant("jax_jit_segment_sum", requires=["jax"])
def with_segment_sum():
    import jax

    def added(table, indices, values):
        return table + jax.ops.segment_sum(values, indices, num_segments=len(table))

    return added
