"""A chain of elementwise operations and one reduction on n numbers.

The first benchmark of the article *JAX vs NumPy* (there: 1,000,000 float32 numbers, eager, on a CPU; the article
does not print its chain, this one is ours). NumPy and eager JAX write every intermediate array to memory; under
`jit` XLA fuses the chain into one pass. We expect eager JAX to lose to NumPy by its dispatch at small sizes, and
compiled JAX to win from the size on at which an intermediate array no longer fits the cache.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="elementwise",
    stresses=("fusion", "bandwidth"),
    situations=("cpu_first", "one_off"),
    cases=[{"n": n, "dtype": "float32"} for n in (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)],
)


@workload.inputs
def numbers(rng, n, dtype):
    return rng.standard_normal(n, dtype=dtype), rng.standard_normal(n, dtype=dtype)


@workload.work
def work(n, dtype):
    return Work(flops=9 * n, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def chain(x, y):
        return np.sum(np.sqrt(x * x + y * y) + np.abs(x - y) * np.float32(0.5))

    return chain


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def chain(x, y):
        return jnp.sum(jnp.sqrt(x * x + y * y) + jnp.abs(x - y) * jnp.float32(0.5))

    return chain
