"""The numbers 0 to n - 1 in random order.

NumPy swaps numbers one after the other, about n random reads and writes; JAX sorts the numbers by random keys, more
than once where n is large, since a sort runs in parallel and a chain of swaps does not. We expect NumPy ahead on a CPU
at every size, and JAX ahead on an accelerator at large n. The orders differ: compared is that each number occurs once
and that hardly any stayed at its place (of a random order, one on average).
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="random",
    stresses=("random_numbers", "indexing", "sorting"),
    situations=("cpu_first",),
    cases=[{"n": n, "dtype": "int32"} for n in (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 50_000_000)],
)


@workload.inputs
def key_and_places(rng, n, dtype):
    # n rows of no columns: the shape says how many numbers are wanted, and holds none.
    return rng.integers(0, 2**32, 2, dtype=np.uint32), np.empty((n, 0), dtype)


@workload.work
def work(n, dtype):
    return Work(flops=None, bytes_moved=8 + n * np.dtype(dtype).itemsize)


@workload.compared
def facts(order):
    stayed = np.count_nonzero(order == np.arange(order.size))
    return np.array(stayed <= 20), np.sort(order)  # which makes equal of all orders of the same numbers


@workload.variant("numpy")
def with_numpy():
    rng = np.random.default_rng(1)

    def shuffled(_key, places):
        order = np.arange(len(places), dtype=places.dtype)
        rng.shuffle(order)
        return order

    return shuffled


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax
    import jax.numpy as jnp

    def shuffled(key, places):
        return jax.random.permutation(key, jnp.arange(len(places), dtype=places.dtype))

    return shuffled
