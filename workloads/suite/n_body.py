"""Gravitational acceleration of each of n bodies by all others, softened.

Everything attracts everything: 18 operations for each of n x n pairs. `numpy` and `jax_jit` broadcast to arrays of
all pairs; `numpy_loop` and `jax_jit_map` take one body after the other and keep n pairs only. We expect compiled JAX
ahead where XLA fuses the pairs away and need not write them. A Python loop costs little once a row of pairs outlasts
its calls, so we expect `numpy_loop` to pass `numpy`, and `jax_jit_map` to stay in the cache, when all pairs leave it.
"""

import numpy as np

from workloads.workload import Work, Workload

SOFTENING = 0.01

workload = Workload(
    version=1,
    family="pairwise",
    stresses=("fusion", "arithmetic", "bandwidth"),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "dtype": dtype} for dtype in ("float32", "float64") for n in (8, 32, 128, 512, 2_048, 8_192)],
)


@workload.inputs
def positions_and_masses(rng, n, dtype):
    return rng.standard_normal((n, 3), dtype=dtype), rng.random(n, dtype=dtype)


@workload.work
def work(n, dtype):
    return Work(flops=18 * n**2, bytes_moved=7 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def accelerations(positions, masses):
        apart = positions - positions[:, None]
        squares = np.einsum("ijk,ijk->ij", apart, apart)
        squares += SOFTENING
        pulls = masses / (squares * np.sqrt(squares))
        return np.einsum("ij,ijk->ik", pulls, apart)

    return accelerations


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def accelerations(positions, masses):
        apart = positions - positions[:, None]
        squares = jnp.sum(apart**2, axis=-1) + SOFTENING
        pulls = masses / (squares * jnp.sqrt(squares))
        return jnp.sum(pulls[..., None] * apart, axis=1)

    return accelerations


@workload.variant("numpy_loop")
def with_loop():
    def accelerations(positions, masses):
        result = np.empty_like(positions)
        for body, position in enumerate(positions):
            apart = positions - position
            squares = np.einsum("jk,jk->j", apart, apart)
            squares += SOFTENING
            result[body] = masses / (squares * np.sqrt(squares)) @ apart
        return result

    return accelerations


@workload.variant("jax_jit_map", requires=["jax"])
def with_map():
    import jax.numpy as jnp
    from jax import lax

    def accelerations(positions, masses):
        def acceleration(position):
            apart = positions - position
            squares = jnp.sum(apart**2, axis=-1) + SOFTENING
            return jnp.sum((masses / (squares * jnp.sqrt(squares)))[:, None] * apart, axis=0)

        return lax.map(acceleration, positions)

    return accelerations
