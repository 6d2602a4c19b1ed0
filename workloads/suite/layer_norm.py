"""Layer normalisation of n rows of 256 features, with a scale and a shift for each feature.

Mean and variance of each row, then five operations on each number. NumPy and eager JAX write an intermediate array for
almost every one of them; compiled JAX should need two or three passes over a row that stays in the cache. We expect
NumPy ahead for a handful of rows, and compiled JAX ahead from where the table leaves the cache. `numpy_in_place` works
in one array, as a careful user would. Source: Ba, Kiros and Hinton (2016).
"""

import numpy as np

from workloads.workload import Work, Workload

EPSILON = 1e-5

workload = Workload(
    version=1,
    family="reduction",
    stresses=("fusion", "bandwidth"),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "features": 256, "dtype": "float32"} for n in (4, 32, 256, 2_048, 16_384, 131_072, 524_288)],
)


@workload.inputs
def table(rng, n, features, dtype):
    rows = rng.standard_normal((n, features), dtype=dtype)
    return rows, rng.standard_normal(features, dtype=dtype), rng.standard_normal(features, dtype=dtype)


@workload.work
def work(n, features, dtype):
    numbers = 2 * n * features + 2 * features
    return Work(flops=8 * n * features, bytes_moved=numbers * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def normalised(rows, scale, shift):
        mean = rows.mean(axis=-1, keepdims=True)
        variance = rows.var(axis=-1, keepdims=True)
        return (rows - mean) / np.sqrt(variance + EPSILON) * scale + shift

    return normalised


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def normalised(rows, scale, shift):
        mean = rows.mean(axis=-1, keepdims=True)
        variance = rows.var(axis=-1, keepdims=True)
        return (rows - mean) / jnp.sqrt(variance + EPSILON) * scale + shift

    return normalised


@workload.variant("numpy_in_place")
def with_one_array():
    def normalised(rows, scale, shift):
        result = rows - rows.mean(axis=-1, keepdims=True)
        variance = np.einsum("rf,rf->r", result, result)[:, np.newaxis] / result.shape[-1]
        result /= np.sqrt(variance + EPSILON)
        result *= scale
        result += shift
        return result

    return normalised
