"""What a mistake looks like from inside, and how it is mended."""

from __future__ import annotations

HINTS = {
    "read-only": "it writes into its inputs: copy them first, or declare them as a state, carry=1",
    "unexpected keyword argument": "the parameters of an input maker are `rng` and those of a case",
    "missing 1 required positional argument": "the parameters of an input maker are `rng` and those of a case",
    "TracerBoolConversionError": "it branches on values that jit does not know: use jax.numpy.where or jax.lax.cond",
    "TracerArrayConversionError": "it gives JAX's arrays to NumPy, which jit cannot follow: use jax.numpy",
    "NonConcreteBooleanIndexError": "the shape of its result depends on values, which jit does not know",
    "ConcretizationTypeError": "it needs a value that jit does not know: make it a shape, or a loop of jax.lax",
}


def with_hint(reason: str) -> str:
    """A reason, and how it is mended where that is known."""
    return next((f"{reason} ({hint})" for sign, hint in HINTS.items() if sign in reason), reason)
