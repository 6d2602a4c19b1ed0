"""The most that a device can do: memory traffic, matrix products, chains of elementwise operations.

Each is a kernel that does nothing else. NumPy and JAX both try, and the better of the two is the device's peak: it is a
property of the machine as far as these libraries can reach it, not of a library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable

import numpy as np

from workloads.execution import NumpyExecution

#: Timings of each kernel; the fastest counts, because a peak is the most that was ever seen.
TRIES = 10

#: A timing is about this long: a call of an accelerator may be so short that sending it off would count.
TIMING_SECONDS = 0.01

#: On a CPU: bytes of each of two arrays, well beyond any cache; elements that stay in the cache of a core; the side of
#: a matrix; and the degree of the polynomial. On anything else: more of each, and so many operations for each number
#: that memory cannot be what decides.
CPU = {"bytes": 2**27, "elements": 2**18, "side": 1024, "degree": 64}
ELSEWHERE = {"bytes": 2**30, "elements": 2**25, "side": 8192, "degree": 512}


@dataclass(frozen=True)
class Kernel:
    """A call, and its work: bytes moved, or floating-point operations."""

    call: Callable[[], Any]
    work: float


def kernel_of(resource: str, dtype: str, execution: Any) -> Kernel | None:
    """The kernel for a resource (see `bundle.RESOURCES`); None where this library cannot get near the peak."""
    sizes = CPU if execution.device["platform"] == "cpu" else ELSEWHERE
    on_numpy = isinstance(execution, NumpyExecution)
    return {"bandwidth": _bandwidth, "matrix": _matrix, "elementwise": _elementwise}[resource](
        dtype, execution, sizes, on_numpy=on_numpy
    )


def _bandwidth(dtype: str, execution: Any, sizes: Mapping[str, int], *, on_numpy: bool) -> Kernel | None:
    """Read one large array and write another."""
    source = np.ones(sizes["bytes"] // np.dtype(dtype).itemsize, dtype)
    if on_numpy:
        target = np.empty_like(source)
        return Kernel(lambda: np.copyto(target, source), 2 * source.nbytes)
    return _compiled(execution, lambda x: -x, [source], 2 * source.nbytes)


def _matrix(dtype: str, execution: Any, sizes: Mapping[str, int], *, on_numpy: bool) -> Kernel | None:
    factor = np.ones((sizes["side"], sizes["side"]), dtype)
    work = 2.0 * sizes["side"] ** 3
    if on_numpy:
        product = np.empty_like(factor)
        return Kernel(lambda: np.matmul(factor, factor, out=product), work)
    return _compiled(execution, lambda x: x @ x, [factor], work)


def _elementwise(dtype: str, execution: Any, sizes: Mapping[str, int], *, on_numpy: bool) -> Kernel | None:
    """A polynomial by Horner's rule. NumPy cannot keep the running value in a register, so it does not try."""
    if on_numpy:
        return None
    values = np.full(sizes["elements"], 0.5, dtype)

    def polynomial(x: Any) -> Any:
        y = x
        for _ in range(sizes["degree"]):
            y = y * x + x
        return y

    return _compiled(execution, polynomial, [values], 2.0 * sizes["degree"] * values.size)


def _compiled(execution: Any, function: Callable[..., Any], inputs: list[np.ndarray], work: float) -> Kernel:
    return Kernel(partial(execution.prepare(function), *execution.place(inputs)), work)
