"""100 steps of gradient descent for a ridge regression over n rows of 32 features, in one call.

NumPy loops in Python over a gradient by hand. `jax_eager` and `jax_jit` run the loop as `fori_loop` over `grad` of the
loss, so that it is compiled in either case; in `jax_eager_steps` only the loop is Python's, the step that it calls 100
times is compiled, as training loops are often written. We expect the compiled loop to win at small n, where NumPy
dispatches hundreds of operations for next to no work. The steps should gain nothing there, since to call a compiled
step costs about as much as NumPy's few small operations. Where two products with the rows take all the time we expect a
tie.
"""

import numpy as np

from workloads.workload import Work, Workload

STEPS = 100
RATE = 0.05
PENALTY = 0.1

workload = Workload(
    version=1,
    family="gradient",
    stresses=("autodiff", "loop", "dispatch", "blas"),
    situations=("gradients", "fixed_shape"),
    cases=[{"n": n, "features": 32, "steps": STEPS, "dtype": "float64"} for n in (8, 64, 512, 4_096, 32_768, 262_144)],
)


@workload.inputs
def regression(rng, n, features, steps, dtype):  # noqa: ARG001 - the variants take STEPS
    rows = rng.standard_normal((n, features), dtype=dtype)
    targets = rows @ rng.standard_normal(features, dtype=dtype) + rng.standard_normal(n, dtype=dtype)
    return np.zeros(features, dtype=dtype), rows, targets


@workload.work
def work(n, features, steps, dtype):
    numbers = n * features + n + 2 * features
    flops = steps * ((4 * features + 1) * n + 5 * features)
    return Work(flops=flops, bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def descend(weights, rows, targets):
        for _ in range(STEPS):
            residuals = rows @ weights - targets
            weights = weights - RATE * (2 / len(targets) * (residuals @ rows) + 2 * PENALTY * weights)
        return weights

    return descend


def step_with_jax():
    import jax
    import jax.numpy as jnp

    def loss(weights, rows, targets):
        return jnp.mean((rows @ weights - targets) ** 2) + PENALTY * jnp.sum(weights**2)

    def step(weights, rows, targets):
        return weights - RATE * jax.grad(loss)(weights, rows, targets)

    return step


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_fori_loop():
    from jax import lax

    step = step_with_jax()

    # The rows travel with the weights: a body that closed over them would be compiled anew at each eager call.
    def body(_, state):
        weights, rows, targets = state
        return step(weights, rows, targets), rows, targets

    def descend(weights, rows, targets):
        return lax.fori_loop(0, STEPS, body, (weights, rows, targets))[0]

    return descend


@workload.variant("jax_eager_steps", requires=["jax"])
def with_compiled_step():
    import jax

    step = jax.jit(step_with_jax())

    def descend(weights, rows, targets):
        for _ in range(STEPS):
            weights = step(weights, rows, targets)
        return weights

    return descend
