"""Linear interpolation in n tables of 32 knots each, at 32 places in each table.

`np.interp` takes one table. `numpy_loop` calls it once for each; `numpy` does all at once by hand: it compares every
place with every knot of its table, counts those at or below, and takes the knots on either side. `numpy_shifted` shifts
the tables apart, so that they make a single one, and calls `np.interp` once. `jnp.interp` takes one table too, but
`vmap` makes it take n (`jax_eager`, `jax_jit`); `jax_jit_by_hand` is NumPy's formula. We expect the hand-made batch to
beat the loop while its 1,024 comparisons a table stay in the cache, and perhaps not beyond, since the loop searches by
halving. Compiled JAX should win on reuse of the cache alone; which of its two styles is ahead depends on whether
gathering (`vmap`) or comparing everything is the cheaper, and on a GPU it may be the other.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="adoption",
    stresses=("batching", "indexing", "fusion"),
    situations=("transformability", "cpu_first"),
    cases=[{"n": n, "knots": 32, "places": 32, "dtype": "float32"} for n in (4, 32, 256, 2_048, 16_384, 131_072)],
)


@workload.inputs
def tables(rng, n, knots, places, dtype):
    # Half a unit apart at least, so that rounding of a narrow gap does not decide whether results agree.
    positions = np.arange(knots, dtype=dtype) + rng.random((n, knots), dtype=dtype) / 2
    inside = 0.5 + (knots - 1.5) * rng.random((n, places), dtype=dtype)
    return inside, positions, rng.standard_normal((n, knots), dtype=dtype)


@workload.work
def work(n, knots, places, dtype):
    return Work(flops=None, bytes_moved=n * (2 * knots + 2 * places) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def interpolate(places, knots, values):
        right = np.count_nonzero(knots[:, None, :] <= places[:, :, None], axis=2)
        right = np.clip(right, 1, knots.shape[1] - 1)
        x0, x1 = np.take_along_axis(knots, right - 1, axis=1), np.take_along_axis(knots, right, axis=1)
        y0, y1 = np.take_along_axis(values, right - 1, axis=1), np.take_along_axis(values, right, axis=1)
        return y0 + (places - x0) / (x1 - x0) * (y1 - y0)

    return interpolate


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_vmap():
    import jax
    import jax.numpy as jnp

    def interpolate_one(places, knots, values):
        return jnp.interp(places, knots, values)

    return jax.vmap(interpolate_one)


@workload.variant("jax_jit_by_hand", requires=["jax"])
def with_jax_by_hand():
    import jax.numpy as jnp

    def interpolate(places, knots, values):
        right = jnp.sum(knots[:, None, :] <= places[:, :, None], axis=2)
        right = jnp.clip(right, 1, knots.shape[1] - 1)
        x0, x1 = jnp.take_along_axis(knots, right - 1, axis=1), jnp.take_along_axis(knots, right, axis=1)
        y0, y1 = jnp.take_along_axis(values, right - 1, axis=1), jnp.take_along_axis(values, right, axis=1)
        return y0 + (places - x0) / (x1 - x0) * (y1 - y0)

    return interpolate


@workload.variant("numpy_loop")
def with_numpy_loop():
    def interpolate(places, knots, values):
        result = np.empty_like(places)  # np.interp computes in float64
        for i in range(len(result)):
            result[i] = np.interp(places[i], knots[i], values[i])
        return result

    return interpolate


@workload.variant("numpy_shifted")
def with_tables_shifted_apart():
    def interpolate(places, knots, values):
        # in float64, as np.interp computes: float32 would lose digits to the shift
        shift = (knots[:, -1].max() - knots[:, 0].min()) * np.arange(len(knots), dtype=np.float64)[:, None]
        result = np.interp((places + shift).ravel(), (knots + shift).ravel(), values.ravel())
        return result.reshape(places.shape).astype(places.dtype)

    return interpolate
