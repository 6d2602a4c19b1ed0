"""`exp` of n numbers between -5 and 5, in half, single and double precision.

One transcendental function and nothing to fuse: the vector code that each library has for each dtype decides. Single
and double precision have had such code for long; half precision is computed in a wider dtype where the processor does
not know it, and releases of both libraries differ in how, which is why it is kept here. We expect NumPy ahead at small
n by its cheaper dispatch, and half precision, for all its smaller arrays, not to be the fastest on a CPU.
"""

import numpy as np

from workloads.workload import Work, Workload

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 60_000_000)

workload = Workload(
    version=1,
    family="elementwise",
    stresses=("transcendental",),
    situations=("one_off", "cpu_first"),
    cases=[{"n": n, "dtype": dtype} for dtype in ("float32", "float64", "float16") for n in SIZES],
)


@workload.inputs
def exponents(rng, n, dtype):
    return (rng.uniform(-5.0, 5.0, n).astype(dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=n, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def exponential(x):
        return np.exp(x)

    return exponential


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def exponential(x):
        return jnp.exp(x)

    return exponential
