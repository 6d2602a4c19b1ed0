"""The number at place n // 2 of n numbers, were they sorted.

To select one number is less work than to sort all: `np.partition` looks at each number a few times. `jnp.partition`
is made of two `top_k`, which for half of all numbers is no less work than a sort. We expect NumPy far ahead on a CPU,
more so than for `sort`, and `jax_jit_sort` to be JAX's better way; on an accelerator we expect JAX to win by sorting.
The variants named `sort` sort everything and read one place.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="irregular",
    stresses=("sorting",),
    situations=("cpu_first", "one_off"),
    cases=[{"n": n, "dtype": "float64"} for n in (100, 1_000, 10_000, 100_000, 1_000_000, 8_000_000, 64_000_000)],
)


@workload.inputs
def numbers_in_random_order(rng, n, dtype):
    return (rng.standard_normal(n, dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=None, bytes_moved=(n + 1) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def middle(x):
        place = len(x) // 2
        return np.partition(x, place)[place]

    return middle


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def middle(x):
        place = len(x) // 2
        return jnp.partition(x, place)[place]

    return middle


@workload.variant("numpy_sort")
def with_sort():
    def middle(x):
        return np.sort(x)[len(x) // 2]

    return middle


@workload.variant("jax_jit_sort", requires=["jax"])
def with_jax_sort():
    import jax.numpy as jnp

    def middle(x):
        return jnp.sort(x)[len(x) // 2]

    return middle
