"""Mean, variance, minimum and maximum of each column of an n x 64 table.

Four results from the same numbers. NumPy reads the table once for each of mean, minimum and maximum, and for the
variance again, with an array of the differences besides; a compiler can see that all four read the same table. The sums
run down the columns of a table that lies in memory by rows, an order in which XLA has been slow on a CPU (jax issue
25187). We expect NumPy ahead for small tables, and compiled JAX ahead for large ones only where it fuses the
reductions.
"""

import numpy as np

from workloads.workload import Work, Workload

SIZES = (16, 128, 1_024, 8_192, 65_536, 524_288, 2_097_152)

workload = Workload(
    version=1,
    family="reduction",
    stresses=("bandwidth", "fusion"),
    situations=("one_off", "cpu_first"),
    cases=[{"n": n, "columns": 64, "dtype": "float32"} for n in SIZES],
    tolerance={"float32": 2e-3},  # NumPy adds up to two million rows one after the other
)


@workload.inputs
def table(rng, n, columns, dtype):
    rows = rng.standard_normal((n, columns), dtype=dtype)
    rows += np.linspace(1.0, 2.0, columns, dtype=dtype)  # columns of different means, none of them near zero
    return (rows,)


@workload.work
def work(n, columns, dtype):
    return Work(flops=6 * n * columns, bytes_moved=(n + 4) * columns * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def statistics(rows):
        return rows.mean(axis=0), rows.var(axis=0), rows.min(axis=0), rows.max(axis=0)

    return statistics


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    def statistics(rows):
        return rows.mean(axis=0), rows.var(axis=0), rows.min(axis=0), rows.max(axis=0)

    return statistics
