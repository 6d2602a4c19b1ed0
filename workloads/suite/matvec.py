"""An n x n matrix times a vector.

Each number of the matrix is read once, for one multiplication and one addition: no kernel can be faster than memory
once the matrix leaves the cache. We expect NumPy ahead at small n by its dispatch, and a tie at large n on one device;
where they differ there, it is by how many cores share the reading.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="linear_algebra",
    stresses=("blas", "bandwidth"),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "dtype": "float32"} for n in (8, 32, 128, 512, 2_048, 8_192)],
    tolerance={"float32": 1e-3},  # sums of n products, in a different order
)


@workload.inputs
def matrix_and_vector(rng, n, dtype):
    return rng.standard_normal((n, n), dtype=dtype), rng.standard_normal(n, dtype=dtype)


@workload.work
def work(n, dtype):
    return Work(flops=2 * n**2, bytes_moved=(n**2 + 2 * n) * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def product(matrix, vector):
        return matrix @ vector

    return product


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    def product(matrix, vector):
        return matrix @ vector

    return product
