"""n successive steps `x = maximum(0.5 * x + shift, 0)` on an array of 8 numbers, one shift for each step.

Three operations a step, each too small to take time by itself: what counts is who calls it. NumPy and eager JAX pay for
every operation; under `jit` Python's loop is written out, so that a call gets cheap and the first one, which compiles
3 n operations, gets expensive. `jax_jit_fori` compiles one step and repeats it, `numpy_in_place` reuses one array. We
expect eager JAX last, NumPy ahead of compiled JAX at a few steps only, and `jax_jit_fori` ahead in first calls.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="dispatch",
    stresses=("dispatch", "loop", "compile"),
    situations=("one_off", "debuggability", "fixed_shape"),
    cases=[{"n": n, "numbers": 8, "dtype": "float32"} for n in (1, 4, 16, 64, 256, 1_024)],
)


@workload.inputs
def numbers_and_shifts(rng, n, numbers, dtype):
    return rng.standard_normal(numbers, dtype=dtype), rng.standard_normal(n, dtype=dtype)


@workload.work
def work(n, numbers, dtype):
    return Work(flops=3 * n * numbers, bytes_moved=(2 * numbers + n) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def after_all_steps(x, shifts):
        for shift in shifts:
            x = np.maximum(0.5 * x + shift, 0)
        return x

    return after_all_steps


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def after_all_steps(x, shifts):
        for shift in shifts:
            x = jnp.maximum(0.5 * x + shift, 0)
        return x

    return after_all_steps


@workload.variant("numpy_in_place")
def in_place():
    def after_all_steps(x, shifts):
        x = x.copy()
        for shift in shifts:
            x *= 0.5
            x += shift
            np.maximum(x, 0, out=x)
        return x

    return after_all_steps


@workload.variant("jax_jit_fori", requires=["jax"])
def with_fori():
    import jax
    import jax.numpy as jnp

    def after_all_steps(x, shifts):
        def step(i, x):
            return jnp.maximum(0.5 * x + shifts[i], 0)

        return jax.lax.fori_loop(0, len(shifts), step, x)

    return after_all_steps
