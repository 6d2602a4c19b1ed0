"""Reasons as text: what went wrong, on one line; what to do about it; and nothing of where this machine keeps files."""

from __future__ import annotations

import re

#: What a mistake looks like from inside, and how it is mended.
HINTS = {
    "array is read-only": "it writes into its inputs: copy them first, or declare them as a state, carry=1",
    "destination is read-only": "it writes into its inputs: copy them first, or declare them as a state, carry=1",
    "TracerBoolConversionError": "it branches on values that jit does not know: use jax.numpy.where or jax.lax.cond",
    "TracerArrayConversionError": "it gives JAX's arrays to NumPy, which jit cannot follow: use jax.numpy",
    "NonConcreteBooleanIndexError": "the shape of its result depends on values, which jit does not know",
    "ConcretizationTypeError": "it needs a value that jit does not know: make it a shape, or a loop of jax.lax",
    "dtype float32, the reference float64": "JAX has 64 bits only where a case has dtype=float64",
}

#: The folders of an absolute path. Reasons travel in bundles; a path of this machine does not.
FOLDERS = re.compile(r"(?<![\w.:/])/(?:[^\s/'\":,()]+/)+")

MOST_CHARACTERS = 300


def one_line(error: BaseException) -> str:
    """An error as one line of at most 300 characters."""
    return told(f"{type(error).__name__}: {error}")


def told(text: str) -> str:
    """Text on one line, without folders of this machine."""
    return FOLDERS.sub("", " ".join(text.split()))[:MOST_CHARACTERS]


def with_hint(reason: str) -> str:
    """A reason, and how it is mended where that is known."""
    return next((f"{reason} ({hint})" for sign, hint in HINTS.items() if sign in reason), reason)
