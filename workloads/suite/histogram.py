"""How many of n numbers between 0 and 1 fall into each of 64 equal bins.

`np.histogram` computes each number's bin and corrects it at the edges; `jnp.histogram` looks each number up among the
edges and scatters ones. The variants named `bincount` multiply, truncate and count, each with integers as wide as its
library counts them (64 bits in NumPy, 32 in JAX). We expect NumPy ahead of `jnp.histogram` on a CPU, and `bincount` to
be the better way in both libraries; on an accelerator we expect JAX ahead at large n, held back by many additions to
few counters. The numbers lie well inside their bins (the middle half), so that rounding cannot move one into the next
bin.
"""

import numpy as np

from workloads.workload import Work, Workload

BINS = 64

workload = Workload(
    version=1,
    family="irregular",
    stresses=("indexing", "bandwidth"),
    situations=("cpu_first", "one_off"),
    cases=[{"n": n, "bins": BINS, "dtype": "float32"} for n in (64, 1_024, 16_384, 262_144, 4_194_304, 67_108_864)],
)


@workload.inputs
def numbers_inside_bins(rng, n, bins, dtype):
    bin_of = rng.integers(0, bins, n, dtype=np.int32).astype(dtype)
    within = rng.random(n, dtype=dtype) * 0.5 + 0.25
    return ((bin_of + within) / bins,)


@workload.work
def work(n, bins, dtype):
    return Work(flops=None, bytes_moved=n * np.dtype(dtype).itemsize + 4 * bins)


@workload.variant("numpy")
def with_numpy():
    def counts(x):
        return np.histogram(x, bins=BINS, range=(0, 1))[0].astype(np.int32)

    return counts


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def counts(x):
        return jnp.histogram(x, bins=BINS, range=(0, 1))[0].astype(jnp.int32)

    return counts


@workload.variant("numpy_bincount")
def with_bincount():
    def counts(x):
        return np.bincount((x * BINS).astype(np.intp), minlength=BINS).astype(np.int32)

    return counts


@workload.variant("jax_jit_bincount", requires=["jax"])
def with_jax_bincount():
    import jax.numpy as jnp

    def counts(x):
        return jnp.bincount((x * BINS).astype(jnp.int32), length=BINS).astype(jnp.int32)

    return counts
