"""Convolution of n samples with a filter of 64 taps, as many samples out as in.

`numpy` and `jax_jit` call their library's `convolve` in mode "same", which takes 64 multiplications a sample. The
styles `numpy_fft` and `jax_jit_fft` multiply transforms of the whole signal, padded to a length of small factors: at
large n that is about as much arithmetic, but it passes over memory many times. We expect `np.convolve` to be hard to
beat, and transforms to pay only where a library's own convolution is slow; what XLA makes of one channel and so long
a filter is not obvious. NumPy 1.26 transforms in double precision, so `numpy_fft` converts back (a no-op in NumPy 2).
"""

import numpy as np

from workloads.workload import Work, Workload

TAPS = 64

workload = Workload(
    version=1,
    family="stencil",
    stresses=("arithmetic", "fft"),
    situations=("cpu_first", "fixed_shape"),
    cases=[
        {"n": n, "taps": TAPS, "dtype": "float32"} for n in (128, 1_024, 8_192, 65_536, 524_288, 4_194_304, 33_554_432)
    ],
)


@workload.inputs
def signal_and_filter(rng, n, taps, dtype):
    return rng.standard_normal(n, dtype=dtype), rng.standard_normal(taps, dtype=dtype)


@workload.work
def work(n, taps, dtype):
    return Work(flops=2 * taps * n, bytes_moved=(2 * n + taps) * np.dtype(dtype).itemsize)


def fast_length(wanted):
    """The next length of the form 4, 5, 6 or 7 times a power of two: transforms like small factors."""
    unit = 2 ** max(0, wanted.bit_length() - 3)
    return -(-wanted // unit) * unit


@workload.variant("numpy")
def with_numpy():
    def filtered(samples, taps):
        return np.convolve(samples, taps, mode="same")

    return filtered


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def filtered(samples, taps):
        return jnp.convolve(samples, taps, mode="same")

    return filtered


@workload.variant("numpy_fft")
def with_numpy_fft():
    def filtered(samples, taps):
        length, before = fast_length(len(samples) + TAPS - 1), (TAPS - 1) // 2
        whole = np.fft.irfft(np.fft.rfft(samples, length) * np.fft.rfft(taps, length), length)
        return whole[before : before + len(samples)].astype(samples.dtype, copy=False)

    return filtered


@workload.variant("jax_jit_fft", requires=["jax"])
def with_jax_fft():
    import jax.numpy as jnp

    def filtered(samples, taps):
        length, before = fast_length(len(samples) + TAPS - 1), (TAPS - 1) // 2
        whole = jnp.fft.irfft(jnp.fft.rfft(samples, length) * jnp.fft.rfft(taps, length), length)
        return whole[before : before + len(samples)]

    return filtered
