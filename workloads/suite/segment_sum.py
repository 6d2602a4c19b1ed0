"""Sums of n numbers in n // 16 sorted segments of 1 to 31 numbers.

A group-by whose groups lie one after the other. `np.add.reduceat` reads the numbers once and is told where segments
start; `jax.ops.segment_sum` is told each number's segment, a second array to read, and scatters. We expect NumPy ahead
on a CPU at all sizes, and JAX ahead on an accelerator at large n. `reduceat` gets the starts in 64 bits, to which it
would convert others at each call. `numpy_bincount` is told what JAX is told, segments of 32 bits: it converts them at
each call, which costs it a pass, and adds in float64.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="irregular",
    stresses=("indexing", "bandwidth"),
    situations=("cpu_first",),
    cases=[{"n": n, "dtype": "float32"} for n in (64, 1_024, 16_384, 262_144, 4_194_304, 67_108_864)],
)


@workload.inputs
def numbers_in_segments(rng, n, dtype):
    # Lengths in pairs that add up to 32: random, never 0 (which `reduceat` does not sum to 0), and n in all.
    shorter = rng.integers(1, 32, n // 32, dtype=np.int32)
    lengths = np.stack([shorter, 32 - shorter], axis=1).ravel()
    starts = np.cumsum(lengths, dtype=np.intp) - lengths
    segments = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    return rng.standard_normal(n, dtype=dtype), segments, starts


@workload.work
def work(n, dtype):
    count = n // 16  # where segments start says as much as each number's segment, in fewer bytes
    return Work(flops=n - count, bytes_moved=(n + count) * np.dtype(dtype).itemsize + 4 * count)


@workload.variant("numpy")
def with_numpy():
    def sums(x, _segments, starts):
        return np.add.reduceat(x, starts)

    return sums


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax

    def sums(x, segments, starts):
        return jax.ops.segment_sum(x, segments, num_segments=len(starts), indices_are_sorted=True)

    return sums


@workload.variant("numpy_bincount")
def with_bincount():
    def sums(x, segments, starts):
        return np.bincount(segments, weights=x, minlength=len(starts)).astype(x.dtype)

    return sums
