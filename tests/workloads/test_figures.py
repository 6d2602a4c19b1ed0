"""Figures as people read them."""

import pytest

from workloads import figures


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (2.806e-3, "2.8 ms"),
        (62.7e-3, "63 ms"),
        (1.5e-9, "1.5 ns"),
        (733e-6, "733 µs"),
        (12.0, "12 s"),
        (None, "–"),
    ],
)
def test_seconds_without_an_interval_have_two_digits(seconds, text):
    """A unit, never an exponent, never `1.024k`; the integer part is never cut."""
    assert figures.seconds_text(seconds) == text


def test_an_interval_shares_the_unit_of_its_figure_and_gives_its_digits():
    """So that the three can be compared at a glance, and no digit claims more than is known."""
    assert figures.seconds_text(1.02e-3, 0.5e-3, 1.9e-3) == "1.0 ms [0.50, 1.9]"
    assert figures.seconds_text(1.0212e-3, 1.0193e-3, 1.0231e-3) == "1.021 ms [1.019, 1.023]"


@pytest.mark.parametrize(
    ("ratio", "low", "high", "text"),
    [
        (0.0771, 0.03, 0.16, "0.077× [0.030, 0.16]"),
        (2.4812, 2.4790, 2.4830, "2.481× [2.479, 2.483]"),
        (22.36, 12.0, 45.0, "22× [12, 45]"),
        (1112, 1013, 1221, "1,112× [1,013, 1,221]"),
        (1.03, 1.003, 1.052, "1.030× [1.003, 1.052]"),
        (3.2, None, None, "3.2×"),
        (None, None, None, "–"),
    ],
)
def test_a_ratio_has_as_many_digits_as_its_interval_allows(ratio, low, high, text):
    """A wide interval gets two digits, a narrow one up to four."""
    assert figures.ratio_text(ratio, low, high) == text


def test_a_case_reads_as_people_write_it():
    """Sizes with thousands separated, the dtype without its name."""
    assert figures.case_text({"n": 1_000_000, "dtype": "float32"}) == "n=1,000,000 float32"


@pytest.mark.parametrize(("floor", "text"), [(0.0123, "1.2 %"), (0.999, "99.9 %"), (1.5, "2×"), (None, "–")])
def test_a_change_is_a_percentage_or_a_factor(floor, text):
    """Beyond a doubling, percents say nothing."""
    assert figures.change_text(floor) == text
