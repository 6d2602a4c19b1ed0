"""Gradient of a linear regression's mean squared error over n rows of 32 features.

The third benchmark of the article *JAX vs NumPy*: NumPy's gradient is derived by hand, JAX's comes from `grad`.
The article does not give its number of rows and features. The work is two matrix-vector products over the same
data; we expect automatic differentiation to add dispatch without `jit`, and almost nothing with it.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="gradient",
    stresses=("autodiff", "blas"),
    situations=("gradients",),
    cases=[{"n": n, "features": 32, "dtype": "float32"} for n in (32, 256, 2_048, 16_384, 131_072)],
    tolerance={"float32": 1e-3},  # sums of n products, in a different order
)


@workload.inputs
def regression(rng, n, features, dtype):
    rows = rng.standard_normal((n, features), dtype=dtype)
    weights = rng.standard_normal(features, dtype=dtype)
    targets = rows @ rng.standard_normal(features, dtype=dtype) + rng.standard_normal(n, dtype=dtype)
    return weights, rows, targets


@workload.work
def work(n, features, dtype):
    numbers = n * features + n + 2 * features
    return Work(flops=4 * n * features, bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def gradient(weights, rows, targets):
        residuals = rows @ weights - targets
        return np.float32(2 / len(targets)) * (residuals @ rows)

    return gradient


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax
    import jax.numpy as jnp

    def loss(weights, rows, targets):
        return jnp.mean((rows @ weights - targets) ** 2)

    return jax.grad(loss)
