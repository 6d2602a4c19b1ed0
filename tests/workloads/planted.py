"""A workload whose variants go wrong in every way there is, at n = 4; at n = 8 they are right."""

import ctypes
import os
import time

import numpy as np

from workloads.workload import Workload

workload = Workload(version=1, cases=[{"n": n, "dtype": "float32"} for n in (4, 8)])


@workload.inputs
def numbers(rng, n, dtype):
    return (1 + rng.random(n, dtype=dtype),)


def plant(name, wrong, **said):
    """A variant that is `wrong` at the first size, and right at the second."""
    workload.variant(name, **said)(lambda: lambda x: wrong(x) if len(x) == 4 else x + x)


def raises(x):
    raise RuntimeError("as planted")


def writes(x):
    x += 1
    return x


class Unreadable:
    """A result that cannot be made an array."""

    def __init__(self, x):
        self.shape, self.dtype = x.shape, x.dtype

    def __array__(self, *_, **__):
        raise RuntimeError("not to be read")


plant("numpy", lambda x: x + x)
plant("numpy_right", lambda x: 2 * x)
plant("numpy_prints", lambda x: print('{"status": "ready"}') or x + x)
plant("numpy_slow", lambda x: time.sleep(0.03) or x + x)
plant("numpy_zeros", np.zeros_like)
plant("numpy_part", lambda x: (x + x)[:-1])
plant("numpy_dtype", lambda x: (x + x).astype(np.float64))
plant("numpy_two", lambda x: (x + x, x))
plant("numpy_nothing", lambda x: None)
plant("numpy_raises", raises)
plant("numpy_unreadable", Unreadable)
plant("numpy_writes", writes)
plant("numpy_hangs", lambda x: time.sleep(60))
plant("numpy_exits", lambda x: os._exit(3))
plant("numpy_segfault", lambda x: ctypes.string_at(0))
plant("numpy_needs", lambda x: x + x, requires=["no_such_package"])
