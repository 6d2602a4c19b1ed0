"""How the result of a call is waited for, as cheaply as can be: waiting is part of what is timed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, Union

#: Not at all, by the result's own method, or by a function of it.
Wait = Union[None, str, Callable[[Any], Any]]
METHOD = "block_until_ready"


def wait_for_each(results: Sequence[Any]) -> None:
    """Wait for every array of a flat sequence; JAX's own function walks a tree, which costs microseconds."""
    for result in results:
        result.block_until_ready()


def way_to_wait(result: Any, whatever: Callable[[Any], Any]) -> Wait:
    """The cheapest way to wait for results like this one; `whatever` waits for any."""
    if hasattr(result, METHOD):
        return METHOD
    if isinstance(result, (tuple, list)) and all(hasattr(leaf, METHOD) for leaf in result):
        return wait_for_each
    return whatever
