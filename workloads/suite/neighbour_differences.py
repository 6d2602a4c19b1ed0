"""Sum of the squared differences of neighbours along the three axes of an n x n x n volume.

A cost that regularises images. `numpy` takes `np.diff` along each axis, squares it in place and sums it; `numpy_dot`
lets the BLAS multiply each difference with itself and sum at once. Under `jit` all of it can become three passes, or
one, that write nothing. We expect compiled JAX ahead from the size on at which a volume leaves the cache. How much
XLA fuses here has changed between releases. Source: jax issue 37465, which reports 256 x 256 x 256 on a CPU.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="stencil",
    stresses=("fusion", "bandwidth"),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "dtype": "float32"} for n in (8, 16, 32, 64, 128, 256, 512)],
    tolerance={"float32": 2e-3},  # a BLAS adds 134 million squares to a few running sums in float32
)


@workload.inputs
def volume_of_noise(rng, n, dtype):
    return (rng.standard_normal((n, n, n), dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=9 * n**2 * (n - 1), bytes_moved=(n**3 + 1) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def cost_along(volume, axis):
        differences = np.diff(volume, axis=axis)
        return np.sum(np.square(differences, out=differences))

    def cost(volume):
        return cost_along(volume, 0) + cost_along(volume, 1) + cost_along(volume, 2)

    return cost


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def cost_along(volume, axis):
        return jnp.sum(jnp.square(jnp.diff(volume, axis=axis)))

    def cost(volume):
        return cost_along(volume, 0) + cost_along(volume, 1) + cost_along(volume, 2)

    return cost


@workload.variant("numpy_dot")
def with_dot():
    def cost_along(volume, axis):
        differences = np.diff(volume, axis=axis)
        return np.vdot(differences, differences)

    def cost(volume):
        return cost_along(volume, 0) + cost_along(volume, 1) + cost_along(volume, 2)

    return cost
