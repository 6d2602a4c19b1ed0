"""Last hidden state of a recurrent cell, h = tanh(W h + U x + b), after n steps; 64 hidden numbers, 32 inputs.

Both libraries multiply all inputs by U at once beforehand. What remains is a product of a 64 x 64 matrix with a vector
and 64 tanh a step: NumPy makes three calls a step, `jax_jit` one `lax.scan`, which is compiled without `jit` too. We
expect compiled JAX ahead on a CPU, by less than where a step is a few numbers only, since NumPy's product is a tuned
one; a GPU waits for a launch at each step and has little to do in it. Source: Elman (1990).
"""

import numpy as np

from workloads.workload import Work, Workload

HIDDEN, FEATURES = 64, 32

workload = Workload(
    version=1,
    family="sequential",
    stresses=("loop", "blas", "transcendental"),
    situations=("cpu_first", "fixed_shape"),
    cases=[
        {"n": n, "hidden": HIDDEN, "features": FEATURES, "dtype": "float32"}
        for n in (16, 128, 1_024, 8_192, 65_536, 524_288)
    ],
)


@workload.inputs
def sequence_and_weights(rng, n, hidden, features, dtype):
    # recurrent weights small enough that a rounding dies away instead of growing with the steps
    recurrent = rng.standard_normal((hidden, hidden), dtype=dtype) * np.asarray(0.4 * hidden**-0.5, dtype=dtype)
    driving = rng.standard_normal((hidden, features), dtype=dtype) * np.asarray(features**-0.5, dtype=dtype)
    return rng.standard_normal((n, features), dtype=dtype), recurrent, driving, rng.standard_normal(hidden, dtype=dtype)


@workload.work
def work(n, hidden, features, dtype):
    numbers = n * features + hidden * (hidden + features + 1) + hidden
    flops = n * hidden * (2 * hidden + 2 * features + 2)
    return Work(flops=flops, bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def last_state(inputs, recurrent, driving, bias):
        state = np.zeros_like(bias)
        for drive in inputs @ driving.T + bias:
            state = recurrent @ state
            state += drive
            np.tanh(state, out=state)
        return state

    return last_state


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_scan():
    import jax.numpy as jnp
    from jax import lax

    def step(carry, drive):
        state, recurrent = carry  # the weights go along: a step that closes over them is compiled anew at each call
        state = jnp.tanh(recurrent @ state + drive)
        return (state, recurrent), None

    def last_state(inputs, recurrent, driving, bias):
        drives = inputs @ driving.T + bias
        (state, _), _ = lax.scan(step, (jnp.zeros_like(bias), recurrent), drives)
        return state

    return last_state
