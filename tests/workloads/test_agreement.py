"""No agreed result, no number: planted wrong results must be caught."""

import numpy as np
import pytest

from workloads import agreement
from workloads.agreement import compare, relative_error
from workloads.workload import TOLERANCES

RIGHT = np.linspace(1, 2, 5, dtype=np.float32)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (np.zeros_like(RIGHT), "relative error"),
        (RIGHT[:3], "shape"),
        (RIGHT.astype(np.float64), "dtype"),
        (RIGHT * np.float32(1.001), "relative error"),
        (np.where(RIGHT > 1.5, np.nan, RIGHT).astype(np.float32), "relative error inf"),
        ((RIGHT, RIGHT), "returns 2 arrays"),
        ((), "returns 0 arrays"),
    ],
)
def test_a_wrong_result_does_not_agree(wrong, reason):
    """Zeros, a part, another dtype, a small error, a NaN, too many and too few outputs."""
    outcome = compare(RIGHT, wrong, TOLERANCES)
    assert not outcome.agrees
    assert reason in outcome.reason


def test_rounding_agrees():
    """One unit in the last place is no disagreement, and its size is reported."""
    outcome = compare(RIGHT, np.nextafter(RIGHT, np.float32(9)), TOLERANCES)
    assert outcome.agrees
    assert 0 < outcome.max_error < 1e-6


def test_nan_and_infinity_agree_only_with_themselves():
    """A NaN in the same place is the same result; an infinity of the other sign is not."""
    special = np.array([np.nan, np.inf, 1.0])
    assert compare(special, special.copy(), TOLERANCES).agrees
    assert not compare(special, np.array([np.nan, -np.inf, 1.0]), TOLERANCES).agrees
    assert not compare(special, np.array([np.inf, np.nan, 1.0]), TOLERANCES).agrees
    assert not compare(special, np.array([0.0, np.inf, 1.0]), TOLERANCES).agrees
    assert not compare(special, np.array([np.nan, np.inf, np.nan]), TOLERANCES).agrees
    assert not compare(special, np.array([np.nan, np.inf, 1.1]), TOLERANCES).agrees


def test_a_result_that_is_all_nan_agrees_with_itself_alone():
    """There is no mean to judge by."""
    nothing = np.full(3, np.nan)
    assert compare(nothing, nothing.copy(), TOLERANCES).agrees
    assert not compare(nothing, np.ones(3), TOLERANCES).agrees


@pytest.mark.parametrize(
    ("wide", "narrow"), [("float64", "float32"), ("complex128", "complex64"), ("int64", "int32"), ("bool", "int8")]
)
def test_the_same_values_in_another_dtype_do_not_agree(wide, narrow):
    """JAX without 64 bits returns them so: what it computed faster is something else."""
    assert compare(np.ones(3, wide), np.ones(3, wide), TOLERANCES).agrees
    assert f"dtype {narrow}" in compare(np.ones(3, wide), np.ones(3, narrow), TOLERANCES).reason


@pytest.mark.parametrize("dtype", [np.int32, np.bool_])
def test_whole_numbers_and_truth_must_agree_exactly(dtype):
    """No tolerance for what does not round."""
    assert compare(np.array([0, 1, 1], dtype), np.array([0, 1, 1], dtype), TOLERANCES).agrees
    assert not compare(np.array([0, 1, 1], dtype), np.array([0, 1, 0], dtype), TOLERANCES).agrees


def test_complex_results_are_compared_as_complex():
    """An error in the imaginary part alone is an error."""
    right = np.array([1 + 1j, 2 + 2j])
    assert compare(right, right * (1 + 1e-12), TOLERANCES).agrees
    assert not compare(right, right.conj(), TOLERANCES).agrees
    assert not compare(right, right.real.astype(right.dtype), TOLERANCES).agrees


def test_every_output_of_a_nested_result_is_compared():
    """Tuples, lists and dictionaries are flattened the same way on both sides."""
    right = {"a": RIGHT, "b": [RIGHT, RIGHT]}
    assert compare(right, {"b": (RIGHT, RIGHT), "a": RIGHT}, TOLERANCES).agrees
    assert "output 2" in compare(right, {"a": RIGHT, "b": [RIGHT, -RIGHT]}, TOLERANCES).reason


def test_a_reference_that_returns_nothing_agrees_with_nothing():
    """Else a variant that computes nothing would be the fastest."""
    assert not compare((), (), TOLERANCES).agrees


def test_an_element_near_zero_is_judged_by_the_size_of_the_whole():
    """What cancels to almost nothing carries the rounding of what was cancelled."""
    assert relative_error(np.array([1e-9, 1.0]), np.array([2e-9, 1.0])) < 1e-8


@pytest.mark.parametrize("result", [None, (np.zeros(2), None), "text", [[1], [2, 3], object()]])
def test_a_forgotten_return_is_no_agreement(result):
    """Nothing equals nothing, and a compiler leaves out what nobody asks for: it would win without bound."""
    outcome = agreement.compare(result, result, TOLERANCES)
    assert not outcome.agrees
