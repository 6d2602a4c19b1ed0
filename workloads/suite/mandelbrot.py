"""Escape counts of the Mandelbrot set on an n x n grid, 50 iterations in real arithmetic.

A short chain of products, repeated while a point stays within the circle of radius 2. `numpy` and JAX iterate every
point to the end and hold the escaped ones still (`where`; in JAX inside a `fori_loop`); `numpy_compressed` goes on with
the points that have not escaped, which saves work and costs gathering. We expect compression to pay in NumPy on large
grids, and compiled JAX to win all the same, since an iteration is then one pass over memory. Eager JAX compiles its
loop as well: it should lose to `jax_jit` by no more than the dispatch around it.
"""

import numpy as np

from workloads.workload import Work, Workload

STEPS = 50

SIZES = (16, 64, 256, 1_024, 2_048)

workload = Workload(
    version=1,
    family="elementwise",
    stresses=("branches", "fusion", "arithmetic"),
    situations=("one_off", "fixed_shape"),
    cases=[{"n": n, "steps": STEPS, "dtype": dtype} for dtype in ("float32", "float64") for n in SIZES],
    tolerance={"float64": 1e-2},  # of the row means below
)


@workload.inputs
def axes(rng, n, steps, dtype):  # noqa: ARG001 - a grid, nothing drawn
    return np.linspace(-2.0, 0.5, n, dtype=dtype), np.linspace(-1.25, 1.25, n, dtype=dtype)


@workload.work
def work(n, steps, dtype):  # noqa: ARG001 - how many iterations a point needs is data
    return Work(flops=None, bytes_moved=2 * n * np.dtype(dtype).itemsize + n * n * np.dtype("int32").itemsize)


@workload.compared
def row_means(counts):
    # A fused multiply-add rounds once instead of twice: a point near the boundary may escape sooner or later by it.
    return counts.mean(axis=1), counts[:0]  # no rows: only the shape and the dtype


@workload.variant("numpy")
def with_numpy():
    def escape_counts(real, imaginary):
        imaginary = imaginary[:, np.newaxis]
        counts = np.zeros((len(imaginary), len(real)), dtype=np.int32)
        x = np.zeros(counts.shape, dtype=real.dtype)
        y = np.zeros_like(x)
        for _ in range(STEPS):
            xx, yy = x * x, y * y
            inside = xx + yy <= 4
            counts += inside
            y = np.where(inside, 2 * x * y + imaginary, y)
            x = np.where(inside, xx - yy + real, x)
        return counts

    return escape_counts


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax
    import jax.numpy as jnp

    def iterate(_, state):
        real, imaginary, x, y, counts = state
        xx, yy = x * x, y * y
        inside = xx + yy <= 4
        moved = jnp.where(inside, xx - yy + real, x), jnp.where(inside, 2 * x * y + imaginary, y)
        return real, imaginary, *moved, counts + inside

    def escape_counts(real, imaginary):
        imaginary = imaginary[:, jnp.newaxis]
        zeros = jnp.zeros((len(imaginary), len(real)), dtype=real.dtype)
        return jax.lax.fori_loop(0, STEPS, iterate, (real, imaginary, zeros, zeros, zeros.astype(jnp.int32)))[-1]

    return escape_counts


@workload.variant("numpy_compressed")
def with_what_has_not_escaped():
    def escape_counts(real, imaginary):
        shape = len(imaginary), len(real)
        real, imaginary = np.tile(real, shape[0]), np.repeat(imaginary, shape[1])
        counts = np.zeros(len(real), dtype=np.int32)
        places = np.arange(len(counts))
        x, y = np.zeros_like(real), np.zeros_like(real)
        for _ in range(STEPS):
            inside = x * x + y * y <= 4
            places, real, imaginary, x, y = (array[inside] for array in (places, real, imaginary, x, y))
            counts[places] += 1
            x, y = x * x - y * y + real, 2 * x * y + imaginary
        return counts.reshape(shape)

    return escape_counts
