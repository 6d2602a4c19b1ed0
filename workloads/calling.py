"""The call that is timed: a function on its arguments, or on a state that each call hands to the next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Callable

Call = Callable[[], Any]


def with_own_state(inputs: Sequence[Any], carry: int) -> tuple[Any, ...]:
    """`inputs`, of which the state (the first `carry` of them) may be overwritten without harm to the others."""
    return (*(array.copy() for array in inputs[:carry]), *inputs[carry:])


def call_of(
    function: Callable[..., Any], arguments: Sequence[Any], carry: int
) -> tuple[Call, Callable[[], tuple[Any, ...]]]:
    """The call, and another function that says with which arguments the next one will be made.

    Without a state it is a `functools.partial`, so that nothing of ours runs beside what is timed. Handing on a state
    costs about a tenth of a microsecond, the same for every variant.
    """
    if not carry:
        return partial(function, *arguments), lambda: tuple(arguments)
    state, others = tuple(arguments[:carry]), tuple(arguments[carry:])

    def call() -> Any:
        nonlocal state
        result = function(*state, *others)
        state = result[:carry] if isinstance(result, (tuple, list)) else (result,)
        return result

    return call, lambda: (*state, *others)
