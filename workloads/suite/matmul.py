"""The product of two n x n matrices.

Both libraries leave it to tuned kernels, NumPy to a BLAS library and XLA to one of its own. The work grows with n
cubed and the data with n squared, so that dispatch decides at the left end and the kernel at the right. We expect NumPy
ahead for tiny matrices, near equality for large ones where both use all cores, double precision somewhat behind in JAX
(jax issue 3832), and a GPU far ahead once it has enough to do. `jax_jit_default_precision` asks for what JAX does
unless told otherwise: on an accelerator it may round float32 factors (TF32, bfloat16), and where that makes another
result it gets no number; on a CPU it is the same product as `jax_jit`.
"""

import numpy as np

from workloads.workload import Work, Workload

SIZES = (4, 16, 64, 256, 1_024, 4_096)

workload = Workload(
    version=1,
    family="linear_algebra",
    stresses=("blas",),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "dtype": dtype} for dtype in ("float32", "float64") for n in SIZES],
    tolerance={"float32": 1e-3},  # sums of n products, in a different order
)


@workload.inputs
def matrices(rng, n, dtype):
    return rng.standard_normal((n, n), dtype=dtype), rng.standard_normal((n, n), dtype=dtype)


@workload.work
def work(n, dtype):
    return Work(flops=2 * n**3, bytes_moved=3 * n**2 * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def product(a, b):
        return a @ b

    return product


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    def product(a, b):
        return a @ b

    return product


@workload.variant("jax_jit_default_precision", requires=["jax"])
def with_default_precision():
    import jax
    import jax.numpy as jnp

    def product(a, b):
        return jnp.matmul(a, b, precision=jax.lax.Precision.DEFAULT)

    return product
