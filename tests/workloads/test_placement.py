"""Proof of place: what was found must be what was asked for."""

from dataclasses import replace

import pytest

from tests.workloads.measuring import HERE
from workloads.placement import is_version, misplacement

STARTED = {
    "found": {"numpy": "2.4.6", "python": "3.12.1"},
    "device": {"platform": "cpu", "kind": "cpu", "count": 1},
    "cores": [0, 1],
}
GPU = {**STARTED, "device": {"platform": "gpu", "kind": "NVIDIA H100", "count": 1}}


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({}, ""),
        ({"numpy": "2.4.6"}, ""),
        ({"numpy": "2.4.3"}, "asked for numpy 2.4.3, found 2.4.6"),
        ({"scipy": "1.0"}, "asked for scipy 1.0, found none"),
        ({"python": "3.12"}, ""),
        ({"python": "3.1"}, "asked for python 3.1, found 3.12.1"),
        ({"numpy": "2.4"}, "asked for numpy 2.4, found 2.4.6"),
    ],
)
def test_a_pin_that_resolved_to_another_version_is_misplaced(asked, wrong):
    """Python may be asked for without its last number, a package not."""
    assert misplacement(replace(HERE, asked=asked), STARTED, None) == wrong


@pytest.mark.parametrize(
    ("started", "platform", "wrong"),
    [
        (STARTED, None, ""),
        (STARTED, "cpu", ""),
        (STARTED, "gpu", "asked for gpu, found cpu"),
        (STARTED, "cuda", "asked for cuda, found cpu"),
        (GPU, "gpu", ""),
        (GPU, "cuda", ""),
        (GPU, "rocm", ""),
        (GPU, "tpu", "asked for tpu, found gpu"),
        (GPU, "cpu", "asked for cpu, found gpu"),
    ],
)
def test_a_device_that_jax_did_not_take_is_misplaced(started, platform, wrong):
    """It falls back to the CPU in silence; `cuda` and `rocm` are what it calls `gpu` in its answer."""
    assert misplacement(HERE, started, platform) == wrong


@pytest.mark.parametrize(
    ("cores", "wrong"),
    [
        (None, ""),
        ([1, 0], ""),
        ([0], "asked for the cores [0], found [0, 1]"),
        ([2, 0], "asked for the cores [0, 2], found [0, 1]"),
    ],
)
def test_cores_that_were_not_had_are_misplaced(cores, wrong):
    """More, fewer or other ones than asked for, in whatever order."""
    assert misplacement(HERE, STARTED, None, cores) == wrong


@pytest.mark.parametrize(
    ("found", "asked", "same"),
    [
        ("2.4.0", "2.4", True),
        ("2.4", "2.4.0", True),
        ("2.4.1", "2.4", False),
        ("2.40", "2.4", False),
        ("2.4.10", "2.4.1", False),
    ],
)
def test_a_version_may_leave_out_its_zeros(found, asked, same):
    """2.4 is released as 2.4.0."""
    assert is_version(found, asked, prefix=False) == same
