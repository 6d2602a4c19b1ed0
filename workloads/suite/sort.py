"""Sort n numbers in random order.

The comparisons decide. NumPy sorts with vector instructions where the processor and the dtype allow it (from 1.25 on
with AVX-512, from 2.0 on with AVX2); XLA compiles one general sort and calls the comparison for every pair. We expect
NumPy ahead on a CPU at every size, and by more where its vector code applies; on an accelerator, which sorts in
parallel, we expect JAX ahead once n is large. `jnp.sort` keeps equal numbers in their order, which nobody can see
here; `jax_jit_unstable` gives that up, as `np.sort` does.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="irregular",
    stresses=("sorting",),
    situations=("cpu_first",),
    cases=[
        {"n": n, "dtype": dtype}
        for dtype in ("float32", "float64", "int32")
        for n in (160, 800, 4_000, 20_000, 100_000, 500_000, 2_500_000, 12_500_000, 62_500_000)
    ],
)


@workload.inputs
def numbers_in_random_order(rng, n, dtype):
    if dtype == "int32":
        return (rng.integers(-(2**31), 2**31, n, dtype=dtype),)
    return (rng.standard_normal(n, dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=None, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def in_order(x):
        return np.sort(x)

    return in_order


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def in_order(x):
        return jnp.sort(x)

    return in_order


@workload.variant("jax_jit_unstable", requires=["jax"])
def with_unstable_sort():
    from jax import lax

    def in_order(x):
        return lax.sort(x, is_stable=False)

    return in_order
