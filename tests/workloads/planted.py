"""A workload whose variants go wrong in every way there is: copied into a suite by the tests, never shipped."""

import ctypes
import os
import time

import numpy as np

from workloads.workload import Workload

workload = Workload(version=1, cases=[{"n": n, "dtype": "float32"} for n in (4, 8)])


@workload.inputs
def numbers(rng, n, dtype):
    return (rng.random(n, dtype=dtype),)


def plant(name, function, **said):
    workload.variant(name, **said)(lambda: function)


def raises(x):
    raise RuntimeError("as planted")


def writes(x):
    x += 1
    return x


plant("numpy", lambda x: x + x)
plant("numpy_right", lambda x: 2 * x)
plant("numpy_zeros", np.zeros_like)
plant("numpy_truncated", lambda x: (x + x)[:-1])
plant("numpy_dtype", lambda x: (x + x).astype(np.float64))
plant("numpy_two", lambda x: (x + x, x))
plant("numpy_raises", raises)
plant("numpy_writes", writes)
plant("numpy_hangs", lambda x: time.sleep(60))
plant("numpy_exits", lambda x: os._exit(3))
plant("numpy_segfault", lambda x: ctypes.string_at(0))
plant("numpy_needs", lambda x: x + x, requires=["no_such_package"])
plant("numpy_memory", lambda x: np.ones(2**50))
plant("numpy_prints", lambda x: print('{"status": "ready"}') or x + x)
