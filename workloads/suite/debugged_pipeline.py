"""n numbers brought to mean 0 and spread 1, clipped, squashed by tanh; their mean and their largest.

What it costs to step through the code. `jax_eager_debug` calls the same compiled function as `jax_jit` under
`jax.disable_jit()`, so that Python runs every line, and those inside JAX's own functions too, on real values; NumPy
and eager JAX can be stepped through as they are. We expect debugging to be slower than eager JAX, which still calls
compiled pieces, by a factor at small n that shrinks as the arrays grow, and compiled JAX to beat NumPy at large n by
fusing the passes.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="adoption",
    stresses=("debugging", "dispatch", "fusion", "bandwidth"),
    situations=("debuggability", "cpu_first"),
    cases=[{"n": n, "dtype": "float32"} for n in (64, 1_024, 16_384, 262_144, 4_194_304, 67_108_864)],
)


@workload.inputs
def readings(rng, n, dtype):
    return (rng.standard_exponential(n, dtype=dtype),)  # skewed, so that the final mean is not all rounding


@workload.work
def work(n, dtype):
    return Work(flops=10 * n, bytes_moved=(n + 2) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def summarise(x):
        normalised = (x - np.mean(x)) / np.std(x)
        squashed = np.tanh(np.clip(normalised, -3, 3))
        return np.mean(squashed), np.max(squashed)

    return summarise


def summarise_with_jax():
    import jax.numpy as jnp

    def summarise(x):
        normalised = (x - jnp.mean(x)) / jnp.std(x)
        squashed = jnp.tanh(jnp.clip(normalised, -3, 3))
        return jnp.mean(squashed), jnp.max(squashed)

    return summarise


workload.variant("jax_eager", "jax_jit", requires=["jax"])(summarise_with_jax)


@workload.variant("jax_eager_debug", requires=["jax"])
def with_jit_disabled():
    import jax

    compiled = jax.jit(summarise_with_jax())

    def summarise(x):
        with jax.disable_jit():
            return compiled(x)

    return summarise
