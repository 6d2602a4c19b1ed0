"""Kalman filter over n measurements: a point in the plane with constant velocity, filtered means.

A state of four numbers, measurements of two, and a covariance that is updated at each step as a general filter does
it. NumPy makes some 18 calls a step on matrices of at most 4 x 4, so its time is dispatch alone; JAX compiles the step
into one `lax.scan`, without `jit` too. Both invert the 2 x 2 matrix by hand. We expect compiled JAX far ahead on a CPU
from a few steps on, and a GPU slower than that, as each small operation of each step is a launch of its own. The
question is what XLA makes of products this small. Source: Kalman (1960).
"""

import numpy as np

from workloads.workload import Work, Workload

MOVES = np.eye(4) + np.diag([0.1, 0.1], k=2)  # position += velocity / 10
SEEN = np.eye(2, 4)
DRIFT, NOISE = 0.01 * np.eye(4), 0.25 * np.eye(2)

workload = Workload(
    version=1,
    family="sequential",
    stresses=("loop", "dispatch"),
    situations=("cpu_first", "transformability"),
    cases=[{"n": n, "dtype": "float64"} for n in (16, 64, 256, 1_024, 4_096, 16_384, 65_536)],
)


@workload.inputs
def track(rng, n, dtype):
    velocities = 0.1 * rng.standard_normal((n, 2), dtype=dtype)
    return (np.cumsum(velocities, axis=0) + rng.standard_normal((n, 2), dtype=dtype) / 2,)


@workload.work
def work(n, dtype):
    # predict 304, what is new and its covariance 118, inverse 8, gain 32, update 100
    return Work(flops=562 * n, bytes_moved=6 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def inverse(matrix):
        (a, b), (c, d) = matrix.tolist()
        return np.array([[d, -b], [-c, a]]) / (a * d - b * c)

    def filtered(measurements):
        mean, covariance = np.zeros(4), np.eye(4)
        means = np.empty((len(measurements), 4))
        for step, measured in enumerate(measurements):
            mean = MOVES @ mean
            covariance = MOVES @ covariance @ MOVES.T + DRIFT
            cross = covariance @ SEEN.T
            gain = cross @ inverse(SEEN @ cross + NOISE)
            mean = mean + gain @ (measured - SEEN @ mean)
            covariance = covariance - gain @ cross.T
            means[step] = mean
        return means

    return filtered


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_scan():
    import jax.numpy as jnp
    from jax import lax

    moves, seen, drift, noise = map(jnp.asarray, (MOVES, SEEN, DRIFT, NOISE))

    def inverse(matrix):
        (a, b), (c, d) = matrix
        return jnp.array([[d, -b], [-c, a]]) / (a * d - b * c)

    def step(belief, measured):
        mean, covariance = belief
        mean = moves @ mean
        covariance = moves @ covariance @ moves.T + drift
        cross = covariance @ seen.T
        gain = cross @ inverse(seen @ cross + noise)
        mean = mean + gain @ (measured - seen @ mean)
        return (mean, covariance - gain @ cross.T), mean

    def filtered(measurements):
        return lax.scan(step, (jnp.zeros(4), jnp.eye(4)), measurements)[1]

    return filtered
