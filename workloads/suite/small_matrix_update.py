"""One step of a control loop: `u = -K x`, then `x = A x + B u`, with 4 states and 2 controls.

What a control loop or a game pays at each tick: three products of matrices so small that only their number counts. The
state goes from call to call, and the loop is made such that it turns the state around and never lets it grow or fade.
We expect NumPy ahead of eager JAX by far, and ahead of compiled JAX by less; an accelerator can only lose.
`jax_jit_donated` may write the new state over the old one, of which we expect nothing at this size. There is one size.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    size=None,
    family="dispatch",
    stresses=("dispatch",),
    situations=("one_off", "fixed_shape"),
    cases=[{"states": 4, "controls": 2, "dtype": "float64"}],
    carry=1,
)


@workload.inputs
def state_and_matrices(rng, states, controls, dtype):
    rotation, _ = np.linalg.qr(rng.standard_normal((states, states), dtype=dtype))
    into_state = rng.standard_normal((states, controls), dtype=dtype)
    gain = rng.standard_normal((controls, states), dtype=dtype)
    return rng.standard_normal(states, dtype=dtype), rotation + into_state @ gain, into_state, gain


@workload.work
def work(states, controls, dtype):
    flops = 2 * states**2 + 4 * states * controls + states + controls
    numbers = 2 * states + states**2 + 2 * states * controls
    return Work(flops=flops, bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def next_state(state, dynamics, into_state, gain):
        control = -(gain @ state)
        return dynamics @ state + into_state @ control

    return next_state


@workload.variant("jax_jit_donated", requires=["jax"], donates=True)
@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    def next_state(state, dynamics, into_state, gain):
        control = -(gain @ state)
        return dynamics @ state + into_state @ control

    return next_state
