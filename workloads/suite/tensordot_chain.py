"""Four contractions (`tensordot`) of a tensor with nine axes of length n, each with a gate of four axes.

How a tensor network or a simulated quantum circuit is computed: each step picks two axes, contracts them with a gate
and puts the two new ones last. The arithmetic is matrix products; around them nine axes are put in another order. At
n = 2 the tensor has 512 numbers, and what counts is the first call: a compiler must reason about nine axes. We expect
NumPy ahead for short axes, JAX's first call to cost many times its later ones, more in the releases of openxla/xla
issue 41173, which run out of memory at a few axes more, and a tie or a small win for JAX at long axes.
"""

import numpy as np

from workloads.workload import Work, Workload

AXES = ((0, 5), (2, 6), (1, 4), (3, 7))

workload = Workload(
    version=1,
    family="linear_algebra",
    stresses=("compile", "blas"),
    situations=("one_off", "fixed_shape"),
    cases=[{"n": n, "axes": 9, "dtype": "float32"} for n in (2, 3, 4, 5, 6, 7)],
    tolerance={"float32": 1e-3},  # sums of n**2 products, four times over, in a different order
)


@workload.inputs
def tensor_and_gates(rng, n, axes, dtype):
    # Divided by n, a gate leaves the numbers as large as they were: n**2 of them are summed.
    gates = (rng.standard_normal((n, n, n, n), dtype=dtype) / np.asarray(n, dtype=dtype) for _ in AXES)
    return rng.standard_normal((n,) * axes, dtype=dtype), *gates


@workload.work
def work(n, axes, dtype):
    numbers = 2 * n**axes + len(AXES) * n**4
    flops = len(AXES) * 2 * n ** (axes + 2)
    return Work(flops=flops, bytes_moved=numbers * np.dtype(dtype).itemsize, resource="matrix")


@workload.variant("numpy")
def with_numpy():
    def contracted(tensor, *gates):
        for axes, gate in zip(AXES, gates):
            tensor = np.tensordot(tensor, gate, axes=(axes, (0, 1)))
        return tensor

    return contracted


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def contracted(tensor, *gates):
        for axes, gate in zip(AXES, gates):
            tensor = jnp.tensordot(tensor, gate, axes=(axes, (0, 1)))
        return tensor

    return contracted
