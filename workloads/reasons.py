"""Reasons as text: what went wrong, on one line; what to do about it; and nothing of where this machine keeps files."""

from __future__ import annotations

import re
import traceback

#: JAX's own errors, whose texts are long: what they mean for an author, in the place of what they say.
MEANT = {
    "TracerBoolConversionError": "it branches on values that jit does not know: use jax.numpy.where or jax.lax.cond",
    "TracerArrayConversionError": "it gives JAX's arrays to NumPy, which jit cannot follow: use jax.numpy",
    "NonConcreteBooleanIndexError": "the shape of its result depends on values, which jit does not know",
    "ConcretizationTypeError": "it needs a value that jit does not know: no float() or int(), a loop of jax.lax",
}

#: What a mistake looks like from inside, and how it is mended.
HINTS = {
    "array is read-only": "it writes into its inputs: copy them first, or declare them as a state, carry=1",
    "destination is read-only": "it writes into its inputs: copy them first, or declare them as a state, carry=1",
    "JAX arrays are immutable": "where the libraries need code of their own, write a variant for each",
    "dtype float32, the reference float64": "NumPy has 64 bits where the case has not: draw inputs with dtype=dtype",
    "dtype int32, the reference int64": "NumPy counts with 64 bits, JAX in such a case with 32: .astype(numpy.int32)",
    "ModuleNotFoundError": "name the package where the variant is declared, requires=[...], and it is unsupported here",
}

#: An error of this size may be rounding; a larger one is another computation.
MAY_BE_ROUNDING = 0.01

#: The folders of an absolute path. Reasons travel in bundles; a path of this machine does not.
FOLDERS = re.compile(r"(?<![\w.:/])/(?:[^\s/'\":,()]+/)+")

MOST_CHARACTERS = 300


def one_line(error: BaseException) -> str:
    """An error as one line of at most 300 characters, with its line in a file from outside."""
    name = type(error).__name__
    return told(f"{name}: {MEANT.get(name, error)}") + line_of(error)


def line_of(error: BaseException) -> str:
    """Where in a file from outside an error was raised: those are compiled under their bare name."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.endswith(".py") and "/" not in frame.filename]
    return f" ({own[-1].filename}, line {own[-1].lineno})" if own else ""


def told(text: str) -> str:
    """Text on one line, without folders of this machine."""
    return FOLDERS.sub("", " ".join(text.split()))[:MOST_CHARACTERS]


def with_hint(reason: str) -> str:
    """A reason, and how it is mended where that is known."""
    return next((f"{reason}: {hint}" for sign, hint in HINTS.items() if sign in reason), reason)


def disagreement(reason: str, error: float | None, dtype: str) -> str:
    """Why a result disagrees, and how that is mended where it is known."""
    if error is not None and 0 < error < MAY_BE_ROUNDING:
        return f'{reason}; if that is rounding, yours or NumPy\'s, say so: tolerance={{"{dtype}": {error * 10:.0e}}}'
    return with_hint(reason)
