"""How each library places inputs, prepares a function, waits for its result and fetches it. Reads no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Callable

import numpy as np

from workloads import waiting
from workloads.agreement import flatten


class NumpyExecution:
    """NumPy computes where the arrays are, at once: nothing to place, to compile or to wait for."""

    def __init__(self) -> None:
        self.device = {"platform": "cpu", "kind": "cpu", "count": 1}

    def place(self, arrays: Sequence[np.ndarray]) -> tuple[Any, ...]:
        return tuple(arrays)

    def prepare(self, function: Callable[..., Any], donated: Iterable[int] = ()) -> Callable[..., Any]:  # noqa: ARG002
        return function

    def wait(self, result: Any) -> Any:
        """The result, once it is there: at once."""
        return result

    def computed(self, result: Any) -> bool:  # noqa: ARG002
        """Whether this library computed the result: whatever NumPy was given, it did."""
        return True

    def way_to_wait(self, result: Any) -> waiting.Wait:  # noqa: ARG002
        return None

    def fetch(self, result: Any) -> list[np.ndarray]:
        return [np.asarray(leaf) for leaf in flatten(result)]

    def peak_bytes(self) -> int | None:
        """The device's memory at its fullest: here the host's, which is asked elsewhere."""

    def analyse(self, function: Callable[..., Any], arguments: Sequence[Any]) -> dict[str, Any] | None:
        """What a compiler knows of the function's cost: here there is none."""


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

    def prepare(self, function: Callable[..., Any], donated: Iterable[int] = ()) -> Callable[..., Any]:
        """The function as it is called. donated: positions of the arguments that its compiled form may overwrite."""
        return self._jax.jit(function, donate_argnums=tuple(donated)) if self._jit else function

    def wait(self, result: Any) -> Any:
        """The result, once it is there."""
        return self._jax.block_until_ready(result)

    def computed(self, result: Any) -> bool:
        """Whether JAX computed the result: given JAX's arrays, NumPy would compute too, and be timed in its place."""
        return all(isinstance(leaf, self._jax.Array) for leaf in flatten(result))

    def way_to_wait(self, result: Any) -> waiting.Wait:
        return waiting.way_to_wait(result, self._jax.block_until_ready)

    def fetch(self, result: Any) -> list[np.ndarray]:
        return [np.asarray(leaf) for leaf in flatten(result)]

    def peak_bytes(self) -> int | None:
        """The device's memory at its fullest since this process began; None where it does not count, as on a CPU."""
        return (self._device.memory_stats() or {}).get("peak_bytes_in_use")

    def analyse(self, function: Callable[..., Any], arguments: Sequence[Any]) -> dict[str, Any] | None:
        """XLA's cost and memory analysis, as far as this release has them; None without `jit`."""
        if not self._jit:
            return None
        compiled = function.lower(*arguments).compile()
        cost = compiled.cost_analysis() or {}
        cost = cost[0] if isinstance(cost, list) else cost  # one for each device until JAX 0.4.36
        memory = compiled.memory_analysis()
        found = {
            "flops": cost.get("flops"),
            "transcendentals": cost.get("transcendentals"),
            "accessed_bytes": cost.get("bytes accessed"),
            "argument_bytes": getattr(memory, "argument_size_in_bytes", None),
            "output_bytes": getattr(memory, "output_size_in_bytes", None),
            "temporary_bytes": getattr(memory, "temp_size_in_bytes", None),
            "code_bytes": getattr(memory, "generated_code_size_in_bytes", None),
        }
        return {name: value for name, value in found.items() if value is not None and value >= 0}


def execution_of(mode: str, platform: str | None) -> NumpyExecution | JaxExecution:
    """The execution of a variant's mode (see `workload.MODES`)."""
    if mode == "numpy":
        return NumpyExecution()
    return JaxExecution(jit=mode == "jax_jit", platform=platform)
