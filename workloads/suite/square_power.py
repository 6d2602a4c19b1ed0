"""`power(x, 2)` of n numbers of both signs.

A multiplication, if the library sees that the exponent is 2, and else a general power for each number. JAX sees it in
the Python number; `np.power` sees it since NumPy 2.1 (numpy pull request 26055), and its operator `**` long before.
`numpy_square` is `np.square`, which never had anything to see. We expect all of them to be as fast as memory with
recent releases, and `numpy` far behind `numpy_square` with NumPy 2.0 and before.
"""

import numpy as np

from workloads.workload import Work, Workload

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 60_000_000)

workload = Workload(
    version=1,
    family="elementwise",
    stresses=("arithmetic", "bandwidth"),
    situations=("one_off", "cpu_first"),
    cases=[{"n": n, "dtype": dtype} for dtype in ("float64", "float32") for n in SIZES],
)


@workload.inputs
def numbers(rng, n, dtype):
    return (rng.standard_normal(n, dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=n, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def squares(x):
        return np.power(x, 2)

    return squares


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def squares(x):
        return jnp.power(x, 2)

    return squares


@workload.variant("numpy_square")
def with_square():
    def squares(x):
        return np.square(x)

    return squares
