"""Softmax of n rows of 200 numbers, each row along its own length.

Two reductions with an exponential between them: a row's maximum and its sum must be known before the row can be
written. NumPy and eager JAX pass over the whole table for each step; compiled JAX may fuse what lies between the
reductions. We expect NumPy ahead for a few rows, and compiled JAX ahead once the table leaves the cache, by less than
in a chain without reductions, since those end a fusion. JAX users call `jax.nn.softmax`; NumPy has none.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="reduction",
    stresses=("fusion", "transcendental"),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "columns": 200, "dtype": "float32"} for n in (5, 50, 500, 5_000, 50_000, 500_000)],
)


@workload.inputs
def scores(rng, n, columns, dtype):
    return (rng.standard_normal((n, columns), dtype=dtype),)


@workload.work
def work(n, columns, dtype):
    return Work(flops=5 * n * columns, bytes_moved=2 * n * columns * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def softmax(scores):
        exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return exponentials / exponentials.sum(axis=-1, keepdims=True)

    return softmax


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax

    def softmax(scores):
        return jax.nn.softmax(scores, axis=-1)

    return softmax


@workload.variant("numpy_in_place")
def with_one_array():
    def softmax(scores):
        result = scores - scores.max(axis=-1, keepdims=True)
        np.exp(result, out=result)
        result /= result.sum(axis=-1, keepdims=True)
        return result

    return softmax
