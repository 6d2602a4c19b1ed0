"""Product of the Hessian of Rosenbrock's function at n numbers with a vector of n numbers.

The n x n matrix is never formed. NumPy writes its three diagonals by hand, in slices. `jax_eager` and `jax_jit` push
the vector through the gradient (`jvp` of `grad`: forward over reverse); `jax_jit_reverse` differentiates the
gradient's product with the vector (reverse over reverse). We expect tracing two derivatives to make eager JAX slow
at every small n, compiled JAX to win once the many temporaries of NumPy's slices leave the cache, and forward over
reverse, the usual advice, to be no slower than its rival; a compiler may well make the two alike.
Source: Pearlmutter (1994), Fast exact multiplication by the Hessian.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="gradient",
    stresses=("autodiff", "fusion", "bandwidth"),
    situations=("gradients", "transformability"),
    cases=[{"n": n, "dtype": "float64"} for n in (30, 300, 3_000, 30_000, 300_000, 3_000_000, 30_000_000)],
)


@workload.inputs
def point_and_direction(rng, n, dtype):
    return rng.standard_normal(n, dtype=dtype), rng.standard_normal(n, dtype=dtype)


@workload.work
def work(n, dtype):
    return Work(flops=13 * n, bytes_moved=3 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def product(x, v):
        coupling = 400 * x[:-1]
        result = np.zeros_like(v)
        result[:-1] = (1200 * x[:-1] * x[:-1] - 400 * x[1:] + 2) * v[:-1] - coupling * v[1:]
        result[1:] += 200 * v[1:] - coupling * v[:-1]
        return result

    return product


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_forward_over_reverse():
    import jax
    import jax.numpy as jnp

    def rosenbrock(x):
        return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def product(x, v):
        return jax.jvp(jax.grad(rosenbrock), (x,), (v,))[1]

    return product


@workload.variant("jax_jit_reverse", requires=["jax"])
def with_reverse_over_reverse():
    import jax
    import jax.numpy as jnp

    def rosenbrock(x):
        return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def slope_along(x, v):
        return jnp.vdot(jax.grad(rosenbrock)(x), v)

    return jax.grad(slope_along)
