"""The positive ones of n numbers, in their order; one half of them are.

The length of the result depends on the data. NumPy and eager JAX write `x[x > 0]`; under `jit` every shape must be
known, so that the answer is an array of n numbers with padding, and how many of them count. `jax_jit` looks up the
places with `nonzero(size=n)`, `jax_jit_scatter` works out each number's place by a running sum and writes it there,
`jax_jit_sort` sorts by the mask, keeping the order. We expect NumPy ahead on a CPU at every size, as all three do
more than one pass, the sort most of all, and a GPU to be ahead at large n. Only what is not padding is compared.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="adoption",
    stresses=("dynamic_shape", "indexing", "branches", "sorting"),
    situations=("one_off", "cpu_first", "transformability"),
    cases=[{"n": n, "dtype": "float32"} for n in (16, 256, 4_096, 65_536, 1_048_576, 16_777_216)],
)


@workload.inputs
def numbers_of_both_signs(rng, n, dtype):
    signs = np.repeat(np.array([-1, 1], dtype=dtype), n // 2)
    rng.shuffle(signs)
    return (signs * (1 - rng.random(n, dtype=dtype)),)  # in (0, 1]: none is 0


@workload.work
def work(n, dtype):
    return Work(flops=None, bytes_moved=(n + n // 2) * np.dtype(dtype).itemsize)


@workload.compared
def without_padding(kept, count=None):
    return kept if count is None else kept[: int(count)]


@workload.variant("numpy")
def with_numpy():
    def keep_positive(x):
        return x[x > 0]

    return keep_positive


@workload.variant("jax_eager", requires=["jax"])
def with_mask():
    def keep_positive(x):
        return x[x > 0]

    return keep_positive


@workload.variant("jax_jit", requires=["jax"])
def with_nonzero():
    import jax.numpy as jnp

    def keep_positive(x):
        positive = x > 0
        (places,) = jnp.nonzero(positive, size=len(x), fill_value=len(x))
        return x.at[places].get(mode="fill", fill_value=0), jnp.sum(positive)

    return keep_positive


@workload.variant("jax_jit_scatter", requires=["jax"])
def with_running_sum():
    import jax.numpy as jnp

    def keep_positive(x):
        positive = x > 0
        counts = jnp.cumsum(positive)
        places = jnp.where(positive, counts - 1, len(x))
        return jnp.zeros_like(x).at[places].set(x, mode="drop"), counts[-1]

    return keep_positive


@workload.variant("jax_jit_sort", requires=["jax"])
def with_sort():
    import jax.numpy as jnp
    from jax import lax

    def keep_positive(x):
        positive = x > 0
        _, sorted_by_mask = lax.sort((~positive, x), num_keys=1, is_stable=True)
        return sorted_by_mask, jnp.sum(positive)

    return keep_positive
