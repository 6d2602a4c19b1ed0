"""WHAT IS COMPUTED, in one line.

What decides the time? Say here what you expect to see and why, and where the computation comes from.

`crossover check NAME.py` says in seconds whether this file can be measured; `crossover run --workload-file NAME.py`
measures it, and `crossover dashboard` draws it.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,  # raise it when the meaning changes: measurements of two versions are never compared
    cases=[  # small sizes first; a run stops climbing where a call takes too long
        {"n": n, "dtype": dtype} for dtype in ("float32", "float64") for n in (100, 1_000, 10_000, 100_000, 1_000_000)
    ],
    # tolerance={"float32": 1e-3},  # of the results, where rounding differs by more than 1e-4 (float64: 1e-9)
)


@workload.inputs
def numbers(rng, n, dtype):
    # a tuple of NumPy arrays, drawn from `rng`; the names after it are those of a case
    return rng.standard_normal(n, dtype=dtype), rng.standard_normal(n, dtype=dtype)


# One function for both libraries: `xp` is numpy or jax.numpy. No timing, no waiting, no `jit` in it, and no writing
# into its inputs. It becomes three variants: numpy, jax_eager and jax_jit.
@workload.function
def distance(xp, x, y):
    return xp.sqrt(xp.sum((x - y) ** 2))


# Optional: what one call has to do at least. It gives a share of what the machine can do.
@workload.work
def work(n, dtype):
    return Work(flops=3 * n, bytes_moved=(2 * n + 1) * np.dtype(dtype).itemsize)


# Where both libraries need code of their own, write the variants apart, in the place of @workload.function. The
# function under the decorator is not timed: import there. What it returns is timed. Further names (jax_jit_dot) are
# further ways to compute the same.
#
# @workload.variant("numpy")
# def with_numpy():
#     def distance(x, y):
#         return np.linalg.norm(x - y)
#
#     return distance
#
#
# @workload.variant("jax_eager", "jax_jit", requires=["jax"])
# def with_jax():
#     import jax.numpy as jnp
#
#     def distance(x, y):
#         return jnp.linalg.norm(x - y)
#
#     return distance
