"""50 explicit steps of the heat equation on an n x n plate whose edges stay at zero.

Each step weighs a point with its four neighbours. NumPy writes slices with `out=` into two plates that change roles:
six passes over the plate a step, some 300 calls in all. JAX runs the steps in one `lax.fori_loop`, which is compiled
as a whole without `jit` too. We expect JAX ahead at small n, since one call stands against 300, and at large n, where
a compiled step passes over memory once or twice; in the cache between the two it may be close. `jax_jit` sets the
inner part with `.at[].set`, `jax_jit_pad` computes it and pads it with the zero edge.
"""

import numpy as np

from workloads.workload import Work, Workload

STEPS, RATE = 50, 0.125
KEPT = 1 - 4 * RATE

workload = Workload(
    version=1,
    family="stencil",
    stresses=("bandwidth", "fusion", "loop"),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "steps": STEPS, "dtype": "float32"} for n in (16, 64, 256, 1_024, 4_096)],
)


@workload.inputs
def plate_with_cold_edges(rng, n, steps, dtype):  # noqa: ARG001 - the variants know the number of steps
    plate = np.zeros((n, n), dtype=dtype)
    plate[1:-1, 1:-1] = rng.standard_normal((n - 2, n - 2), dtype=dtype)
    return (plate,)


@workload.work
def work(n, steps, dtype):
    return Work(flops=6 * steps * (n - 2) ** 2, bytes_moved=2 * n**2 * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def diffuse(plate):
        now, later = plate.copy(), plate.copy()
        kept = np.empty_like(plate[1:-1, 1:-1])
        for _ in range(STEPS):
            inner = later[1:-1, 1:-1]
            np.add(now[:-2, 1:-1], now[2:, 1:-1], out=inner)
            inner += now[1:-1, :-2]
            inner += now[1:-1, 2:]
            inner *= RATE
            np.multiply(now[1:-1, 1:-1], KEPT, out=kept)
            inner += kept
            now, later = later, now
        return now

    return diffuse


def weighed(plate):
    """The next inner part of a JAX plate."""
    neighbours = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
    return RATE * neighbours + KEPT * plate[1:-1, 1:-1]


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    from jax import lax

    def step(_, plate):
        return plate.at[1:-1, 1:-1].set(weighed(plate))

    def diffuse(plate):
        return lax.fori_loop(0, STEPS, step, plate)

    return diffuse


@workload.variant("jax_jit_pad", requires=["jax"])
def with_pad():
    import jax.numpy as jnp
    from jax import lax

    def step(_, plate):
        return jnp.pad(weighed(plate), 1)

    def diffuse(plate):
        return lax.fori_loop(0, STEPS, step, plate)

    return diffuse
