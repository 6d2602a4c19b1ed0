"""`sqrt(abs(x))` where the mean of all n numbers is positive, `tanh(x)` of all of them where it is not.

One decision for the whole array, and it depends on a value. NumPy and eager JAX write `if`; eager JAX has to wait
for the mean before Python can go on. Under `jit` a value is not there to be asked: `jax_jit` uses `lax.cond`, and
`jax_jit_where` computes both and takes one. The mean of these inputs is positive, so that the cheap branch is right
and `where` pays for tanh in vain. We expect NumPy ahead at small n, `lax.cond` level with NumPy or ahead of it once
memory decides, and `where` behind `lax.cond` where tanh is dear, that is on a CPU while the array is in the cache;
further out, and on a GPU, tanh hides behind memory, and there the two should meet.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="adoption",
    stresses=("branches", "bandwidth", "transcendental"),
    situations=("one_off", "debuggability", "transformability"),
    cases=[{"n": n, "dtype": "float32"} for n in (64, 1_024, 16_384, 262_144, 4_194_304, 67_108_864)],
)


@workload.inputs
def numbers(rng, n, dtype):
    return (1 + rng.standard_normal(n, dtype=dtype),)  # a mean eight standard errors above 0 at n = 64


@workload.work
def work(n, dtype):
    return Work(flops=3 * n, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def transform(x):
        if np.mean(x) > 0:
            return np.sqrt(np.abs(x))
        return np.tanh(x)

    return transform


@workload.variant("jax_eager", requires=["jax"])
def with_python_if():
    import jax.numpy as jnp

    def transform(x):
        if jnp.mean(x) > 0:
            return jnp.sqrt(jnp.abs(x))
        return jnp.tanh(x)

    return transform


@workload.variant("jax_jit", requires=["jax"])
def with_cond():
    import jax.numpy as jnp
    from jax import lax

    def root(x):
        return jnp.sqrt(jnp.abs(x))

    def transform(x):
        return lax.cond(jnp.mean(x) > 0, root, jnp.tanh, x)

    return transform


@workload.variant("jax_jit_where", requires=["jax"])
def with_where():
    import jax.numpy as jnp

    def transform(x):
        return jnp.where(jnp.mean(x) > 0, jnp.sqrt(jnp.abs(x)), jnp.tanh(x))

    return transform
