"""The roofline: the roof that needs longer decides."""

import pytest

from analysis.roofline import roofs, share_of_peak

PEAKS = [
    ("bandwidth", "float32", 5e9),
    ("bandwidth", "float32", 10e9),
    ("matrix", "float32", 100e9),
    ("matrix", "float64", 50e9),
    ("elementwise", "float32", 20e9),
]


def test_the_best_of_each_is_the_roof():
    """Whichever library reached it."""
    found = roofs(PEAKS)
    assert found.bandwidth == 10e9
    assert found.operations["matrix", "float64"] == 50e9


@pytest.mark.parametrize(
    ("flops", "moved", "resource", "dtype", "share"),
    [
        (50e9, 1e9, "matrix", "float32", 0.5),  # arithmetic decides
        (1e9, 8e9, "matrix", "float32", 0.8),  # memory decides
        (50e9, 1e9, "matrix", "float64", 1.0),  # half the roof, twice the share
        (10e9, 0, "elementwise", "float32", 0.5),
        (None, 5e9, "", "float32", 0.5),
        (1e9, None, "matrix", "complex64", None),  # no roof is known
        (None, None, "", "float32", None),
    ],
)
def test_the_share_is_of_the_roof_that_decides(flops, moved, resource, dtype, share):
    """In one second."""
    found = share_of_peak(1.0, flops, moved, resource, dtype, roofs(PEAKS))
    assert found == (None if share is None else pytest.approx(share))


def test_twice_as_fast_is_twice_the_share():
    """And without peaks there is none."""
    shares = [share_of_peak(seconds, 1e9, 0, "matrix", "float32", roofs(PEAKS)) for seconds in (0.2, 0.1)]
    assert shares[1] == pytest.approx(2 * shares[0])
    assert share_of_peak(0.1, 1e9, 1e9, "matrix", "float32", roofs([])) is None
