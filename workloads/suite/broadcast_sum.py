"""`((x + y) ** 2).sum(axis=1)` on an n x 3 array.

The example with which the article *JAX vs NumPy* shows how alike both libraries look; at n = 2 its result is
[23.25, 95.25]. At that size nothing is measured but the cost of a call, so we expect NumPy far ahead there, and
compiled JAX ahead where the intermediate n x 3 array, which it never writes, no longer fits the cache.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="dispatch",
    stresses=("dispatch",),
    situations=("one_off", "debuggability"),
    cases=[{"n": n, "dtype": "float32"} for n in (2, 64, 2_048, 65_536, 1_048_576)],
)


@workload.inputs
def table_and_row(rng, n, dtype):  # noqa: ARG001 - the article's values are given, not drawn
    table = np.arange(3 * n, dtype=dtype).reshape(n, 3)
    return table, np.linspace(1.0, 2.0, 3, dtype=dtype)


@workload.work
def work(n, dtype):
    return Work(flops=8 * n, bytes_moved=(3 * n + 3 + n) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def row_sums(x, y):
        return ((x + y) ** 2).sum(axis=1)

    return row_sums


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    def row_sums(x, y):
        return ((x + y) ** 2).sum(axis=1)

    return row_sums
