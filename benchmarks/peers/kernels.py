"""Ten kernels whose work is exactly proportional to a factor: 1.0 is the base, 1.02 a planted slowdown of 2 %.

Every base amount is a multiple of 100 rows (or calls, or steps): 2, 5 and 10 % more of them are whole numbers. Inputs
are drawn from a fixed seed and made contiguous beforehand, rows of the base first; a call only computes. Each call is
made once at set-up, which compiles it. Imports nothing but NumPy, and JAX where it is needed: peers' environments
import this file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

Call = Callable[[], Any]
Make = Callable[[float], Call]

SEED = 20_251_122


def _amount(hundreds: int, work: float) -> int:
    return round(100 * hundreds * work)


def _draw(hundreds: int, work: float, *row: int) -> numpy.ndarray:
    """Rows of float32 in (0, 1); more work adds rows after the same first ones."""
    generator = numpy.random.default_rng(SEED)
    return generator.random((_amount(hundreds, work), *row), dtype=numpy.float32)


def _repeated(call: Call, work: float) -> Call:
    """One call of 100 calls, for work of which a large part is dispatch, and so no multiple of its rows."""
    calls = _amount(1, work)

    def repeated() -> None:
        for _ in range(calls):
            call()

    return repeated


def _numpy_small_calls(work: float) -> Call:
    x, y = _draw(2, 1.0)[:100], _draw(2, 1.0)[100:]
    return _repeated(lambda: numpy.add(x, y), work)


def _numpy_chain(work: float) -> Call:
    x = _draw(2, work, 140)
    return lambda: numpy.log1p(numpy.exp(numpy.tanh(x)))


def _numpy_matmul(work: float) -> Call:
    x, y = _draw(1, work, 16, 256), _draw(3, 1.0, 16)[:256]
    return lambda: numpy.matmul(x, y)


def _numpy_sort(work: float) -> Call:
    x = _draw(1, work, 250)
    return lambda: numpy.sort(x, axis=1)


def _numpy_memory(work: float) -> Call:
    """A hundred temporaries of 2 MB. Not one large array of more rows: what an array costs jumps with its size.

    (`malloc` hands out fresh pages or used ones, the pages are huge or not, the cache holds it all or not.)
    """
    x = _draw(10, 1.0, 250).astype(numpy.float64)
    return _repeated(lambda: x + 1.0, work)


def _compiled(function: Callable[..., Any], *inputs: numpy.ndarray) -> Call:
    import jax

    compiled = jax.jit(function)
    placed = [jax.device_put(each) for each in inputs]
    return lambda: compiled(*placed).block_until_ready()


def _jax_eager_calls(work: float) -> Call:
    from jax import numpy as jnp

    x = jnp.asarray(_draw(1, 1.0))
    return _repeated(lambda: jnp.add(x, x).block_until_ready(), work)


def _jax_chain(work: float) -> Call:
    import jax
    from jax import numpy as jnp

    return _compiled(lambda x: jax.lax.map(lambda row: jnp.sqrt(jnp.exp(row) * row + 1.0), x), _draw(1, work, 10_000))


def _jax_matmul(work: float) -> Call:
    import jax

    return _compiled(lambda x: jax.lax.map(lambda each: each @ each, x), _draw(1, work, 96, 96))


def _jax_sort(work: float) -> Call:
    """The same row over and over: how long a row takes depends on its order."""
    from jax import numpy as jnp

    return _compiled(lambda x: jnp.sort(x, axis=1), numpy.tile(_draw(2, 1.0), (_amount(1, work), 1)))


def _jax_scan(work: float) -> Call:
    import jax
    from jax import numpy as jnp

    def step(carry: Any, row: Any) -> tuple[Any, None]:
        return jnp.tanh(carry * row + 0.1), None

    return _compiled(lambda x: jax.lax.scan(step, x[0], x)[0], _draw(40, work, 16))


def _once(make: Make) -> Make:
    """`make`, and its first call made."""

    def made(work: float) -> Call:
        call = make(work)
        call()
        return call

    return made


KERNELS: dict[str, Make] = {
    make.__name__.lstrip("_"): _once(make)
    for make in (
        _numpy_small_calls,
        _numpy_chain,
        _numpy_matmul,
        _numpy_sort,
        _numpy_memory,
        _jax_eager_calls,
        _jax_chain,
        _jax_matmul,
        _jax_sort,
        _jax_scan,
    )
}
