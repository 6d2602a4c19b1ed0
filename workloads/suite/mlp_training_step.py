"""One step of gradient descent for a two-layer network (64, 128, 10) with softmax, on a batch of n rows.

The parameters are a state that each call hands to the next. NumPy propagates back by hand and subtracts from the
parameters in place; JAX takes `grad` of the loss and returns new parameters, and `jax_jit_donated` may overwrite the
old ones, where platform and release can. Five matrix products do most of the work: we expect NumPy ahead of eager
JAX at every small batch, compiled JAX to gain by fusing tanh and softmax, and a tie where the products decide.
Donation should hardly show, since the parameters are small beside the batch.
"""

import numpy as np

from workloads.workload import Work, Workload

RATE = 0.05

workload = Workload(
    version=1,
    family="gradient",
    stresses=("autodiff", "blas", "transcendental", "fusion"),
    situations=("gradients", "fixed_shape", "transformability"),
    cases=[
        {"n": n, "features": 64, "hidden": 128, "classes": 10, "dtype": "float32"}
        for n in (16, 128, 1_024, 8_192, 65_536, 524_288)
    ],
    tolerance={"float32": 1e-3},  # sums of n products, in a different order
    carry=4,
)


@workload.inputs
def network_and_batch(rng, n, features, hidden, classes, dtype):
    w1 = rng.standard_normal((features, hidden), dtype=dtype) * np.asarray(features**-0.5, dtype=dtype)
    w2 = rng.standard_normal((hidden, classes), dtype=dtype) * np.asarray(hidden**-0.5, dtype=dtype)
    rows = rng.standard_normal((n, features), dtype=dtype)
    targets = np.eye(classes, dtype=dtype)[rng.integers(classes, size=n)]
    return w1, np.zeros(hidden, dtype=dtype), w2, np.zeros(classes, dtype=dtype), rows, targets


@workload.work
def work(n, features, hidden, classes, dtype):
    parameters = features * hidden + hidden + hidden * classes + classes
    products = 2 * n * (2 * features * hidden + 3 * hidden * classes)
    numbers = 2 * parameters + n * (features + classes)
    return Work(flops=products, bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def step(w1, b1, w2, b2, rows, targets):
        hidden = np.tanh(rows @ w1 + b1)
        scores = hidden @ w2 + b2
        probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        share = 1 / len(rows)  # a float: divided by a large int, NumPy 1 makes float64 of float32
        errors = (probabilities - targets) * share
        hidden_errors = errors @ w2.T * (1 - hidden * hidden)
        w1 -= RATE * (rows.T @ hidden_errors)
        b1 -= RATE * hidden_errors.sum(axis=0)
        w2 -= RATE * (hidden.T @ errors)
        b2 -= RATE * errors.sum(axis=0)
        return w1, b1, w2, b2

    return step


@workload.variant("jax_jit_donated", requires=["jax"], donates=True)
@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax
    import jax.numpy as jnp

    def loss(parameters, rows, targets):
        w1, b1, w2, b2 = parameters
        scores = jnp.tanh(rows @ w1 + b1) @ w2 + b2
        return -jnp.mean(jnp.sum(targets * jax.nn.log_softmax(scores), axis=1))

    def step(w1, b1, w2, b2, rows, targets):
        parameters = (w1, b1, w2, b2)
        slopes = jax.grad(loss)(parameters, rows, targets)
        return tuple(old - RATE * slope for old, slope in zip(parameters, slopes))

    return step
