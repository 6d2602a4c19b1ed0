"""Results of every kind, each computed rightly, wrongly in one place, in part, and with fewer bits than asked for."""

import numpy as np

from workloads.workload import Workload

KINDS = ("complex64", "complex128", "int32", "int64", "bool", "float64", "object")

workload = Workload(version=1, cases=[{"n": 4, "dtype": dtype} for dtype in KINDS])


@workload.inputs
def numbers(rng, n, dtype):
    if dtype == "bool":
        return (np.array([True, False, True, True]),)
    upwards = np.arange(1, n + 1)
    return ((upwards * (1 + 2j) if dtype.startswith("complex") else upwards).astype(dtype),)


def right(x, numeric=np):
    """A square, a sum, a negation; for float64 two outputs, the first of which holds NaN."""
    if x.dtype.kind == "c":
        return x * x
    if x.dtype.kind == "b":
        return ~x
    if x.dtype.kind == "f":
        return numeric.where(x > 2, numeric.nan, x + x), x * x
    return x + x


class Incomparable:
    """An element of a result whose comparison with anything raises."""

    def __eq__(self, other):
        raise RuntimeError("not to be compared")

    __hash__ = None


def wrong(x):
    """The imaginary part, one number by one, one truth, another place of NaN; elements that cannot be compared."""
    if x.dtype.kind == "c":
        return (x * x).conj()
    if x.dtype.kind == "b":
        return ~x ^ np.array([True, False, False, False])
    if x.dtype.kind == "f":
        return np.where(x < 2, np.nan, x + x), x * x
    if x.dtype.kind == "O":
        return np.array([Incomparable() for _ in x], dtype=object)
    return (x + x) + (x == 1)


def part(x):
    """The first output of those of float64."""
    result = right(x)
    return result[:1] if isinstance(result, tuple) else result


workload.variant("numpy")(lambda: right)
workload.variant("numpy_wrong")(lambda: wrong)
workload.variant("numpy_part")(lambda: part)


@workload.variant("jax_jit", requires=["jax"])
def with_jax():
    import jax.numpy as jnp

    return lambda x: right(x, jnp)


@workload.variant("jax_jit_narrow", requires=["jax"])
def narrow():
    import jax
    import jax.numpy as jnp

    fewer = {"float64": jnp.float32, "complex128": jnp.complex64, "int64": jnp.int32}

    def narrowed(x):
        return jax.tree.map(lambda leaf: leaf.astype(fewer.get(str(leaf.dtype), leaf.dtype)), right(x, jnp))

    return narrowed
