"""The distinct values, sorted, of n 64-bit integers below 2**62 that all differ.

The worst case for a hash table, which NumPy 2.3 brought to `np.unique`: nothing is thrown away before the sort, and
the table outgrows the cache (NumPy issue 31969). JAX sorts; compiled code must know how many values come out, here n,
known beforehand (`size=n`). We expect NumPy ahead on a CPU, by less from 2.3 on, and `numpy_sort` ahead of
`np.unique` there. `numpy_sort` sorts and keeps what differs from its neighbour; `jax_eager_unsized` gives no size, as a
NumPy user would type it, which is possible without `jit` only.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="irregular",
    stresses=("sorting", "dynamic_shape"),
    situations=("cpu_first",),
    cases=[{"n": n, "dtype": "int64"} for n in (32, 160, 800, 4_000, 20_000, 100_000, 500_000, 2_500_000, 12_500_000)],
)


@workload.inputs
def integers_that_all_differ(rng, n, dtype):
    # Sums of steps of at least 1: they ascend, so no two are equal, and stay below 2**62.
    ascending = np.cumsum(rng.integers(1, 2**62 // n, n, dtype=dtype))
    return (rng.permutation(ascending),)


@workload.work
def work(n, dtype):
    return Work(flops=None, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def distinct(x):
        return np.unique(x)

    return distinct


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def distinct(x):
        return jnp.unique(x, size=len(x))

    return distinct


@workload.variant("numpy_sort")
def with_sort():
    def distinct(x):
        ordered = np.sort(x)
        keep = np.ones(len(x), dtype=bool)
        np.not_equal(ordered[1:], ordered[:-1], out=keep[1:])
        return ordered[keep]

    return distinct


@workload.variant("jax_eager_unsized", requires=["jax"])
def without_size():
    import jax.numpy as jnp

    def distinct(x):
        return jnp.unique(x)

    return distinct
