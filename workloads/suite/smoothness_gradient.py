"""Gradient of the sum of squared differences of neighbours in an n x n x n volume.

What an image reconstruction needs of the cost in `neighbour_differences`. NumPy's gradient is derived by hand: each
difference is added to one neighbour and taken from the other, in place, along three axes. JAX's comes from `grad`,
which pads each difference back to the volume's shape before it adds. We expect eager JAX to pay for those padded
copies, and compiled JAX to fuse them and to win once a volume leaves the cache. Source: jax issue 37465.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="gradient",
    stresses=("autodiff", "fusion", "bandwidth"),
    situations=("gradients", "fixed_shape"),
    cases=[{"n": n, "dtype": "float32"} for n in (8, 16, 32, 64, 128, 256, 512)],
)


@workload.inputs
def volume_of_noise(rng, n, dtype):
    return (rng.standard_normal((n, n, n), dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=9 * n**2 * (n - 1) + n**3, bytes_moved=2 * n**3 * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def gradient(volume):
        slope = np.zeros_like(volume)
        for axis in range(3):
            values, slopes = np.moveaxis(volume, axis, 0), np.moveaxis(slope, axis, 0)
            differences = values[1:] - values[:-1]
            slopes[1:] += differences
            slopes[:-1] -= differences
        slope *= 2
        return slope

    return gradient


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax
    import jax.numpy as jnp

    def cost_along(volume, axis):
        return jnp.sum(jnp.square(jnp.diff(volume, axis=axis)))

    def cost(volume):
        return cost_along(volume, 0) + cost_along(volume, 1) + cost_along(volume, 2)

    return jax.grad(cost)
