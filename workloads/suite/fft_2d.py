"""Low-pass filter of an n x n image: transform, multiply by a mask, transform back.

Real transforms in two dimensions, `rfft2` and `irfft2`, with one elementwise product between them. Almost all the
time is in the libraries' tuned transforms, so we expect a tie at large n on one core, NumPy ahead where dispatch
counts, and XLA ahead where it spreads a transform over several cores. Fusion can save the product alone. NumPy 1.26
transforms in double precision and is converted back at the end (a no-op in NumPy 2).
"""

import numpy as np

from workloads.workload import Work, Workload

workload = Workload(
    version=1,
    family="spectral",
    stresses=("fft",),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "dtype": "float32"} for n in (32, 128, 512, 2_048, 8_192)],
)


@workload.inputs
def image_and_mask(rng, n, dtype):
    image = rng.standard_normal((n, n), dtype=dtype)
    rows, columns = np.fft.fftfreq(n), np.fft.rfftfreq(n)
    mask = np.exp(-((rows[:, None] / 0.1) ** 2) - (columns / 0.1) ** 2)
    return image, mask.astype(dtype)


@workload.work
def work(n, dtype):
    kept = n * (n // 2 + 1)
    numbers = 2 * n**2 + kept
    return Work(flops=5 * n**2 * np.log2(n**2) + 2 * kept, bytes_moved=numbers * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def smooth(image, mask):
        return np.fft.irfft2(np.fft.rfft2(image) * mask, image.shape).astype(image.dtype, copy=False)

    return smooth


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    def smooth(image, mask):
        return jnp.fft.irfft2(jnp.fft.rfft2(image) * mask, image.shape)

    return smooth
