"""One step of k-means: n points of 8 features to the nearest of 16 centres, and each centre to their mean.

The centres are the state that each call hands to the next. All styles find the nearest centre from a matrix product
and differ in the sums over a cluster: `numpy` counts each feature with `bincount`, `jax_jit` calls `segment_sum`, the
`one_hot` styles multiply by a matrix of zeros and ones; `jax_jit_donated` gives up the old centres, which are so small
that we expect nothing of it. A scatter is serial, the one-hot product does 16 times the arithmetic but spreads: we
expect the two close on a CPU and the product ahead on a GPU. Between NumPy and JAX the search decides, which XLA can
fuse to one pass over the scores. Source: Lloyd (1982).
"""

import numpy as np

from workloads.workload import Work, Workload

CENTRES, FEATURES = 16, 8

workload = Workload(
    version=1,
    family="pairwise",
    stresses=("blas", "indexing", "bandwidth"),
    situations=("cpu_first", "fixed_shape"),
    cases=[
        {"n": n, "centres": CENTRES, "features": FEATURES, "dtype": "float32"}
        for n in (64, 512, 4_096, 32_768, 262_144, 2_097_152, 16_777_216)
    ],
    carry=1,
    tolerance={"float32": 1e-3},  # sums over a cluster of up to a million points, in a different order
)


@workload.inputs
def centres_and_points(rng, n, centres, features, dtype):
    # clusters far enough apart that no point changes its centre by a rounding, and that none is ever empty
    corners = 10 * np.concatenate([np.eye(features, dtype=dtype), -np.eye(features, dtype=dtype)])
    points = corners[np.arange(n) % centres] + rng.standard_normal((n, features), dtype=dtype)
    return corners + rng.standard_normal((centres, features), dtype=dtype) / 2, points


@workload.work
def work(n, centres, features, dtype):
    numbers = n * features + 2 * centres * features
    flops = 2 * n * centres * features + n * features
    return Work(flops=flops, bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix")


def nearest_of(xp, centres, points):
    """The nearest centre of each point; |point|² is the same for all centres and left out."""
    scores = points @ centres.T
    scores -= 0.5 * xp.sum(centres**2, axis=1)
    return xp.argmax(scores, axis=1)


@workload.variant("numpy")
def with_numpy():
    def step(centres, points):
        nearest = nearest_of(np, centres, points)
        counts = np.bincount(nearest, minlength=CENTRES)
        sums = [np.bincount(nearest, weights=feature, minlength=CENTRES) for feature in points.T]
        return (np.stack(sums, axis=1) / counts[:, None]).astype(points.dtype)

    return step


@workload.variant("jax_jit_donated", requires=["jax"], donates=True)
@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax
    import jax.numpy as jnp

    def step(centres, points):
        nearest = nearest_of(jnp, centres, points)
        sums = jax.ops.segment_sum(points, nearest, num_segments=CENTRES)
        counts = jax.ops.segment_sum(jnp.ones(len(points), points.dtype), nearest, num_segments=CENTRES)
        return sums / counts[:, None]

    return step


@workload.variant("jax_jit_one_hot", requires=["jax"])
def with_jax_one_hot():
    import jax
    import jax.numpy as jnp

    def step(centres, points):
        members = jax.nn.one_hot(nearest_of(jnp, centres, points), CENTRES, dtype=points.dtype)
        return members.T @ points / jnp.sum(members, axis=0)[:, None]

    return step


@workload.variant("numpy_one_hot")
def with_one_hot():
    def step(centres, points):
        members = (nearest_of(np, centres, points)[:, None] == np.arange(CENTRES)).astype(points.dtype)
        return members.T @ points / members.sum(axis=0)[:, None]

    return step
