"""Two matrix products with a tanh between them, on n x n matrices: one shape, called again and again.

The second benchmark of the article *JAX vs NumPy*: a fixed-shape, matrix-heavy function whose first call (which
compiles) is kept apart from the later ones. The article gives neither its function nor its size. Almost all the
work is in matrix products, which both libraries leave to tuned kernels: we expect a tie at large n, and NumPy ahead
where a call is so short that dispatch counts.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="linear_algebra",
    stresses=("blas",),
    situations=("fixed_shape",),
    cases=[{"n": n, "dtype": "float32"} for n in (8, 32, 128, 256, 512, 1024)],
    tolerance={"float32": 1e-3},  # sums of n products, in a different order
)


@workload.inputs
def matrices(rng, n, dtype):
    scale = np.asarray(n**-0.5, dtype=dtype)
    return rng.standard_normal((n, n), dtype=dtype), rng.standard_normal((n, n), dtype=dtype) * scale


@workload.work
def work(n, dtype):
    return Work(flops=4 * n**3, bytes_moved=3 * n**2 * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def chain(x, weights):
        return np.tanh(x @ weights) @ weights

    return chain


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def chain(x, weights):
        return jnp.tanh(x @ weights) @ weights

    return chain
