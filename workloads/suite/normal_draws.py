"""Draw n standard normal numbers.

NumPy's generator is an object that goes on from call to call; JAX's is a function of a key and by design returns the
same numbers for the same key. Its numbers are a function of their places as well (Threefry), which costs more for each
than NumPy's default (PCG64, and the ziggurat's table), but can be computed in parallel. We expect NumPy ahead on one
core, JAX on many and on an accelerator. `numpy_philox` computes from a counter as JAX does; `jax_jit_rbg` is JAX's
generator that leaves the algorithm to XLA. Numbers differ, so mean, spread and share within 1 are compared with the
normal distribution's.
"""

import numpy as np

from workloads.workload import Work, Workload

SHARE_WITHIN_1 = 0.6826894921370859  # of a standard normal distribution

workload = Workload(
    version=1,
    family="random",
    stresses=("random_numbers", "transcendental"),
    situations=("cpu_first", "transformability"),
    cases=[{"n": n, "dtype": "float32"} for n in (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)],
)


@workload.inputs
def key_and_places(rng, n, dtype):
    # n rows of no columns: the shape says how many numbers are wanted, and holds none.
    return rng.integers(0, 2**32, 2, dtype=np.uint32), np.empty((n, 0), dtype)


@workload.work
def work(n, dtype):
    return Work(flops=None, bytes_moved=8 + n * np.dtype(dtype).itemsize)


@workload.compared
def facts(x):
    n = x.size
    mean, spread, share = x.mean(dtype=np.float64), x.std(dtype=np.float64), np.mean(np.abs(x) < 1)
    share_error = (SHARE_WITHIN_1 * (1 - SHARE_WITHIN_1) / n) ** 0.5
    within = [
        abs(mean) < 6 / n**0.5,
        abs(spread - 1) < 6 / (2 * n) ** 0.5,
        abs(share - SHARE_WITHIN_1) < 6 * share_error,
    ]
    truth = np.array([0, 1, SHARE_WITHIN_1])
    return np.array(within), truth, np.array(x.shape), x[:0]  # the last for its dtype


@workload.variant("numpy")
def with_numpy():
    rng = np.random.default_rng(1)

    def draws(_key, places):
        return rng.standard_normal(len(places), dtype=places.dtype)

    return draws


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax

    def draws(key, places):
        return jax.random.normal(key, (len(places),), places.dtype)

    return draws


@workload.variant("numpy_philox")
def with_philox():
    rng = np.random.Generator(np.random.Philox(1))

    def draws(_key, places):
        return rng.standard_normal(len(places), dtype=places.dtype)

    return draws


@workload.variant("jax_jit_rbg", requires=["jax"])
def with_rbg():
    import jax
    import jax.numpy as jnp

    def draws(key, places):
        longer = jax.random.wrap_key_data(jnp.tile(key, 2), impl="rbg")
        return jax.random.normal(longer, (len(places),), places.dtype)

    return draws
