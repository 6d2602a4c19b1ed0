"""Kernels that do nothing but the work they are said to do."""

import numpy as np
import pytest

from workloads import peak_kernels
from workloads.execution import execution_of
from workloads.peak_kernels import kernel_of


@pytest.fixture(scope="module")
def executions():
    return {"numpy": execution_of("numpy", None), "jax": execution_of("jax_jit", "cpu")}


@pytest.mark.parametrize("library", ["numpy", "jax"])
def test_a_bandwidth_kernel_reads_one_array_and_writes_another(executions, library, monkeypatch):
    """Its work are the bytes of both, and they are well beyond any cache."""
    assert min(peak_kernels.CPU["bytes"], peak_kernels.ELSEWHERE["bytes"]) >= 2**27
    monkeypatch.setitem(peak_kernels.CPU, "bytes", 2**20)
    kernel = kernel_of("bandwidth", "float32", executions[library])
    assert kernel.work == 2 * 2**20
    written = kernel.call()
    if library == "jax":  # NumPy's call returns nothing: it writes into an array that is there
        assert written.nbytes == 2**20
        assert float(written[-1]) == -1


@pytest.mark.parametrize("library", ["numpy", "jax"])
def test_a_matrix_kernel_multiplies(executions, library, monkeypatch):
    """Ones times ones are the side's length everywhere; two operations for each of side cubed."""
    monkeypatch.setitem(peak_kernels.CPU, "side", 64)
    kernel = kernel_of("matrix", "float32", executions[library])
    assert kernel.work == 2 * 64**3
    assert (np.asarray(kernel.call()) == 64).all()


def test_an_elementwise_kernel_does_the_operations_that_it_counts(executions):
    """As many as XLA counts in the same polynomial; its value is the sum of the powers of one half, which is 1."""
    kernel = kernel_of("elementwise", "float32", executions["jax"])
    counted = executions["jax"].analyse(kernel.call.func, kernel.call.args)["flops"]
    assert kernel.work == pytest.approx(counted, rel=0.02)
    np.testing.assert_allclose(kernel.call(), 1.0, rtol=1e-5)


def test_numpy_does_not_try_the_elementwise_peak(executions):
    """It cannot keep the running value in a register."""
    assert kernel_of("elementwise", "float32", executions["numpy"]) is None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_kernel_computes_in_the_dtype_that_it_is_named_after(executions, dtype, monkeypatch):
    """The result's bytes tell."""
    monkeypatch.setitem(peak_kernels.CPU, "side", 8)
    assert kernel_of("matrix", dtype, executions["numpy"]).call().dtype == dtype
