"""A polynomial of degree 3 at a single number.

Six operations on one number: nothing is measured but the cost of a call. NumPy pays for each operation, eager JAX pays
more for each, compiled JAX pays once for all. We expect NumPy ahead of eager JAX by far, and ahead of compiled JAX by
less; an accelerator can only lose. There is one size.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    size=None,
    family="dispatch",
    stresses=("dispatch",),
    situations=("one_off", "debuggability"),
    cases=[{"dtype": "float32"}],
)


@workload.inputs
def one_number(rng, dtype):
    return (np.array(rng.uniform(-1, 1), dtype=dtype),)


@workload.work
def work(dtype):
    return Work(flops=6, bytes_moved=2 * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    # float32 one by one: NumPy 1 makes float64 of a single float32 number and a Python float.
    cubic, quadratic, linear, constant = np.float32([0.5, -1.5, 2.0, 0.25])

    def polynomial(x):
        return ((cubic * x + quadratic) * x + linear) * x + constant

    return polynomial


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    def polynomial(x):
        return ((0.5 * x - 1.5) * x + 2.0) * x + 0.25

    return polynomial
