"""n - 1 element updates in a loop, each reading its neighbour: `x[i] = 0.5 * (x[i - 1] + x[i])`.

The loop as it is written in each style. `numpy` runs over a list of Python floats, `numpy_array_loop` indexes a copy
of the array. `jax_eager` is what a newcomer types, a Python loop over `x.at[i].set(...)`, each of them a new array;
`jax_jit` is the same update in a `fori_loop`, and `jax_jit_scan` the recurrence as `scan`, which updates nothing. We
expect eager JAX to be hopeless beyond a few elements, the list to beat the indexed array, which makes an object of
every element it reads, and compiled loops to win on a CPU from a few hundred elements on, provided that the compiler
updates in place. On a GPU each step is a launch at least, so there we expect NumPy's list to stay ahead.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="adoption",
    stresses=("mutation", "loop", "indexing", "dispatch"),
    situations=("one_off", "debuggability", "transformability"),
    cases=[{"n": n, "dtype": "float32"} for n in (8, 128, 2_048, 32_768, 524_288, 8_388_608)],
)


@workload.inputs
def numbers(rng, n, dtype):
    return (rng.standard_normal(n, dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=2 * (n - 1), bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_list():
    def smooth(x):
        values = x.tolist()
        for i in range(1, len(values)):
            values[i] = 0.5 * (values[i - 1] + values[i])
        return np.array(values, dtype=x.dtype)

    return smooth


@workload.variant("jax_eager", requires=["jax"])
def with_python_loop():
    def smooth(x):
        for i in range(1, len(x)):
            x = x.at[i].set(0.5 * (x[i - 1] + x[i]))
        return x

    return smooth


@workload.variant("jax_jit", requires=["jax"])
def with_fori_loop():
    from jax import lax

    def update(i, x):
        return x.at[i].set(0.5 * (x[i - 1] + x[i]))

    def smooth(x):
        return lax.fori_loop(1, len(x), update, x)

    return smooth


@workload.variant("jax_jit_scan", requires=["jax"])
def with_scan():
    import jax.numpy as jnp
    from jax import lax

    def step(previous, value):
        current = 0.5 * (previous + value)
        return current, current

    def smooth(x):
        _, smoothed = lax.scan(step, x[0], x[1:])
        return jnp.concatenate([x[:1], smoothed])

    return smooth


@workload.variant("numpy_array_loop")
def with_array():
    def smooth(x):
        x = x.copy()
        for i in range(1, len(x)):
            x[i] = 0.5 * (x[i - 1] + x[i])
        return x

    return smooth
