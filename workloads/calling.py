"""The call that is timed: a function on its arguments, or on a state that each call hands to the next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Callable

from workloads.workload import WorkloadError

Call = Callable[[], Any]


def with_own_state(inputs: Sequence[Any], carry: int) -> tuple[Any, ...]:
    """`inputs`, of which the state (the first `carry` of them) may be overwritten without harm to the others."""
    return (*(array.copy() for array in inputs[:carry]), *inputs[carry:])


def check_state(result: Any, state: Sequence[Any]) -> None:
    """WorkloadError unless `result` begins with arrays like those of the state: the next call is made with them."""
    returned = result if isinstance(result, (tuple, list)) else (result,)
    for number, array in enumerate(state):
        like = f"an array of shape {array.shape} and dtype {array.dtype}"
        if len(returned) <= number:
            raise WorkloadError(f"carry={len(state)} needs as many arrays back first, and {len(returned)} came")
        if (returned[number].shape, returned[number].dtype) != (array.shape, array.dtype):
            raise WorkloadError(f"the state must come back as it went in: {like} as output {number}")


def call_of(
    function: Callable[..., Any], arguments: Sequence[Any], carry: int
) -> tuple[Call, Callable[[], tuple[Any, ...]]]:
    """The call, and another function that says with which arguments the next one will be made.

    Without a state it is a `functools.partial`, so that nothing of ours runs beside what is timed. Handing on a state
    costs 0.2 µs (`benchmarks/probe_overhead.py`), the same for every variant.
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
