"""Product of a sparse n x n matrix, 16 non-zero entries at random columns of each row, with a vector.

The matrix is held by rows (CSR): values, their columns, and where each row begins. Reading the vector at random places
decides, then the sums over rows. NumPy gathers, multiplies and adds in three passes; compiled JAX can gather and
multiply in one, but scatters its sums by each entry's row, an array that NumPy does not need. Each library gets columns
and starts as it reads them: NumPy in 64 bits, to which it would convert others at each call, and JAX in 32, to which it
narrows them as they are placed, before any call. We expect NumPy ahead while dispatch decides, a narrow result on a CPU
at large n, and JAX ahead on an accelerator. `jax_jit_bcsr` leaves the product to `jax.experimental.sparse`, which finds
the rows from their starts at each call; its BCOO, told all rows, would gather and scatter as `jax_jit` does.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="irregular",
    stresses=("indexing", "bandwidth"),
    situations=("cpu_first",),
    cases=[{"n": n, "entries": 16, "dtype": "float32"} for n in (64, 512, 4_096, 32_768, 262_144, 2_097_152)],
)


@workload.inputs
def matrix_by_rows_and_vector(rng, n, entries, dtype):
    count = n * entries
    values = rng.standard_normal(count, dtype=dtype)
    # sorted within each row; one may occur twice there: its entries add up
    columns = np.sort(rng.integers(0, n, (n, entries), dtype=np.intp), axis=1).ravel()
    starts = np.arange(0, count + 1, entries, dtype=np.intp)
    rows = np.repeat(np.arange(n, dtype=np.int32), entries)
    return values, columns, starts, rows, rng.standard_normal(n, dtype=dtype)


@workload.work
def work(n, entries, dtype):
    count = n * entries
    places = count + n + 1  # columns and starts, for which 32 bits suffice; all rows would be more
    return Work(flops=2 * count, bytes_moved=(count + 2 * n) * np.dtype(dtype).itemsize + 4 * places)


@workload.variant("numpy")
def with_numpy():
    def product(values, columns, starts, _rows, vector):
        return np.add.reduceat(values * vector[columns], starts[:-1])

    return product


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax

    def product(values, columns, starts, rows, vector):
        terms = values * vector[columns]
        return jax.ops.segment_sum(terms, rows, num_segments=len(starts) - 1, indices_are_sorted=True)

    return product


@workload.variant("jax_jit_bcsr", requires=["jax"])
def with_bcsr():
    from jax.experimental import sparse

    def product(values, columns, starts, _rows, vector):
        shape = len(starts) - 1, len(vector)
        return sparse.BCSR((values, columns, starts), shape=shape, indices_sorted=True) @ vector

    return product
