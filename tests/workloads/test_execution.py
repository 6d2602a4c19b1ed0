"""What each library does between arrays and a result."""

import numpy as np
import pytest

from workloads.execution import execution_of

X = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)


@pytest.mark.parametrize("mode", ["numpy", "jax_eager", "jax_jit"])
def test_a_result_is_fetched_as_numpy_arrays(mode):
    """Whatever computed it: inputs placed, function prepared, waited for, fetched leaf by leaf."""
    execution = execution_of(mode, "cpu")
    function = execution.prepare(lambda x, y: (x @ y, {"b": x - y, "a": x + y}))
    product, total, difference = execution.fetch(execution.wait(function(*execution.place([X, X]))))
    assert {type(array) for array in (product, total, difference)} == {np.ndarray}
    np.testing.assert_allclose(product, X @ X, rtol=1e-5)
    np.testing.assert_array_equal(total, X + X)
    np.testing.assert_array_equal(difference, X - X)


def test_only_jit_compiles_the_whole():
    """A function that is traced sees no values; one that runs eagerly does."""
    for mode, traced in (("jax_eager", False), ("jax_jit", True)):
        execution, seen = execution_of(mode, "cpu"), []
        execution.prepare(lambda x: seen.append("Tracer" in type(x).__name__) or x)(*execution.place([X]))  # noqa: B023
        assert seen == [traced]


def test_a_compiled_function_has_a_cost():
    """XLA's count of a matrix product is the textbook's; what is not compiled has none."""
    execution = execution_of("jax_jit", "cpu")
    found = execution.analyse(execution.prepare(lambda x: x @ x), execution.place([X]))
    assert found["flops"] == pytest.approx(2 * 8**3, rel=0.1)
    assert (found["argument_bytes"], found["output_bytes"]) == (X.nbytes, X.nbytes)
    assert all(isinstance(value, (int, float)) and value >= 0 for value in found.values())
    for mode in ("numpy", "jax_eager"):
        assert execution_of(mode, "cpu").analyse(abs, [X]) is None


def test_a_platform_that_is_not_there_is_an_error_in_jaxs_own_words():
    """Never another platform."""
    with pytest.raises(RuntimeError, match="nowhere"):
        execution_of("jax_jit", "nowhere")


@pytest.mark.parametrize("mode", ["numpy", "jax_jit"])
def test_a_processor_counts_no_memory_of_its_own(mode):
    """Its peak is the process's, which is asked elsewhere."""
    execution = execution_of(mode, "cpu")
    assert execution.device == {"platform": "cpu", "kind": "cpu", "count": 1}
    assert execution.peak_bytes() is None
