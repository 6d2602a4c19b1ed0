"""Running maximum over n look-ups in a table of 1,024 numbers, one look-up a step, in a `while_loop`.

The table and the number of steps are inputs, so the compiled loop cannot know how long it runs. A NumPy user avoids
the loop and takes all n numbers at once (`numpy`); compiled JAX cannot, since a shape must not depend on data.
`numpy_masked` does so with a bit mask in the place of the remainder, since the table's length is a power of two, and
`numpy_loop` is the same loop in Python, over a list. Vectorised NumPy writes n places and n numbers that the compiled
loop keeps in a register: we expect the two near each other on a CPU and far ahead of Python's loop; on a GPU each step
is a launch or more. The work of a step is so little that the runtime's own cost of a step shows: jax issue 25190
reports such a loop slower in 0.4.33 than in 0.4.31. No work is declared: one table comes in whatever n.
"""

import numpy as np

from workloads.workload import Workload

ENTRIES, STRIDE = 1_024, 389  # a stride without a factor of two visits all entries; 389 n stays below 2**31

workload = Workload(
    version=1,
    family="sequential",
    stresses=("loop", "indexing"),
    situations=("cpu_first", "transformability"),
    cases=[{"n": n, "entries": ENTRIES, "dtype": "float32"} for n in (32, 256, 2_048, 16_384, 131_072, 1_048_576)],
)


@workload.inputs
def table_and_number_of_steps(rng, n, entries, dtype):
    return rng.standard_normal(entries, dtype=dtype), np.array(n, dtype=np.int32)


@workload.variant("numpy")
def with_numpy():
    def largest(table, steps):
        places = np.arange(steps, dtype=np.int32) * STRIDE % ENTRIES
        return np.max(np.take(table, places))

    return largest


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_while_loop():
    import jax.numpy as jnp
    from jax import lax

    def goes_on(state):
        step, _, _, steps = state
        return step < steps

    def look_up(state):
        step, best, table, steps = state
        return step + 1, jnp.maximum(best, table[step * STRIDE % ENTRIES]), table, steps

    def largest(table, steps):
        first = jnp.zeros((), jnp.int32), jnp.full((), -jnp.inf, table.dtype), table, steps
        return lax.while_loop(goes_on, look_up, first)[1]

    return largest


@workload.variant("numpy_masked")
def with_mask():
    def largest(table, steps):
        places = np.arange(steps, dtype=np.intp)  # as wide as NumPy reads them, others are converted
        places *= STRIDE
        places &= ENTRIES - 1
        return np.max(np.take(table, places))

    return largest


@workload.variant("numpy_loop")
def with_loop():
    def largest(table, steps):
        entries = table.tolist()
        best = -np.inf
        for step in range(int(steps)):
            entry = entries[step * STRIDE % ENTRIES]
            if entry > best:
                best = entry
        return np.array(best, dtype=table.dtype)

    return largest
