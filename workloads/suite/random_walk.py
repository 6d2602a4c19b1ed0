"""Where n random walks of 64 normal steps end, and the highest point that each of them reached.

The generator decides, then the running sums. `numpy` and `jax_jit` write out whole walks, 64 n numbers; `numpy_loop`
and `jax_jit_scan` go one step with all walks at a time. We expect the steps ahead of the whole walks in both libraries
at large n, NumPy ahead of JAX on few cores, and JAX ahead on an accelerator. Numbers differ, so moments are compared
with the exact ones; the mean highest point is the sum of `1 / sqrt(2 pi k)` over the steps k (Spitzer 1956).
"""

import numpy as np

from workloads.workload import Work, Workload

STEPS = 64

workload = Workload(
    version=1,
    family="random",
    stresses=("random_numbers", "loop", "bandwidth"),
    situations=("cpu_first",),
    cases=[{"n": n, "steps": STEPS, "dtype": "float32"} for n in (256, 1_024, 8_192, 65_536, 262_144, 1_048_576)],
)


@workload.inputs
def key_and_walks(rng, n, steps, dtype):
    # An array of no numbers: its shape says how many walks and steps are wanted.
    return rng.integers(0, 2**32, 2, dtype=np.uint32), np.empty((n, steps, 0), dtype)


@workload.work
def work(n, steps, dtype):  # noqa: ARG001 - steps are taken, not moved
    return Work(flops=None, bytes_moved=8 + 2 * n * np.dtype(dtype).itemsize)


@workload.compared
def facts(ends, highest):
    n = ends.size
    mean_highest = (1 / np.sqrt(2 * np.pi * np.arange(1, STEPS + 1))).sum()
    within = [
        abs(ends.mean(dtype=np.float64)) < 6 * (STEPS / n) ** 0.5,
        abs(ends.var(dtype=np.float64) - STEPS) < 6 * STEPS * (2 / n) ** 0.5,
        abs(highest.mean(dtype=np.float64) - mean_highest) < 6 * highest.std(dtype=np.float64) / n**0.5,
        bool((highest >= np.maximum(ends, 0)).all()),
    ]
    truth = np.array([0, STEPS, mean_highest])
    return (
        np.array(within),
        truth,
        np.array([*ends.shape, *highest.shape]),
        ends[:0],
        highest[:0],
    )  # the last for dtypes


@workload.variant("numpy")
def with_numpy():
    rng = np.random.default_rng(1)

    def ends_and_highest(_key, walks):
        points = rng.standard_normal(walks.shape[:2], dtype=walks.dtype)
        np.cumsum(points, axis=1, out=points)
        return points[:, -1].copy(), points.max(axis=1, initial=0)

    return ends_and_highest


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax

    def ends_and_highest(key, walks):
        points = jax.random.normal(key, walks.shape[:2], walks.dtype).cumsum(axis=1)
        return points[:, -1], points.max(axis=1, initial=0)

    return ends_and_highest


@workload.variant("numpy_loop")
def with_loop():
    rng = np.random.default_rng(1)

    def ends_and_highest(_key, walks):
        points, highest, draws = (np.zeros(len(walks), walks.dtype) for _ in range(3))
        for _ in range(walks.shape[1]):
            rng.standard_normal(out=draws, dtype=draws.dtype)
            points += draws
            np.maximum(highest, points, out=highest)
        return points, highest

    return ends_and_highest


@workload.variant("jax_jit_scan", requires=["jax"])
def with_scan():
    import jax
    import jax.numpy as jnp

    def step(state, key):
        points, highest = state
        points = points + jax.random.normal(key, points.shape, points.dtype)
        return (points, jnp.maximum(highest, points)), None

    def ends_and_highest(key, walks):
        start = jnp.zeros(len(walks), walks.dtype)
        return jax.lax.scan(step, (start, start), jax.random.split(key, walks.shape[1]))[0]

    return ends_and_highest
