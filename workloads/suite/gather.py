"""Read n numbers at random places of a table of n numbers.

Nothing is computed: the time goes into waiting for memory once the table outgrows the cache. Each library gets the
places as it reads them: NumPy in 64 bits, to which it would convert others at each call, and JAX in 32, to which it
narrows them as they are placed, before any call. We expect NumPy ahead while dispatch decides, a narrow result on a CPU
from there on, helped in JAX by places of half the size, and a large lead of an accelerator, whose many threads wait at
the same time. `numpy_take` is `np.take`; JAX's brackets allow negative places and places outside, `jax_jit_promised`
promises that there are none.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="irregular",
    stresses=("indexing", "bandwidth"),
    situations=("cpu_first",),
    cases=[{"n": n, "dtype": "float32"} for n in (64, 1_024, 16_384, 262_144, 4_194_304, 33_554_432)],
)


@workload.inputs
def table_and_places(rng, n, dtype):
    return rng.standard_normal(n, dtype=dtype), rng.integers(0, n, n, dtype=np.intp)


@workload.work
def work(n, dtype):
    return Work(flops=None, bytes_moved=2 * n * np.dtype(dtype).itemsize + 4 * n)  # places of 32 bits suffice


@workload.variant("numpy")
def with_numpy():
    def numbers_read(table, places):
        return table[places]

    return numbers_read


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    def numbers_read(table, places):
        return table[places]

    return numbers_read


@workload.variant("numpy_take")
def with_take():
    def numbers_read(table, places):
        return np.take(table, places)

    return numbers_read


@workload.variant("jax_jit_promised", requires=["jax"])
def with_promise():
    def numbers_read(table, places):
        return table.at[places].get(mode="promise_in_bounds")

    return numbers_read
