"""A damped oscillator under n given forces, one step of time for each, by a scan.

What it costs to step through a loop. NumPy is a Python loop over floats and can be stepped through as it is. In JAX
`scan` compiles the step, also in eager mode; `jax_eager_debug` calls the same function as `jax_jit` under
`jax.disable_jit()`, where `scan` turns into a Python loop over arrays and every step can be looked into. We expect
compiled JAX to win on a CPU from some hundred steps on, and debugging to be slower than NumPy's loop by orders of
magnitude, at every n: a loop that is debugged must be made short first. On a GPU each compiled step is a launch.
"""

import numpy as np

from workloads.workload import Work, Workload

STIFFNESS, DAMPING, TIME_STEP = 1.0, 0.2, 0.05

workload = Workload(
    version=1,
    family="adoption",
    stresses=("debugging", "loop", "dispatch"),
    situations=("debuggability", "transformability"),
    cases=[{"n": n, "dtype": "float32"} for n in (8, 64, 512, 4_096, 32_768, 262_144, 2_097_152)],
)


@workload.inputs
def start_and_forces(rng, n, dtype):
    return np.array([1, 0], dtype=dtype), rng.standard_normal(n, dtype=dtype)


@workload.work
def work(n, dtype):
    return Work(flops=8 * n, bytes_moved=(2 + 2 * n) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def positions(start, forces):
        position, velocity = start.tolist()
        visited = []
        for force in forces.tolist():
            velocity += TIME_STEP * (force - STIFFNESS * position - DAMPING * velocity)
            position += TIME_STEP * velocity
            visited.append(position)
        return np.array(visited, dtype=forces.dtype)

    return positions


def positions_with_scan():
    from jax import lax

    def step(state, force):
        position, velocity = state
        velocity += TIME_STEP * (force - STIFFNESS * position - DAMPING * velocity)
        position += TIME_STEP * velocity
        return (position, velocity), position

    def positions(start, forces):
        return lax.scan(step, (start[0], start[1]), forces)[1]

    return positions


workload.variant("jax_eager", "jax_jit", requires=["jax"])(positions_with_scan)


@workload.variant("jax_eager_debug", requires=["jax"])
def with_jit_disabled():
    import jax

    compiled = jax.jit(positions_with_scan())

    def positions(start, forces):
        with jax.disable_jit():
            return compiled(start, forces)

    return positions
