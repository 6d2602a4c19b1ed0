"""`tanh(dot(row, weights))` for each of n rows of 64 numbers.

The `vmap` example of the article *JAX vs NumPy*, which gives no sizes: JAX writes the score of one row and lets
`vmap` make the batch, NumPy writes the matrix-vector product, and so does `jax_jit_by_hand`. `numpy_loop` is the
score of one row in NumPy, in a Python loop. All read the rows once, so we expect a tie where memory decides, NumPy
ahead where dispatch does, `vmap` to cost nothing once it is compiled, and the loop to fall behind within a few rows.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="adoption",
    stresses=("batching", "bandwidth"),
    situations=("transformability",),
    cases=[{"n": n, "features": 64, "dtype": "float32"} for n in (8, 128, 2_048, 32_768, 262_144)],
)


@workload.inputs
def batch(rng, n, features, dtype):
    scale = np.asarray(features**-0.5, dtype=dtype)
    return rng.standard_normal((n, features), dtype=dtype), rng.standard_normal(features, dtype=dtype) * scale


@workload.work
def work(n, features, dtype):
    numbers = n * features + features + n
    return Work(flops=2 * n * features, bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def scores(rows, weights):
        return np.tanh(rows @ weights)

    return scores


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax
    import jax.numpy as jnp

    def scores(rows, weights):
        def score_one(row):
            return jnp.tanh(jnp.dot(row, weights))

        return jax.vmap(score_one)(rows)

    return scores


@workload.variant("jax_jit_by_hand", requires=["jax"])
def with_jax_by_hand():
    import jax.numpy as jnp

    def scores(rows, weights):
        return jnp.tanh(rows @ weights)

    return scores


@workload.variant("numpy_loop")
def with_numpy_loop():
    def scores(rows, weights):
        return np.array([np.tanh(row @ weights) for row in rows])

    return scores
