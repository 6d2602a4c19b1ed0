"""Kepler's equation, E - e sin E = M, solved for n pairs of e and M by Newton's method until all have converged.

How often a value is improved depends on the value: most need a few steps, those of a long orbit near its closest point
many. `numpy` and `jax_jit` improve all values until the last has converged; `numpy_compressed` picks out those that
have not; `jax_jit_vmap` writes the loop for one value and lets `vmap` make it a loop over all, which holds converged
values fixed. Sine and cosine are most of the work. We expect compiled JAX ahead by fusing a step into one pass, and
`numpy_compressed` to gain on it at large n, since it skips work that JAX's fixed shapes must do.
"""

import numpy as np

from workloads.workload import Work, Workload

CONVERGED = 1e-10  # Newton's error is squared at each step: after such a step it is at the rounding

workload = Workload(
    version=1,
    family="sequential",
    stresses=("transcendental", "loop", "branches"),
    situations=("cpu_first", "transformability"),
    cases=[{"n": n, "dtype": "float64"} for n in (16, 128, 1_024, 8_192, 65_536, 524_288, 4_194_304)],
)


@workload.inputs
def orbits(rng, n, dtype):
    return 0.99 * rng.random(n, dtype=dtype), 2 * np.pi * rng.random(n, dtype=dtype)


@workload.work
def work(n, dtype):
    return Work(flops=None, bytes_moved=3 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def anomalies(eccentricity, mean):
        angle = np.full_like(mean, np.pi)  # from pi Newton's method converges for every orbit
        while True:
            change = (angle - eccentricity * np.sin(angle) - mean) / (1 - eccentricity * np.cos(angle))
            angle -= change
            if np.max(np.abs(change)) <= CONVERGED:
                return angle

    return anomalies


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_while_loop():
    import jax.numpy as jnp
    from jax import lax

    def goes_on(state):
        return state[1] > CONVERGED

    def improve(state):
        angle, _, eccentricity, mean = state
        change = (angle - eccentricity * jnp.sin(angle) - mean) / (1 - eccentricity * jnp.cos(angle))
        return angle - change, jnp.max(jnp.abs(change)), eccentricity, mean

    def anomalies(eccentricity, mean):
        first = jnp.full_like(mean, jnp.pi), jnp.full((), jnp.inf, mean.dtype), eccentricity, mean
        return lax.while_loop(goes_on, improve, first)[0]

    return anomalies


@workload.variant("numpy_compressed")
def with_compression():
    def anomalies(eccentricity, mean):
        result = np.full_like(mean, np.pi)
        open_ones = np.arange(len(mean))
        while len(open_ones):
            angle, e = result[open_ones], eccentricity[open_ones]
            change = (angle - e * np.sin(angle) - mean[open_ones]) / (1 - e * np.cos(angle))
            result[open_ones] = angle - change
            open_ones = open_ones[np.abs(change) > CONVERGED]
        return result

    return anomalies


@workload.variant("jax_jit_vmap", requires=["jax"])
def with_vmap():
    import jax
    import jax.numpy as jnp
    from jax import lax

    def anomaly(eccentricity, mean):
        def improve(state):
            angle, _ = state
            change = (angle - eccentricity * jnp.sin(angle) - mean) / (1 - eccentricity * jnp.cos(angle))
            return angle - change, jnp.abs(change)

        first = jnp.full_like(mean, jnp.pi), jnp.full_like(mean, jnp.inf)
        return lax.while_loop(lambda state: state[1] > CONVERGED, improve, first)[0]

    return jax.vmap(anomaly)
