"""Product of n rotations of space, 3 x 3 matrices in double precision, taken one after the other.

A `lax.scan` that carries a 3 x 3 float64 matrix: jax issue 36799 reports that such a scan of 2,000 steps became slower
with newer CPU runtimes (there a Cholesky step, here the product alone). NumPy loops in Python over `@`; `numpy_pairs`
and `jax_jit_pairs` multiply neighbours in pairs, all pairs at once, until one matrix is left. We expect compiled
JAX ahead of the Python loop at any length, by a factor that depends on the release, and `numpy_pairs` ahead of that
loop from some ten matrices on. The matrices are orthogonal, so that the product stays of size one.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="sequential",
    stresses=("loop", "dispatch"),
    situations=("cpu_first", "transformability"),
    cases=[{"n": n, "dtype": "float64"} for n in (20, 200, 2_000, 20_000, 200_000, 2_000_000)],
)


@workload.inputs
def rotations(rng, n, dtype):
    return (np.linalg.qr(rng.standard_normal((n, 3, 3), dtype=dtype))[0],)


@workload.work
def work(n, dtype):
    return Work(flops=45 * n, bytes_moved=9 * (n + 1) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def product(matrices):
        total = np.eye(3)
        for matrix in matrices:
            total = total @ matrix
        return total

    return product


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_scan():
    import jax.numpy as jnp
    from jax import lax

    def step(total, matrix):
        return total @ matrix, None

    def product(matrices):
        return lax.scan(step, jnp.eye(3), matrices)[0]

    return product


def product_of_pairs(xp, matrices):
    """The product in either library, halved in length again and again; a matrix without a neighbour waits."""
    while len(matrices) > 1:
        paired = len(matrices) // 2 * 2
        alone = matrices[paired:]
        matrices = matrices[:paired:2] @ matrices[1:paired:2]
        if len(alone):
            matrices = xp.concatenate([matrices, alone])
    return matrices[0]


@workload.variant("numpy_pairs")
def with_pairs():
    def product(matrices):
        return product_of_pairs(np, matrices)

    return product


@workload.variant("jax_jit_pairs", requires=["jax"])
def with_jax_pairs():
    import jax.numpy as jnp

    def product(matrices):
        return product_of_pairs(jnp, matrices)

    return product
