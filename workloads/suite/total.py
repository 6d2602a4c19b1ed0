"""The sum of n numbers.

Every number is read once and one addition made for it: memory decides as soon as the array leaves the cache. NumPy
sums in pairs of blocks, on one core; XLA chooses the order and the number of cores, and its choice has changed from
release to release, so that a change of JAX shows here before it does elsewhere. We expect NumPy ahead at small n by
its dispatch, and both at the speed of memory at large n. The numbers lie between 0 and 1, so that nothing cancels.
"""

import numpy as np

from workloads.workload import Work, Workload

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 60_000_000)

workload = Workload(
    version=1,
    family="reduction",
    stresses=("bandwidth",),
    situations=("one_off", "cpu_first"),
    cases=[{"n": n, "dtype": dtype} for dtype in ("float32", "float64") for n in SIZES],
)


@workload.inputs
def numbers(rng, n, dtype):
    return (rng.random(n, dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=n, bytes_moved=(n + 1) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def total(x):
        return np.sum(x)

    return total


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def total(x):
        return jnp.sum(x)

    return total
