"""Solutions of n independent systems of three linear equations.

Many tiny systems at once. Both libraries call LAPACK for each system by itself, NumPy in a loop of its own, JAX on a
CPU in a loop within its custom call, with the factorisation and the triangular solves as separate steps; a GPU solves
them as one batch. We expect the cost of a LAPACK call to hide the arithmetic on a CPU, and NumPy ahead at all sizes
there, since it makes one call for each system where JAX makes several.
"""

import numpy as np

from workloads.workload import Work, Workload

SIZES = (8, 64, 512, 4_096, 32_768, 262_144, 2_097_152)

workload = Workload(
    version=1,
    family="linear_algebra",
    stresses=("lapack", "batching"),
    situations=("cpu_first", "transformability"),
    cases=[{"n": n, "unknowns": 3, "dtype": dtype} for dtype in ("float64", "float32") for n in SIZES],
)


@workload.inputs
def systems(rng, n, unknowns, dtype):
    # Each number on the diagonal exceeds the sum of the others in its row, so that no system is near a singular one.
    matrices = rng.uniform(-1.0, 1.0, (n, unknowns, unknowns)) + unknowns * np.eye(unknowns)
    return matrices.astype(dtype), rng.standard_normal((n, unknowns), dtype=dtype)


@workload.work
def work(n, unknowns, dtype):
    flops = n * (2 * unknowns**3 / 3 + 2 * unknowns**2)
    return Work(flops=flops, bytes_moved=n * (unknowns**2 + 2 * unknowns) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def solutions(matrices, right_sides):
        # As a column: NumPy 2 takes a plain (n, 3) for one matrix of right sides.
        return np.linalg.solve(matrices, right_sides[..., np.newaxis])[..., 0]

    return solutions


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def solutions(matrices, right_sides):
        return jnp.linalg.solve(matrices, right_sides[..., jnp.newaxis])[..., 0]

    return solutions
