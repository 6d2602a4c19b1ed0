"""A gibibyte asked for and touched at n = 8, by each library; next to nothing at n = 4, which comes after it."""

import numpy as np

from workloads.workload import Workload

workload = Workload(version=1, cases=[{"n": n, "dtype": "float32"} for n in (8, 4)])


@workload.inputs
def numbers(rng, n, dtype):
    return (rng.random(n, dtype=dtype),)


@workload.variant("numpy")
def modest():
    return lambda x: x + x


@workload.variant("numpy_greed")
def with_numpy():
    return lambda x: np.ones(2**27) if len(x) == 8 else x + x


@workload.variant("jax_jit_greed", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    return lambda x: jnp.broadcast_to(x[:1], (2**28,)) + 1 if len(x) == 8 else x + x


@workload.variant("numpy_aborts")
def with_aborts():
    """What C++ does where nobody catches its want of memory."""
    import os
    import sys

    def aborts(x):
        if len(x) == 8:
            print("terminate called after throwing an instance of 'std::bad_alloc'", file=sys.stderr)
            print("  what():  std::bad_alloc", file=sys.stderr, flush=True)
            os.abort()
        return x + x

    return aborts
