"""The quadratic form `row @ matrix @ row` for each of n rows of 16 numbers.

JAX writes the form of one row and lets `vmap` make the batch (`jax_eager`, `jax_jit`); NumPy writes the batch by
hand, a product with the matrix and a sum over each row, and so does `jax_jit_by_hand`. `numpy_loop` is what NumPy
does with the form of one row: a Python loop. We expect `vmap` to cost nothing once it is compiled, so that both
compiled styles take the same time, the Python loop to fall behind within a few rows, and NumPy's batch and compiled
JAX to be close at large n, apart from the product of n x 16 numbers that NumPy writes to memory and reads again.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="adoption",
    stresses=("batching", "blas", "bandwidth"),
    situations=("transformability", "fixed_shape"),
    cases=[{"n": n, "features": 16, "dtype": "float32"} for n in (8, 128, 2_048, 32_768, 524_288, 8_388_608)],
    tolerance={"float32": 1e-3},  # sums of products, in a different order
)


@workload.inputs
def rows_and_matrix(rng, n, features, dtype):
    scale = np.asarray(features**-0.5, dtype=dtype)
    return rng.standard_normal((n, features), dtype=dtype), rng.standard_normal(
        (features, features), dtype=dtype
    ) * scale


@workload.work
def work(n, features, dtype):
    numbers = n * features + features**2 + n
    return Work(
        flops=2 * n * features * (features + 1), bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix"
    )


@workload.variant("numpy")
def with_numpy():
    def quadratic_forms(rows, matrix):
        return np.einsum("ij,ij->i", rows @ matrix, rows)

    return quadratic_forms


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_vmap():
    import jax

    def quadratic_form(row, matrix):
        return row @ matrix @ row

    return jax.vmap(quadratic_form, in_axes=(0, None))


@workload.variant("jax_jit_by_hand", requires=["jax"])
def with_jax_by_hand():
    import jax.numpy as jnp

    def quadratic_forms(rows, matrix):
        return jnp.einsum("ij,ij->i", rows @ matrix, rows)

    return quadratic_forms


@workload.variant("numpy_loop")
def with_numpy_loop():
    def quadratic_forms(rows, matrix):
        return np.array([row @ matrix @ row for row in rows])

    return quadratic_forms
