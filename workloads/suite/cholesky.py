"""The lower Cholesky factor of a symmetric positive definite n x n matrix.

A third of n cubed operations, in LAPACK for both libraries on a CPU. JAX first takes the mean of the matrix and its
transpose, its default, which adds a pass over memory; NumPy reads the lower triangle alone. We expect NumPy ahead at
small n by its dispatch, and at large n what the two LAPACK libraries differ by, above all in the use of cores: NumPy's
wheels bring OpenBLAS, and XLA takes the routines of the LAPACK that comes with SciPy.
"""

import numpy as np

from workloads.workload import Work, Workload

SIZES = (4, 16, 64, 256, 1_024, 4_096)

workload = Workload(
    version=1,
    family="linear_algebra",
    stresses=("lapack",),
    situations=("cpu_first", "one_off"),
    cases=[{"n": n, "dtype": dtype} for dtype in ("float32", "float64") for n in SIZES],
)


@workload.inputs
def positive_definite_matrix(rng, n, dtype):
    draws = rng.standard_normal((n, n), dtype=dtype) * np.asarray(n**-0.5, dtype=dtype)
    # The eigenvalues of this mean lie within 1.5 of zero for large n, and seldom far beyond for small n.
    return ((draws + draws.T) / 2 + 4 * np.eye(n, dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=n**3 / 3, bytes_moved=2 * n**2 * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def factor(matrix):
        return np.linalg.cholesky(matrix)

    return factor


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def factor(matrix):
        return jnp.linalg.cholesky(matrix)

    return factor
