"""The most that a device can do: memory traffic, matrix products, chains of elementwise operations.

Each is a kernel that does nothing else. NumPy and JAX both try, and the better of the two is the device's peak: it is a
property of the machine as far as these libraries can reach it, not of a library.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Callable

import numpy as np

#: Calls of each kernel; the fastest counts, because a peak is the most that was ever seen.
TRIES = 10

BANDWIDTH_BYTES = 2**27  # of each of two arrays: well beyond any cache
MATRIX_SIDE = {"cpu": 1024}
MATRIX_SIDE_ELSEWHERE = 8192
ELEMENTS = {"cpu": 2**18}  # stays in the cache of a core
ELEMENTS_ELSEWHERE = 2**25
DEGREE = 64  # of the polynomial: a multiplication and an addition each


@dataclass(frozen=True)
class Kernel:
    """A call, and its work: bytes moved, or floating-point operations."""

    call: Callable[[], Any]
    work: float


def kernel_of(resource: str, dtype: str, execution: Any) -> Kernel | None:
    """The kernel for a resource (see `bundle.RESOURCES`); None where this library cannot get near the peak."""
    on_numpy = type(execution).__name__ == "NumpyExecution"
    platform = execution.device["platform"]
    kernels = {"bandwidth": _bandwidth, "matrix": _matrix, "elementwise": _elementwise}
    return kernels[resource](dtype, execution, on_numpy, platform)


def _bandwidth(dtype: str, execution: Any, on_numpy: bool, platform: str) -> Kernel | None:  # noqa: ARG001
    """Read one large array and write another."""
    source = np.ones(BANDWIDTH_BYTES // np.dtype(dtype).itemsize, dtype)
    if on_numpy:
        target = np.empty_like(source)
        return Kernel(lambda: np.copyto(target, source), 2 * source.nbytes)
    return _compiled(execution, lambda x: -x, [source], 2 * source.nbytes)


def _matrix(dtype: str, execution: Any, on_numpy: bool, platform: str) -> Kernel | None:
    side = MATRIX_SIDE.get(platform, MATRIX_SIDE_ELSEWHERE)
    factor = np.ones((side, side), dtype)
    work = 2.0 * side**3
    if on_numpy:
        product = np.empty_like(factor)
        return Kernel(lambda: np.matmul(factor, factor, out=product), work)
    return _compiled(execution, lambda x: x @ x, [factor], work)


def _elementwise(dtype: str, execution: Any, on_numpy: bool, platform: str) -> Kernel | None:
    """A polynomial by Horner's rule. NumPy cannot keep the running value in a register, so it does not try."""
    if on_numpy:
        return None
    values = np.full(ELEMENTS.get(platform, ELEMENTS_ELSEWHERE), 0.5, dtype)

    def polynomial(x: Any) -> Any:
        y = x
        for _ in range(DEGREE):
            y = y * x + x
        return y

    return _compiled(execution, polynomial, [values], 2.0 * DEGREE * values.size)


def _compiled(execution: Any, function: Callable[..., Any], inputs: list[np.ndarray], work: float) -> Kernel:
    return Kernel(partial(execution.prepare(function), *execution.place(inputs)), work)
