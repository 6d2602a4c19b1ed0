"""Jacobians of the Lorenz-96 system with 8 variables, at n points.

Four of the eight entries in each row are zero. NumPy knows that and writes the other four by hand, for all points
at once; JAX is given the system for one point and takes `vmap(jacfwd)` (`jax_eager`, `jax_jit`) or, a derivative
for each output instead of each input, `vmap(jacrev)` (`jax_jit_reverse`). We expect eager JAX to be slow by tracing
alone and NumPy ahead while dispatch counts. At large n writing the n x 8 x 8 result decides, and we expect compiled
JAX ahead there, since it writes it once, zeros computed or not, where NumPy fills it with zeros first and then in
four strided passes. With as many outputs as inputs, neither direction should be clearly ahead.
Source: Lorenz (1996), Predictability: a problem partly solved.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="gradient",
    stresses=("autodiff", "batching", "bandwidth"),
    situations=("gradients", "transformability"),
    cases=[{"n": n, "variables": 8, "dtype": "float64"} for n in (4, 32, 256, 2_048, 16_384, 131_072, 1_048_576)],
)


@workload.inputs
def points(rng, n, variables, dtype):
    return (8 + rng.standard_normal((n, variables), dtype=dtype),)


@workload.work
def work(n, variables, dtype):
    numbers = n * variables + n * variables**2
    return Work(flops=2 * n * variables, bytes_moved=numbers * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def jacobians(points):
        n, variables = points.shape
        i = np.arange(variables)
        before, after = np.roll(points, 1, axis=1), np.roll(points, -1, axis=1)
        result = np.zeros((n, variables, variables), dtype=points.dtype)
        result[:, i, i] = -1
        result[:, i, i - 1] = after - np.roll(points, 2, axis=1)
        result[:, i, i - 2] = -before
        result[:, i, (i + 1) % variables] = before
        return result

    return jacobians


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_forward():
    import jax
    import jax.numpy as jnp

    def system(x):
        return (jnp.roll(x, -1) - jnp.roll(x, 2)) * jnp.roll(x, 1) - x + 8

    return jax.vmap(jax.jacfwd(system))


@workload.variant("jax_jit_reverse", requires=["jax"])
def with_reverse():
    import jax
    import jax.numpy as jnp

    def system(x):
        return (jnp.roll(x, -1) - jnp.roll(x, 2)) * jnp.roll(x, 1) - x + 8

    return jax.vmap(jax.jacrev(system))
