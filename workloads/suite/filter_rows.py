"""Mean of those rows of an n x 8 table whose first number, a flag of 1 or -1, is positive.

Select, then reduce: how many rows remain depends on the data. NumPy copies them and takes their mean; compiled JAX must
know every shape beforehand, so it takes the mean of all rows and masks the others (`where=`), in one pass and without a
copy. We expect NumPy ahead while dispatch decides, and compiled JAX at large n. `numpy_where` is the masked form in
NumPy, `numpy_product` multiplies the mask with the table, and `jax_eager_indexing` is NumPy's line in JAX, which `jit`
refuses.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="irregular",
    stresses=("branches", "dynamic_shape", "bandwidth"),
    situations=("cpu_first", "debuggability"),
    cases=[{"n": n, "columns": 8, "dtype": "float32"} for n in (64, 1_000, 10_000, 100_000, 1_000_000, 16_000_000)],
    tolerance={"float32": 1e-3},  # sums of n / 2 numbers that largely cancel, in a different order
)


@workload.inputs
def flagged_rows(rng, n, columns, dtype):
    # Flags, since their sum is exact: NumPy adds the rows one after the other, and loses digits over millions of
    # numbers of one sign.
    rows = rng.standard_normal((n, columns), dtype=dtype)
    np.copysign(1, rows[:, 0], out=rows[:, 0])
    return (rows,)


@workload.work
def work(n, columns, dtype):
    return Work(flops=n * columns, bytes_moved=(n + 1) * columns * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def mean_row(rows):
        return rows[rows[:, 0] > 0].mean(axis=0)

    return mean_row


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def mean_row(rows):
        return jnp.mean(rows, axis=0, where=rows[:, :1] > 0)

    return mean_row


@workload.variant("numpy_where")
def with_where():
    def mean_row(rows):
        return np.mean(rows, axis=0, where=rows[:, :1] > 0)

    return mean_row


@workload.variant("numpy_product")
def with_product():
    def mean_row(rows):
        chosen = rows[:, 0] > 0
        return chosen.astype(rows.dtype) @ rows / rows.dtype.type(np.count_nonzero(chosen))

    return mean_row


@workload.variant("jax_eager_indexing", requires=["jax"])
def with_indexing():
    def mean_row(rows):
        return rows[rows[:, 0] > 0].mean(axis=0)

    return mean_row
