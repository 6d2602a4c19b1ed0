"""Black-Scholes prices of a European call and a put for each of n options.

Some fifty operations on three numbers read and two written: logarithm, exponentials, square root and a polynomial.
NumPy writes each of them to memory as an array of its own, compiled JAX computes an option's prices in one pass. We
expect NumPy ahead at small n, where a call is mostly dispatch, eager JAX behind it there for the same reason, and
compiled JAX clearly ahead once the arrays leave the cache. The code is the same for both; the cumulative normal is a
polynomial, since NumPy has no error function. Sources: Black and Scholes (1973); Abramowitz and Stegun 26.2.17.
"""

import numpy as np

from workloads.workload import Work, Workload

RATE = 0.02
VOLATILITY = 0.3

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)

workload = Workload(
    version=1,
    family="elementwise",
    stresses=("fusion", "transcendental"),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "dtype": dtype} for dtype in ("float32", "float64") for n in SIZES],
)


@workload.inputs
def options(rng, n, dtype):
    ranges = ((50.0, 150.0), (80.0, 120.0), (0.1, 2.0))  # spot price, strike price, years to maturity
    return tuple(rng.uniform(low, high, n).astype(dtype) for low, high in ranges)


@workload.work
def work(n, dtype):
    return Work(flops=56 * n, bytes_moved=5 * n * np.dtype(dtype).itemsize)


def cumulative_normal(xp, x):
    """To 7.5e-8: the density times a polynomial gives the tail beyond |x|, a mirror image the other side."""
    t = 1 / (1 + 0.2316419 * xp.abs(x))
    polynomial = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = 0.3989422804 * xp.exp(-0.5 * x * x) * polynomial
    return xp.where(x < 0, tail, 1 - tail)


@workload.function
def prices(xp, spot, strike, maturity):
    deviation = VOLATILITY * xp.sqrt(maturity)
    d1 = (xp.log(spot / strike) + (RATE + 0.5 * VOLATILITY**2) * maturity) / deviation
    discounted = strike * xp.exp(-RATE * maturity)
    call = spot * cumulative_normal(xp, d1) - discounted * cumulative_normal(xp, d1 - deviation)
    return call, call - spot + discounted
