"""Fourier transform of n complex numbers, n a power of two.

Both libraries call a tuned transform: NumPy its pocketfft, JAX on a CPU one of the same descent, on a GPU the
vendor's. We expect NumPy ahead where dispatch counts, and at large n a tie on one core; XLA may also use several
cores, which NumPy never does. NumPy 1.26 transforms complex64 in double precision and is converted back (a no-op in
NumPy 2): expect complex64 to gain nothing on complex128 there.
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="spectral",
    stresses=("fft",),
    situations=("cpu_first", "fixed_shape"),
    cases=[
        {"n": n, "dtype": dtype}
        for dtype in ("complex64", "complex128")
        for n in (128, 1_024, 8_192, 65_536, 524_288, 4_194_304, 33_554_432)
    ],
)


@workload.inputs
def complex_noise(rng, n, dtype):
    parts = rng.standard_normal((n, 2), dtype=np.finfo(dtype).dtype)
    return (parts.view(dtype)[:, 0],)


@workload.work
def work(n, dtype):
    return Work(flops=5 * n * np.log2(n), bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def transform(signal):
        return np.fft.fft(signal).astype(signal.dtype, copy=False)

    return transform


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    return jnp.fft.fft
