"""Every sum of a 5 x 5 window of an n x n image weighed with a kernel, windows wholly inside the image.

A convolution as machine learning says it: the kernel is not flipped. `numpy` adds 25 shifted slices of the image,
`numpy_windows` hands a view of all windows to `np.einsum`. `jax_jit` calls `lax.conv_general_dilated`,
`jax_jit_slices` writes the 25 slices and leaves it to XLA to make one pass of them. We expect compiled JAX ahead as
soon as an image leaves the cache, since NumPy passes over it 50 times. A convolution with a single channel is not
what the tuned kernels behind `lax.conv_general_dilated` are made for, so the slices may well win.
"""

import numpy as np

from workloads.workload import Work, Workload

SIDE = 5

workload = Workload(
    version=1,
    family="stencil",
    stresses=("arithmetic", "fusion", "bandwidth"),
    situations=("cpu_first", "fixed_shape"),
    cases=[{"n": n, "side": SIDE, "dtype": "float32"} for n in (8, 32, 128, 512, 2_048, 8_192)],
)


@workload.inputs
def image_and_kernel(rng, n, side, dtype):
    return rng.standard_normal((n, n), dtype=dtype), rng.standard_normal((side, side), dtype=dtype)


@workload.work
def work(n, side, dtype):
    windows = (n - side + 1) ** 2
    return Work(flops=2 * side**2 * windows, bytes_moved=(n**2 + side**2 + windows) * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def weighed(image, kernel):
        height, width = image.shape[0] - SIDE + 1, image.shape[1] - SIDE + 1
        total = np.zeros((height, width), dtype=image.dtype)
        product = np.empty_like(total)
        for row in range(SIDE):
            for column in range(SIDE):
                shifted = image[row : row + height, column : column + width]
                total += np.multiply(shifted, kernel[row, column], out=product)
        return total

    return weighed


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    from jax import lax

    def weighed(image, kernel):
        return lax.conv_general_dilated(image[None, None], kernel[None, None], (1, 1), "VALID")[0, 0]

    return weighed


@workload.variant("numpy_windows")
def with_windows():
    def weighed(image, kernel):
        windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
        return np.einsum("ijkl,kl->ij", windows, kernel)

    return weighed


@workload.variant("jax_jit_slices", requires=["jax"])
def with_slices():
    def weighed(image, kernel):
        height, width = image.shape[0] - SIDE + 1, image.shape[1] - SIDE + 1
        return sum(
            image[row : row + height, column : column + width] * kernel[row, column]
            for row in range(SIDE)
            for column in range(SIDE)
        )

    return weighed
