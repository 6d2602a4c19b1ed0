"""Distances between all pairs of n points in space, as an n x n matrix.

`numpy` and `jax_jit` broadcast to n x n x 3 differences; `numpy_by_coordinate` adds up one n x n square after the
other; `numpy_gram` and `jax_jit_gram` take the squares from a matrix product, which is little arithmetic but cancels
for near points (a point's distance to itself is set to zero). We expect compiled JAX ahead once the differences leave
the cache, since it need not write them, and the Gram matrix to help NumPy more than JAX.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="pairwise",
    stresses=("fusion", "bandwidth"),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "dtype": "float32"} for n in (8, 32, 128, 512, 2_048, 8_192)],
    tolerance={"float32": 1e-3},  # the Gram matrix cancels: near points lose half of the digits
)


@workload.inputs
def points_in_space(rng, n, dtype):
    return (rng.standard_normal((n, 3), dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=9 * n**2, bytes_moved=(3 * n + n**2) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def distances(points):
        differences = points[:, None] - points
        squares = np.einsum("ijk,ijk->ij", differences, differences)
        return np.sqrt(squares, out=squares)

    return distances


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def distances(points):
        differences = points[:, None] - points
        return jnp.sqrt(jnp.sum(differences**2, axis=-1))

    return distances


@workload.variant("numpy_by_coordinate")
def with_coordinates():
    def distances(points):
        squares = np.zeros((len(points), len(points)), dtype=points.dtype)
        for coordinate in points.T:
            differences = coordinate[:, None] - coordinate
            squares += np.square(differences, out=differences)
        return np.sqrt(squares, out=squares)

    return distances


@workload.variant("numpy_gram")
def with_gram():
    def distances(points):
        lengths = np.einsum("ik,ik->i", points, points)
        squares = points @ points.T
        squares *= -2
        squares += lengths
        squares += lengths[:, None]
        np.maximum(squares, 0, out=squares)
        np.fill_diagonal(squares, 0)
        return np.sqrt(squares, out=squares)

    return distances


@workload.variant("jax_jit_gram", requires=["jax"])
def with_jax_gram():
    import jax.numpy as jnp

    def distances(points):
        lengths = jnp.sum(points**2, axis=-1)
        squares = jnp.maximum(lengths + lengths[:, None] - 2 * (points @ points.T), 0)
        return jnp.sqrt(jnp.where(jnp.eye(len(points), dtype=bool), 0, squares))

    return distances
