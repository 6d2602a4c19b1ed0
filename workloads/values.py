"""What a call computed, in short: enough to tell whether another release computes something else, and by how much."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

#: Numbers that are kept of a result, evenly spread over it.
KEPT = 16


def of_result(arrays: Sequence[np.ndarray], inputs: Sequence[np.ndarray]) -> dict[str, Any]:
    """Digests of a result and of the inputs that it was computed from, and a few of its numbers.

    Of complex numbers the real parts; what is not finite is kept as text. Another release may draw other inputs from
    the same seed: only results of the same inputs can be compared.
    """
    numbers: list[Any] = []
    share = max(1, KEPT // max(1, len(arrays)))
    for array in arrays[:KEPT]:
        flat = array.ravel()
        chosen = (
            flat[np.unique(np.linspace(0, flat.size - 1, min(share, flat.size)).astype(int))] if flat.size else flat
        )
        for number in np.real(chosen).astype(np.float64).tolist():
            numbers.append(number if np.isfinite(number) else str(number))
    return {"sha256": digest(arrays), "inputs_sha256": digest(inputs), "numbers": numbers}


def digest(arrays: Sequence[np.ndarray]) -> str:
    """SHA-256 (first 16 digits) of all bits of some arrays, with their shapes and dtypes."""
    whole = hashlib.sha256()
    for array in arrays:
        whole.update(f"{array.shape} {array.dtype}".encode())
        # as bytes without a copy of them; a view of an array without elements, or of no dimension, cannot be had so
        flat = np.ascontiguousarray(array).reshape(-1)
        whole.update(flat.view(np.uint8) if flat.size else b"")
    return whole.hexdigest()[:16]
