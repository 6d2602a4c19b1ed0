"""Price of a European call option from n simulated paths of 16 steps, and the price's standard error.

Almost all the time goes into 16 n normal numbers. `numpy_loop` and `jax_jit_scan` draw one step of all paths at a time,
and never hold 16 n numbers. We expect NumPy ahead on few cores, since its generator is the cheaper one, and JAX ahead
on many or on an accelerator. Numbers differ, so compared is whether the price and its standard error are each within 6
standard errors of the exact ones (the price is that of Black and Scholes 1973). No work is given: two numbers come out
whatever n, and draws are not operations to count.
"""

import math

import numpy as np

from workloads.workload import Workload

SPOT, STRIKE, RATE, VOLATILITY = 100.0, 105.0, 0.03, 0.2  # one year to go

workload = Workload(
    version=1,
    family="random",
    stresses=("random_numbers", "transcendental", "fusion"),
    situations=("cpu_first", "transformability"),
    cases=[{"n": n, "steps": 16, "dtype": "float32"} for n in (256, 2_048, 16_384, 131_072, 1_048_576, 8_388_608)],
)


@workload.inputs
def key_and_paths(rng, n, steps, dtype):
    # An array of no numbers: its shape says how many paths and steps are wanted.
    return rng.integers(0, 2**32, 2, dtype=np.uint32), np.empty((n, steps, 0), dtype)


@workload.compared
def facts(price, standard_error, paths):
    exact, deviation = exact_moments()
    error = deviation / len(paths) ** 0.5
    # a payoff's kurtosis is 9.4, which makes 1.45 / sqrt(n) the standard error of a deviation, as a share of it
    within = [abs(price - exact) < 6 * error, abs(standard_error / error - 1) < 6 * 1.45 / len(paths) ** 0.5]
    truth = np.array([exact, deviation])
    return np.array(within), truth, 0 * price, 0 * standard_error, paths  # the last three for shape and dtype


def exact_moments():
    """Mean and standard deviation of the discounted payoff."""

    def above_strike(power):
        """Mean of this power of the last price, counted as 0 where that is below the strike."""
        edge = (math.log(SPOT / STRIKE) + RATE - VOLATILITY**2 / 2) / VOLATILITY + power * VOLATILITY
        mean = SPOT**power * math.exp(power * RATE + power * (power - 1) * VOLATILITY**2 / 2)
        return mean * (1 + math.erf(edge / math.sqrt(2))) / 2

    payoff = math.exp(-RATE) * (above_strike(1) - STRIKE * above_strike(0))
    square = math.exp(-2 * RATE) * (above_strike(2) - 2 * STRIKE * above_strike(1) + STRIKE**2 * above_strike(0))
    return payoff, math.sqrt(square - payoff**2)


def price_and_error(xp, sums, paths):
    """From the sum of each path's normal numbers; `xp` is `numpy` or `jax.numpy`.

    `paths`, which holds no numbers, is handed on: its shape tells the comparison how many there were.
    """
    last = SPOT * xp.exp((RATE - VOLATILITY**2 / 2) + VOLATILITY / math.sqrt(paths.shape[1]) * sums)
    payoffs = math.exp(-RATE) * xp.maximum(last - STRIKE, 0)
    return payoffs.mean(), payoffs.std() / np.float32(math.sqrt(len(sums))), paths


@workload.variant("numpy")
def with_numpy():
    rng = np.random.default_rng(1)

    def price(_key, paths):
        return price_and_error(np, rng.standard_normal(paths.shape[:2], dtype=paths.dtype).sum(axis=1), paths)

    return price


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax
    import jax.numpy as jnp

    def price(key, paths):
        return price_and_error(jnp, jax.random.normal(key, paths.shape[:2], paths.dtype).sum(axis=1), paths)

    return price


@workload.variant("numpy_loop")
def with_loop():
    rng = np.random.default_rng(1)

    def price(_key, paths):
        sums, draws = np.zeros((2, len(paths)), dtype=paths.dtype)
        for _ in range(paths.shape[1]):
            rng.standard_normal(out=draws, dtype=draws.dtype)
            sums += draws
        return price_and_error(np, sums, paths)

    return price


@workload.variant("jax_jit_scan", requires=["jax"])
def with_scan():
    import jax
    import jax.numpy as jnp

    def step(sums, key):
        return sums + jax.random.normal(key, sums.shape, sums.dtype), None

    def price(key, paths):
        start = jnp.zeros(len(paths), paths.dtype)
        sums, _ = jax.lax.scan(step, start, jax.random.split(key, paths.shape[1]))
        return price_and_error(jnp, sums, paths)

    return price
