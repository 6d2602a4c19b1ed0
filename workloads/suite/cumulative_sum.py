"""The running sum of n numbers.

Each sum needs the one before. NumPy takes the n additions one after the other; JAX makes a parallel algorithm of them,
which adds more often so that it can add at the same time (good for a GPU), and `jax_jit_scan` writes NumPy's loop as a
`lax.scan`. We expect NumPy ahead of both on a CPU at most sizes, since its loop is about as fast as additions that wait
for each other can be, and the scan to pay for each of its steps. Known from jax issues 4135 and 28097.
"""

import numpy as np

from workloads.workload import Work, Workload

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 60_000_000)

workload = Workload(
    version=1,
    family="reduction",
    stresses=("bandwidth", "loop"),
    situations=("one_off", "cpu_first"),
    cases=[{"n": n, "dtype": dtype} for dtype in ("float32", "float64") for n in SIZES],
    tolerance={"float32": 1e-3},  # up to 60 million roundings one after the other, in NumPy
)


@workload.inputs
def numbers(rng, n, dtype):
    return (rng.standard_normal(n, dtype=dtype),)  # of both signs: single precision loses nothing to a growing sum


@workload.work
def work(n, dtype):
    return Work(flops=n, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def running_sum(x):
        return np.cumsum(x)

    return running_sum


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def running_sum(x):
        return jnp.cumsum(x)

    return running_sum


@workload.variant("jax_jit_scan", requires=["jax"])
def with_scan():
    import jax
    import jax.numpy as jnp

    def add(before, number):
        return before + number, before + number

    def running_sum(x):
        return jax.lax.scan(add, jnp.zeros((), x.dtype), x)[1]

    return running_sum
