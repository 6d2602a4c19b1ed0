"""Density of sea water (EOS-80) from salinity, temperature and pressure at n points.

The international equation of state of 1980: ten short polynomials, about eighty additions and multiplications for one
number written, and one square root. What decides is how often the intermediate arrays go to memory: after every
operation in NumPy and eager JAX, never in compiled JAX. We expect compiled JAX to win by more than in a shorter chain
as soon as the arrays leave the cache, and NumPy to win while each of the eighty calls costs more than its arithmetic.
The code is the same for both, in Horner form: salinity in practical units, degrees Celsius, bar, kg/m3.
Source: UNESCO Technical Papers in Marine Science 36 (1981).
"""

import numpy as np

from workloads.workload import Work, Workload

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)

workload = Workload(
    version=1,
    family="elementwise",
    stresses=("fusion", "arithmetic"),
    situations=("cpu_first", "transformability"),
    cases=[{"n": n, "dtype": dtype} for dtype in ("float32", "float64") for n in SIZES],
)


@workload.inputs
def water(rng, n, dtype):
    ranges = ((30.0, 40.0), (0.0, 30.0), (0.0, 1000.0))  # salinity, temperature, pressure
    return tuple(rng.uniform(low, high, n).astype(dtype) for low, high in ranges)


@workload.work
def work(n, dtype):
    return Work(flops=82 * n, bytes_moved=4 * n * np.dtype(dtype).itemsize)


@workload.function
def density(xp, s, t, p):
    root = xp.sqrt(s)

    # Density at the surface: pure water, then what the salt adds.
    surface = 999.842594 + t * (
        6.793952e-2 + t * (-9.095290e-3 + t * (1.001685e-4 + t * (-1.120083e-6 + t * 6.536332e-9)))
    )
    linear = 8.24493e-1 + t * (-4.0899e-3 + t * (7.6438e-5 + t * (-8.2467e-7 + t * 5.3875e-9)))
    surface = surface + s * (linear + root * (-5.72466e-3 + t * (1.0227e-4 - t * 1.6546e-6)) + 4.8314e-4 * s)

    # Secant bulk modulus: at the surface, then its growth with the pressure.
    modulus = 19652.21 + t * (148.4206 + t * (-2.327105 + t * (1.360477e-2 - t * 5.155288e-5)))
    linear = 54.6746 + t * (-0.603459 + t * (1.09987e-2 - t * 6.1670e-5))
    modulus = modulus + s * (linear + root * (7.944e-2 + t * (1.6483e-2 - t * 5.3009e-4)))
    growth = 3.239908 + t * (1.43713e-3 + t * (1.16092e-4 - t * 5.77905e-7))
    growth = growth + s * (2.2838e-3 + t * (-1.0981e-5 - t * 1.6078e-6) + 1.91075e-4 * root)
    curvature = 8.50935e-5 + t * (-6.12293e-6 + t * 5.2787e-8)
    curvature = curvature + s * (-9.9348e-7 + t * (2.0816e-8 + t * 9.1697e-10))
    modulus = modulus + p * (growth + p * curvature)

    return surface / (1 - p / modulus)
