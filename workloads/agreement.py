"""No agreed result, no number: does a variant's result equal the reference's, in count, shape, dtype and value?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """The outcome of a comparison; `max_error` is relative, and None where no values could be compared."""

    agrees: bool
    reason: str = ""
    max_error: float | None = None


def flatten(result: Any) -> list[Any]:
    """The arrays of a result, whether it is one array or nested tuples, lists and dictionaries of them."""
    if isinstance(result, Mapping):
        return [leaf for key in sorted(result) for leaf in flatten(result[key])]
    if isinstance(result, (tuple, list)):
        return [leaf for part in result for leaf in flatten(part)]
    return [result]


def compare(
    expected: Any, actual: Any, tolerance: Mapping[str, float], view: Callable[..., Any] | None = None
) -> Agreement:
    """Compare two results leaf by leaf. A dtype that `tolerance` does not name must agree exactly.

    view: makes of a result's arrays what is compared in their place.
    """
    wanted, found = arrays(expected, view), arrays(actual, view)
    if not wanted:
        return Agreement(False, "the reference returns nothing")
    if len(found) != len(wanted):  # counted first: zip() would forgive a missing output
        return Agreement(False, f"returns {len(found)} arrays, the reference {len(wanted)}")
    worst = 0.0
    for position, (e, a) in enumerate(zip(wanted, found)):
        where = f"output {position}: " if len(wanted) > 1 else ""
        if e.dtype.kind in "OSU" or a.dtype.kind in "OSU":  # what numpy.asarray makes of None, of text
            return Agreement(False, f"{where}returns no array of numbers; a `return` may be missing")
        if a.shape != e.shape:
            return Agreement(False, f"{where}shape {a.shape}, the reference {e.shape}")
        if a.dtype != e.dtype:
            return Agreement(False, f"{where}dtype {a.dtype}, the reference {e.dtype}")
        allowed = tolerance.get(str(e.dtype), 0.0)
        error = relative_error(e, a)
        worst = max(worst, error)
        if not error <= allowed:
            return Agreement(False, f"{where}relative error {error:.2g}, allowed {allowed:.2g}", worst)
    return Agreement(True, "", worst)


def arrays(result: Any, view: Callable[..., Any] | None = None) -> list[np.ndarray]:
    """The arrays of a result, or those that `view` makes of them."""
    leaves = [np.asarray(leaf) for leaf in flatten(result)]
    return leaves if view is None else arrays(view(*leaves))


def relative_error(expected: np.ndarray, actual: np.ndarray) -> float:
    """Largest |a - e| / (|e| + mean |e|); infinite where one side is NaN or infinite and the other is not the same.

    The mean keeps an element near zero, where rounding of the whole sum decides, from asking for the impossible.
    """
    if expected.size == 0:
        return 0.0
    if expected.dtype.kind not in "fc":
        return _worst_of_exact(expected, actual)
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    e: Sequence = expected.astype(wide).ravel()
    a = actual.astype(wide).ravel()
    finite = np.isfinite(e)
    if not np.array_equal(e[~finite], a[~finite], equal_nan=True) or not np.isfinite(a[finite]).all():
        return float("inf")
    if not finite.any():
        return 0.0
    size = np.abs(e[finite])
    difference = np.abs(a[finite] - e[finite])
    allowed_for = size + size.mean()
    return float(np.max(np.divide(difference, allowed_for, out=np.zeros_like(difference), where=difference > 0)))


def _worst_of_exact(expected: np.ndarray, actual: np.ndarray) -> float:
    return 0.0 if np.array_equal(expected, actual) else float("inf")
