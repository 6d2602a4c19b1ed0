"""Number of Collatz steps from each of n start values down to 1; starts below 10,000.

How long the loop runs depends on the data, and each element needs another number of steps. `numpy` moves the whole
array until all have arrived, `numpy_compressed` goes on with the unfinished alone, which no fixed shape allows. JAX
needs a `while_loop`: over the whole array (`jax_eager`, `jax_jit`), or `vmap` of a loop for one number
(`jax_jit_vmap`), which becomes the same loop with masks. We expect compressing to pay well above small n, since most
arrive long before the last, and JAX's loop to win nevertheless by doing a step in one pass over the array. No start
below 10,000 climbs past 27,114,424, so that int32 is enough.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="adoption",
    stresses=("loop", "branches", "dynamic_shape", "fusion"),
    situations=("cpu_first", "transformability"),
    cases=[{"n": n, "dtype": "int32"} for n in (16, 128, 1_024, 8_192, 65_536, 524_288)],
)


@workload.inputs
def starts(rng, n, dtype):
    return (rng.integers(1, 10_000, n, dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=None, bytes_moved=2 * n * np.dtype(dtype).itemsize)


def following(xp, values):
    return xp.where(values & 1 == 1, 3 * values + 1, values >> 1)


@workload.variant("numpy")
def with_masks():
    def count_steps(starts):
        values, counts = starts, np.zeros_like(starts)
        while (running := values != 1).any():
            counts += running
            values = np.where(running, following(np, values), values)
        return counts

    return count_steps


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_while_loop():
    import jax.numpy as jnp
    from jax import lax

    def any_running(state):
        return jnp.any(state[0] != 1)

    def step(state):
        values, counts = state
        running = values != 1
        return jnp.where(running, following(jnp, values), values), counts + running

    def count_steps(starts):
        return lax.while_loop(any_running, step, (starts, jnp.zeros_like(starts)))[1]

    return count_steps


@workload.variant("jax_jit_vmap", requires=["jax"])
def with_vmap():
    import jax
    import jax.numpy as jnp
    from jax import lax

    def running(state):
        return state[0] != 1

    def step(state):
        value, count = state
        return following(jnp, value), count + 1

    def count_steps_of_one(start):
        return lax.while_loop(running, step, (start, jnp.zeros_like(start)))[1]

    return jax.vmap(count_steps_of_one)


@workload.variant("numpy_compressed")
def with_compression():
    def count_steps(starts):
        counts = np.zeros_like(starts)
        places, values, steps = np.arange(len(starts)), starts, 0
        while len(places):
            running = values != 1
            counts[places[~running]] = steps
            places, values, steps = places[running], following(np, values[running]), steps + 1
        return counts

    return count_steps
