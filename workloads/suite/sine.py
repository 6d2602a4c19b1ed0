"""The sine of n numbers between -10 and 10.

One transcendental function and nothing to fuse: what decides is which vector code the library has for it, for each
dtype, and how many cores work on it. NumPy uses one core; XLA may divide a large array among several. We expect NumPy
ahead at small n by its cheaper dispatch, and compiled and eager JAX equal to each other at large n.
"""

import numpy as np

from workloads.workload import Work, Workload

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 60_000_000)

workload = Workload(
    version=1,
    family="elementwise",
    stresses=("transcendental",),
    situations=("one_off", "cpu_first"),
    cases=[{"n": n, "dtype": dtype} for dtype in ("float32", "float64") for n in SIZES],
)


@workload.inputs
def angles(rng, n, dtype):
    return (rng.uniform(-10.0, 10.0, n).astype(dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=n, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def sine(x):
        return np.sin(x)

    return sine


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def sine(x):
        return jnp.sin(x)

    return sine
