"""The eigenvalues of a symmetric n x n matrix, in ascending order.

LAPACK for both libraries on a CPU: reduction to three diagonals, half of which is no faster than memory, then the
eigenvalues of those. NumPy asks LAPACK for the eigenvalues alone; JAX's `eigvalsh` is its `eigh`, with the vectors
thrown away. We expect NumPy ahead at all sizes on a CPU, by dispatch at the left end and by the vectors it does not
compute at the right, if both use the cores equally well; a GPU needs large matrices before it pays.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="linear_algebra",
    stresses=("lapack",),
    situations=("cpu_first", "one_off"),
    cases=[{"n": n, "dtype": "float64"} for n in (4, 16, 64, 256, 1_024, 2_048)],
)


@workload.inputs
def symmetric_matrix(rng, n, dtype):
    draws = rng.standard_normal((n, n), dtype=dtype)
    return ((draws + draws.T) / 2,)


@workload.work
def work(n, dtype):
    return Work(flops=4 * n**3 / 3, bytes_moved=(n**2 + n) * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def eigenvalues(matrix):
        return np.linalg.eigvalsh(matrix)

    return eigenvalues


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def eigenvalues(matrix):
        return jnp.linalg.eigvalsh(matrix)

    return eigenvalues
