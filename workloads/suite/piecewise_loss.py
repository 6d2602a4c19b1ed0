"""A robust loss of n residuals: a square within 1, a straight line to 4, a logarithm beyond.

Different work for different elements. `np.where` and `jnp.where` compute all three branches for every element and
choose. `numpy_masked` computes the line for all, and the square and the logarithm only for the elements they are meant
for, at the price of gathering and scattering them: about a quarter and a fifth of all. We expect the two NumPy styles
to be close, with the logarithm saved on one side and random access on the other, and compiled JAX to win once fusion
saves the branches' arrays. Source of the first two branches: Huber (1964).
"""

import numpy as np

from workloads.workload import Work, Workload

FAR = 4.0

workload = Workload(
    version=1,
    family="elementwise",
    stresses=("branches", "fusion"),
    situations=("cpu_first", "one_off"),
    cases=[{"n": n, "dtype": "float32"} for n in (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 50_000_000)],
)


@workload.inputs
def residuals(rng, n, dtype):
    draws = rng.standard_normal(n, dtype=dtype)
    draws *= 3
    return (draws,)


@workload.work
def work(n, dtype):
    return Work(flops=13 * n, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def losses(residuals):
        size = np.abs(residuals)
        far = FAR - 0.5 + FAR * np.log(np.maximum(size, FAR) / FAR)
        return np.where(size <= 1, 0.5 * size * size, np.where(size <= FAR, size - 0.5, far))

    return losses


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def losses(residuals):
        size = jnp.abs(residuals)
        far = FAR - 0.5 + FAR * jnp.log(jnp.maximum(size, FAR) / FAR)
        return jnp.where(size <= 1, 0.5 * size * size, jnp.where(size <= FAR, size - 0.5, far))

    return losses


@workload.variant("numpy_masked")
def with_masks():
    def losses(residuals):
        size = np.abs(residuals)
        near, far = size <= 1, size > FAR
        loss = size - 0.5
        loss[near] = 0.5 * size[near] ** 2
        loss[far] = FAR - 0.5 + FAR * np.log(size[far] / FAR)
        return loss

    return losses
