"""A workload and its variants: the two things that an author of a benchmark meets.

An author writes pure functions of arrays. Placing inputs on a device, compiling, waiting for results and
reading the clock belong to the probe alone, so that no variant can forget one of them.
"""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable

from workloads.tags import FAMILIES, SITUATIONS, STRESSES

#: How a variant is executed, by the first words of its name: `numpy`, `numpy_loop`, `jax_jit`, `jax_jit_scan` ...
MODES = ("numpy", "jax_eager", "jax_jit")

#: The variant that defines what is right. Every other variant is compared with it before it is timed.
REFERENCE = "numpy"

#: Largest accepted relative error by dtype of the reference's result; any dtype not named must agree exactly.
TOLERANCES = {
    "float16": 1e-2,
    "float32": 1e-4,
    "float64": 1e-9,
    "complex64": 1e-4,
    "complex128": 1e-9,
}


class WorkloadError(Exception):
    """A workload, a size or a variant that is not there or not written as it has to be."""


@dataclass(frozen=True)
class Work:
    """What one call has to do at least, whatever computes it.

    flops: floating-point operations; None where there is nothing to count, as in sorting.
    bytes_moved: read once and written once, intermediate results left out.
    resource: which peak the operations are measured against: `matrix` for products, `elementwise` for all else.
    """

    flops: float | None
    bytes_moved: float
    resource: str = "elementwise"


@dataclass(frozen=True)
class Variant:
    """One way to compute a workload: `build` imports what it needs and returns a pure function of arrays.

    donates: whether compiled JAX may overwrite the state that the workload carries from call to call.
    """

    name: str
    mode: str
    requires: tuple[str, ...]
    build: Callable[[], Callable[..., Any]]
    donates: bool = False

    def missing(self) -> list[str]:
        """Names of the required packages that this interpreter does not have."""
        # a package's own name only: to look for what is inside one would import it
        return [package for package in self.requires if importlib.util.find_spec(package.partition(".")[0]) is None]


