"""20 explicit steps of the heat equation in an n x n x n cube whose faces stay at zero.

Each step weighs a point with its six neighbours. NumPy writes slices with `out=` into two cubes that change roles:
eight passes over the cube a step. JAX runs the steps in one `lax.fori_loop`, which is compiled as a whole without
`jit` too. We expect what `heat_2d` shows, sooner: a cube leaves the cache at a smaller n, and rows of a cube are so
short that NumPy starts its inner loop anew more often. `jax_jit` sets the inner part with `.at[].set`, `jax_jit_pad`
computes it and pads it with the zero faces.
"""

import numpy as np

from workloads.workload import Work, Workload

STEPS, RATE = 20, 0.125
KEPT = 1 - 6 * RATE

workload = Workload(
    version=1,
    family="stencil",
    stresses=("bandwidth", "fusion", "loop"),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "steps": STEPS, "dtype": "float32"} for n in (8, 16, 32, 64, 128, 256)],
)


@workload.inputs
def cube_with_cold_faces(rng, n, steps, dtype):  # noqa: ARG001 - the variants know the number of steps
    cube = np.zeros((n, n, n), dtype=dtype)
    cube[1:-1, 1:-1, 1:-1] = rng.standard_normal((n - 2, n - 2, n - 2), dtype=dtype)
    return (cube,)


@workload.work
def work(n, steps, dtype):
    return Work(flops=8 * steps * (n - 2) ** 3, bytes_moved=2 * n**3 * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def diffuse(cube):
        now, later = cube.copy(), cube.copy()
        kept = np.empty_like(cube[1:-1, 1:-1, 1:-1])
        for _ in range(STEPS):
            inner = later[1:-1, 1:-1, 1:-1]
            np.add(now[:-2, 1:-1, 1:-1], now[2:, 1:-1, 1:-1], out=inner)
            inner += now[1:-1, :-2, 1:-1]
            inner += now[1:-1, 2:, 1:-1]
            inner += now[1:-1, 1:-1, :-2]
            inner += now[1:-1, 1:-1, 2:]
            inner *= RATE
            np.multiply(now[1:-1, 1:-1, 1:-1], KEPT, out=kept)
            inner += kept
            now, later = later, now
        return now

    return diffuse


def weighed(cube):
    """The next inner part of a JAX cube."""
    above_and_below = cube[:-2, 1:-1, 1:-1] + cube[2:, 1:-1, 1:-1]
    before_and_behind = cube[1:-1, :-2, 1:-1] + cube[1:-1, 2:, 1:-1]
    left_and_right = cube[1:-1, 1:-1, :-2] + cube[1:-1, 1:-1, 2:]
    return RATE * (above_and_below + before_and_behind + left_and_right) + KEPT * cube[1:-1, 1:-1, 1:-1]


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    from jax import lax

    def step(_, cube):
        return cube.at[1:-1, 1:-1, 1:-1].set(weighed(cube))

    def diffuse(cube):
        return lax.fori_loop(0, STEPS, step, cube)

    return diffuse


@workload.variant("jax_jit_pad", requires=["jax"])
def with_pad():
    import jax.numpy as jnp
    from jax import lax

    def step(_, cube):
        return jnp.pad(weighed(cube), 1)

    def diffuse(cube):
        return lax.fori_loop(0, STEPS, step, cube)

    return diffuse
