"""Gradient of `sum(v**2 + 0.1 * sin(v))` at n points.

The automatic differentiation example of the article *JAX vs NumPy*; at its three points [0.5, -1.2, 3.0] the gradient
is [1.0877583, -2.3637643, 5.901001]. Larger sizes repeat those points. By hand it is one line, `2 v + 0.1 cos(v)`:
we expect NumPy ahead while a call is mostly dispatch, and fusion to decide once the arrays leave the cache.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="gradient",
    stresses=("autodiff", "transcendental", "fusion"),
    situations=("gradients",),
    cases=[{"n": n, "dtype": "float32"} for n in (3, 96, 3_072, 98_304, 3_145_728)],
)


@workload.inputs
def points(rng, n, dtype):  # noqa: ARG001 - the article's values are given, not drawn
    return (np.resize(np.array([0.5, -1.2, 3.0], dtype=dtype), n),)


@workload.work
def work(n, dtype):
    return Work(flops=4 * n, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def gradient(v):
        return 2 * v + np.float32(0.1) * np.cos(v)

    return gradient


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax
    import jax.numpy as jnp

    def loss(v):
        return jnp.sum(v**2 + 0.1 * jnp.sin(v))

    return jax.grad(loss)
