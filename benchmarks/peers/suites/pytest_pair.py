"""Baseline and candidate of one kernel in one pytest session, in this order."""

import os
import sys

import pytest

sys.path.insert(0, os.environ["PEERS"])

from kernels import KERNELS


@pytest.mark.parametrize("work", ["1.0", os.environ["PEERS_WORK"]], ids=["base", "candidate"])
def test_kernel(benchmark, work):
    benchmark(KERNELS[os.environ["PEERS_KERNEL"]](float(work)))
