"""What was computed, in short."""

from __future__ import annotations

import json

import numpy as np

from workloads.values import KEPT, digest, of_result

ONES = (np.ones(3),)


def test_the_same_bits_have_the_same_digest_and_others_have_not():
    """A bit, a shape, a dtype, the order of outputs: each makes another result."""
    result = [np.arange(6.0), np.zeros(2)]
    same = of_result([array.copy() for array in result], ONES)
    assert of_result(result, ONES) == same
    nearly = np.nextafter(result[0], 9.0)
    for other in ([nearly, result[1]], [result[0].reshape(2, 3), result[1]], [np.arange(6), result[1]], result[::-1]):
        assert of_result(other, ONES)["sha256"] != same["sha256"]


def test_inputs_have_a_digest_of_their_own():
    """Results of other inputs are no other results."""
    found = of_result([np.zeros(2)], ONES)
    assert found["inputs_sha256"] == digest(ONES) != of_result([np.zeros(2)], (np.ones(4),))["inputs_sha256"]


def test_a_few_numbers_are_kept_of_all_outputs():
    """The first and the last among them; as JSON, whatever they are."""
    kept = of_result([np.arange(1000.0), np.array([1 + 2j]), np.array([np.nan, -np.inf]), np.array([])], ONES)[
        "numbers"
    ]
    assert len(kept) <= KEPT
    assert kept[0] == 0.0
    assert 999.0 in kept
    assert 1.0 in kept
    assert {"nan", "-inf"} <= set(map(str, kept))
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept


def test_a_result_that_does_not_lie_in_one_piece_has_the_digest_of_its_values():
    """How it lies in memory is not what it is."""
    table = np.arange(6.0).reshape(2, 3)
    assert of_result([table.T], ONES) == of_result([np.ascontiguousarray(table.T)], ONES)
