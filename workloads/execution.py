"""How each library places inputs, prepares a function, waits for its result and fetches it. Reads no clock."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Callable

import numpy as np

from workloads.agreement import flatten


class NumpyExecution:
    """NumPy computes where the arrays are, at once: nothing to place, to compile or to wait for."""

    def __init__(self) -> None:
        self.device = {"platform": "cpu", "kind": "cpu", "count": 1}

    def place(self, arrays: Sequence[np.ndarray]) -> tuple[Any, ...]:
        return tuple(arrays)

    def prepare(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    def bind(self, function: Callable[..., Any], arguments: Sequence[Any], single: bool = False) -> Callable[[], Any]:  # noqa: ARG002
        """A call without arguments that returns when the result is there."""
        return partial(function, *arguments)

    def fetch(self, result: Any) -> list[np.ndarray]:
        return [np.asarray(leaf) for leaf in flatten(result)]


class JaxExecution:
    """JAX on one device, with or without `jit`.

    platform: `cpu`, `gpu`, `tpu` ..., or None for the one JAX chooses by itself. RuntimeError where it is not there.
    """

    def __init__(self, *, jit: bool, platform: str | None = None) -> None:
        import jax

        self._jax = jax
        self._jit = jit
        devices = jax.devices(platform) if platform else jax.devices()
        self._device = devices[0]
        self.device = {"platform": self._device.platform, "kind": self._device.device_kind, "count": len(devices)}
        # JAX's own start-up (loading the compiler) is nobody's first call.
        jax.jit(lambda x: x + 1)(self.place([np.zeros((), np.float32)])[0]).block_until_ready()

    def place(self, arrays: Sequence[np.ndarray]) -> tuple[Any, ...]:
        return tuple(self._jax.block_until_ready([self._jax.device_put(array, self._device) for array in arrays]))

    def prepare(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return self._jax.jit(function) if self._jit else function

    def bind(self, function: Callable[..., Any], arguments: Sequence[Any], single: bool = False) -> Callable[[], Any]:
        """A call without arguments that returns when the result is there.

        single: the function returns one array, whose own method waits in a fraction of a microsecond.
        """
        if single:
            return lambda: function(*arguments).block_until_ready()
        wait = self._jax.block_until_ready
        return lambda: wait(function(*arguments))

    def fetch(self, result: Any) -> list[np.ndarray]:
        return [np.asarray(leaf) for leaf in flatten(result)]


def execution_of(mode: str, platform: str | None) -> NumpyExecution | JaxExecution:
    """The execution of a variant's mode (see `workload.MODES`)."""
    if mode == "numpy":
        return NumpyExecution()
    return JaxExecution(jit=mode == "jax_jit", platform=platform)
