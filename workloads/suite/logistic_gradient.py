"""Gradient of the mean logistic loss over n rows of 32 features.

By hand it is `rows.T @ (sigmoid(rows @ weights) - labels) / n`: two matrix-vector products over the same data with
a tanh between them (the sigmoid is written as a tanh, which overflows nowhere). NumPy and `jax_jit_by_hand` write
that formula; `jax_eager` and `jax_jit` write the loss and leave the rest to `grad`. We expect NumPy ahead while
dispatch counts, eager JAX to pay for tracing a derivative at every call, and both compiled styles to take the same
time: what `grad` adds is gone once it is compiled. At large n reading the rows decides, so we expect a tie on a CPU.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="gradient",
    stresses=("autodiff", "blas", "bandwidth"),
    situations=("gradients", "transformability"),
    cases=[
        {"n": n, "features": 32, "dtype": dtype}
        for dtype in ("float32", "float64")
        for n in (8, 64, 512, 4_096, 32_768, 262_144, 2_097_152)
    ],
    tolerance={"float32": 1e-3},  # sums of up to two million products, in a different order
)


@workload.inputs
def classification(rng, n, features, dtype):
    rows = rng.standard_normal((n, features), dtype=dtype)
    weights = rng.standard_normal(features, dtype=dtype)
    scores = rows @ rng.standard_normal(features, dtype=dtype) + rng.standard_normal(n, dtype=dtype)
    return weights, rows, (scores > 0).astype(dtype)


@workload.work
def work(n, features, dtype):
    numbers = n * features + n + 2 * features
    return Work(flops=(4 * features + 5) * n, bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def gradient(weights, rows, labels):
        probabilities = 0.5 * (1 + np.tanh(0.5 * (rows @ weights)))
        share = 1 / len(labels)  # a float: divided by a large int, NumPy 1 makes float64 of float32
        return (probabilities - labels) @ rows * share

    return gradient


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax
    import jax.numpy as jnp

    def loss(weights, rows, labels):
        scores = rows @ weights
        return jnp.mean(jax.nn.softplus(scores) - labels * scores)

    return jax.grad(loss)


@workload.variant("jax_jit_by_hand", requires=["jax"])
def with_jax_by_hand():
    import jax.numpy as jnp

    def gradient(weights, rows, labels):
        probabilities = 0.5 * (1 + jnp.tanh(0.5 * (rows @ weights)))
        return (probabilities - labels) @ rows / len(labels)

    return gradient