class Workload:
    """A computation with one meaning, whatever computes it.

    version: raised by hand whenever the meaning changes; measurements of two versions are never compared.
    cases: the parameters of each case, all with the same names, small sizes first; `dtype` decides whether JAX runs
        with 64 bits. A ladder may be longer than any one machine can climb: a run stops where a call takes too long.
    size: the parameter along which a crossover is sought; None when the workload has only one size.
    family, stresses, situations: words of `tags.py`.
    tolerance: relative error by dtype, where the default of `TOLERANCES` does not fit.
    carry: so many of the first inputs are a state: variants return as many arrays first, and the next call gets those
        in their place. A NumPy variant may write into them, a JAX variant may be given up to be overwritten (donated).
    """

    def __init__(
        self,
        *,
        version: int,
        cases: Iterable[Mapping[str, Any]],
        size: str | None = "n",
        family: str = "own",
        stresses: Iterable[str] = (),
        situations: Iterable[str] = (),
        tolerance: Mapping[str, float] | None = None,
        carry: int = 0,
    ) -> None:
        self.name = ""  # given by whoever loads it: the file's name
        self.summary = ""  # the first line of the file's docstring
        self.expectation = ""  # the rest of it
        self.version = version
        self.cases = [dict(case) for case in cases]
        self.size = size
        self.family, self.stresses, self.situations = family, tuple(stresses), tuple(situations)
        if not isinstance(tolerance or {}, Mapping) or not all(0 < error < 1 for error in (tolerance or {}).values()):
            raise WorkloadError(f'tolerance is by dtype, such as {{"float32": 1e-3}}, not {tolerance!r}')
        self.tolerance = {**TOLERANCES, **(tolerance or {})}
        self.carry = carry
        self.variants: dict[str, Variant] = {}
        self.view: Callable[..., Any] | None = None
        self._make_inputs: Callable[..., tuple[Any, ...]] | None = None
        self._work: Callable[..., Work] | None = None
        if not isinstance(version, int) or version < 1:
            raise WorkloadError(f"version must be a whole number from 1 on, not {version!r}")
        if not self.cases or any(case.keys() != self.cases[0].keys() for case in self.cases):
            raise WorkloadError("a workload needs at least one case, and all its cases need the same parameters")
        for value in (value for case in self.cases for value in case.values()):
            if not isinstance(value, (str, int, float)):
                raise WorkloadError(f"the parameters of a case are texts and numbers, not {value!r}")
        if size is not None and size not in self.cases[0]:
            raise WorkloadError(f"size={size!r} is not a parameter of the cases")
        for value in (case[size] for case in self.cases if size is not None):
            if isinstance(value, str) or not 0 < value < math.inf:
                raise WorkloadError(f"{size}={value!r}: a size is a number greater than 0")
        if any(case in self.cases[:number] for number, case in enumerate(self.cases)):
            raise WorkloadError("each case must be there only once")
        if not isinstance(carry, int) or carry < 0:
            raise WorkloadError(f"carry must be a whole number from 0 on, not {carry!r}")
        check_words("family", [family], FAMILIES)
        check_words("stresses", self.stresses, STRESSES)
        check_words("situations", self.situations, SITUATIONS)

    def inputs(self, function: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
        """Decorator: `function(rng, **case)` returns the tuple of NumPy arrays that every variant receives."""
        self._make_inputs = function
        return function

    def compared(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: `function(*results)` returns what is compared in the place of the results themselves.

        For results that may rightly differ: random draws, whose moments agree, or arrays with padding. What it returns
        is compared in count, shape, dtype and value as results are.
        """
        self.view = function
        return function

    def work(self, function: Callable[..., Work]) -> Callable[..., Work]:
        """Decorator: `function(**case)` returns the `Work` of one call. Optional: it gives a share of the peak."""
        self._work = function
        return function

    def work_of(self, case: Mapping[str, Any]) -> Work | None:
        """The work of one call on `case`; None where the author does not say."""
        if self._work is None:
            return None
        check_signature("the function of work", self._work, **case)
        return self._work(**case)

    def variant(
        self, *names: str, requires: Iterable[str] = (), donates: bool = False
    ) -> Callable[[Callable], Callable]:
        """Decorator: the function imports what it needs and returns a pure function of the input arrays.

        Its body is free and untimed. Several names measure the same function in several modes. donates: the compiled
        function may overwrite the state that it is given (see `carry`).
        """

        def register(build: Callable[[], Callable[..., Any]]) -> Callable[[], Callable[..., Any]]:
            for name in names:
                if name in self.variants:
                    raise WorkloadError(f"variant {name} is declared twice")
                if donates and not (self.carry and mode_of(name) == "jax_jit"):
                    raise WorkloadError(f"variant {name} donates: that needs jax_jit, and a state to carry")
                self.variants[name] = Variant(name, mode_of(name), tuple(requires), build, donates)
            return build

        return register

    def function(self, shared: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: one function of `(xp, *inputs)` for both libraries, where `xp` is `numpy` or `jax.numpy`.

        The shortest form: it declares the variants `numpy`, `jax_eager` and `jax_jit` at once.
        """

        def with_numpy() -> Callable[..., Any]:
            import numpy

            return partial(shared, numpy)

        def with_jax() -> Callable[..., Any]:
            import jax.numpy

            return partial(shared, jax.numpy)

        self.variant("numpy")(with_numpy)
        self.variant("jax_eager", "jax_jit", requires=["jax"])(with_jax)
        return shared

    def make_inputs(self, rng: Any, case: Mapping[str, Any]) -> tuple[Any, ...]:
        """The input arrays of `case`, read-only so that a variant that writes into them fails instead of lying.

        A state (see `carry`) is the exception: each call of this makes a fresh one.
        """
        if self._make_inputs is None:
            raise WorkloadError(
                f"{self.name} declares no inputs: write a function of (rng, **case) under @workload.inputs"
            )
        check_signature("the input maker", self._make_inputs, rng, **case)
        arrays = self._make_inputs(rng, **case)
        if not isinstance(arrays, tuple) or not all(hasattr(array, "setflags") for array in arrays):
            raise WorkloadError(
                f"the inputs of {self.name} must be a tuple of NumPy arrays, not {type(arrays).__name__}: (x,)"
            )
        if len(arrays) < self.carry:
            raise WorkloadError(f"carry={self.carry}, and there are only {len(arrays)} inputs")
        for array in arrays[self.carry :]:
            array.setflags(write=False)
        return arrays

    def smallest_cases(self) -> list[dict[str, Any]]:
        """The first case of each ladder: one for each choice of what is not the size, a dtype say."""
        first: dict[tuple, dict[str, Any]] = {}
        for case in self.cases:
            first.setdefault(tuple(without_size(case, self.size).items()), case)
        return list(first.values())


def named(workload: Workload, name: str, docstring: str | None) -> Workload:
    """`workload` with its name and what its file says of it; WorkloadError where it has nothing to compare with."""
    if REFERENCE not in workload.variants:
        raise WorkloadError(f"{name} has no variant {REFERENCE!r} to compare the others with")
    # those that every workload has come first, however they are declared
    order = [mode for mode in MODES if mode in workload.variants]
    workload.variants = {name: workload.variants[name] for name in dict.fromkeys([*order, *workload.variants])}
    workload.name = name
    workload.summary, _, rest = (docstring or "").strip().partition("\n")
    workload.expectation = rest.strip()
    return workload


def nearest(name: str, known: Iterable[str]) -> str:
    """What somebody may have meant: ` Did you mean sort?`; empty where nothing is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def check_words(what: str, words: Iterable[str], known: Mapping[str, str]) -> None:
    """WorkloadError for a word that `known` does not have."""
    for word in words:
        if word not in known:
            raise WorkloadError(f"{what}: {word!r} is not known. Known: " + ", ".join(known))


def check_signature(whose: str, function: Callable[..., Any], *args: Any, **case: Any) -> None:
    """WorkloadError where a function does not take the parameters of a case."""
    try:
        inspect.signature(function).bind(*args, **case)
    except TypeError as error:
        taken = ", ".join([*("rng" for _ in args), *case])
        raise WorkloadError(f"{whose} must take ({taken}): {error}") from None


def without_size(case: Mapping[str, Any], size: str | None) -> dict[str, Any]:
    """What cases of one ladder have in common."""
    return {name: value for name, value in case.items() if name != size}


def size_of(case: Mapping[str, Any], size: str | None) -> float:
    """The case's position on the size axis; 1 where the workload has none."""
    return float(case[size]) if size else 1.0


def exact(size: float) -> str:
    """A size as it can be typed: all its digits, no exponent."""
    return f"{size:.15g}"


def mode_of(variant: str) -> str:
    """How the probe executes a variant of this name; WorkloadError if the name begins with no mode."""
    for mode in MODES:
        if variant == mode or variant.startswith(mode + "_"):
            return mode
    raise WorkloadError(f"variant {variant!r} must begin with one of: " + ", ".join(MODES))
