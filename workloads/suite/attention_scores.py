"""Attention scores: every query with every key, at n positions of 2 x 4 heads of 64 features, scaled.

The contraction "bhqd,bhkd->bhqk", divided by 8. JAX makes one batched matrix product of it. In NumPy `einsum` is what
one types; `numpy_matmul` writes the batched matrix product out. We expect JAX close to `numpy_matmul` at large n, and
ahead by the fused scaling where the scores leave the cache; and `numpy` equal to `numpy_matmul` where the release's
`einsum` passes batches on to BLAS, as recent ones do, and far behind it where not. Source: Vaswani et al. (2017).
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="linear_algebra",
    stresses=("blas", "batching"),
    situations=("fixed_shape", "transformability"),
    cases=[
        {"n": n, "batch": 2, "heads": 4, "features": 64, "dtype": "float32"} for n in (4, 16, 64, 256, 1_024, 4_096)
    ],
    tolerance={"float32": 1e-3},  # sums of 64 products, in a different order
)


@workload.inputs
def queries_and_keys(rng, n, batch, heads, features, dtype):
    shape = batch, heads, n, features
    return rng.standard_normal(shape, dtype=dtype), rng.standard_normal(shape, dtype=dtype)


@workload.work
def work(n, batch, heads, features, dtype):
    numbers = batch * heads * (2 * n * features + n**2)
    flops = batch * heads * n**2 * (2 * features + 1)
    return Work(flops=flops, bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def scores(queries, keys):
        products = np.einsum("bhqd,bhkd->bhqk", queries, keys, optimize=True)
        products /= queries.shape[-1] ** 0.5
        return products

    return scores


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def scores(queries, keys):
        return jnp.einsum("bhqd,bhkd->bhqk", queries, keys) / queries.shape[-1] ** 0.5

    return scores


@workload.variant("numpy_matmul")
def with_matrix_product():
    def scores(queries, keys):
        products = queries @ keys.swapaxes(-1, -2)
        products /= queries.shape[-1] ** 0.5
        return products

    return scores
