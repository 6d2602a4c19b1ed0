"""The contract that every workload is held to, on its smallest case."""

import numpy as np
import pytest

from workloads import agreement, bundle, execution, suite
from workloads.workload import WorkloadError

EVERY = pytest.mark.parametrize("name", suite.names())


def results(workload, case, variant):
    """What a variant returns for a case, computed as the probe computes it."""
    chosen = workload.variants[variant]
    inputs = workload.make_inputs(np.random.default_rng(1), case)
    runs = execution.execution_of(chosen.mode, "cpu")
    function = runs.prepare(chosen.build())
    return runs.fetch(runs.wait(function(*runs.place(inputs))))


@EVERY
def test_variants_agree_with_the_reference(name):
    """Every variant computes what NumPy computes: as many outputs, same shape, dtype and value."""
    workload = suite.load(name)
    case = workload.cases[0]
    expected = results(workload, case, "numpy")
    for variant in workload.variants:
        outcome = agreement.compare(expected, results(workload, case, variant), workload.tolerance)
        assert outcome.agrees, f"{variant}: {outcome.reason}"


@EVERY
def test_a_workload_says_what_it_is_for(name):
    """A first line for the pages, and a paragraph on what is expected."""
    module = __import__(f"workloads.suite.{name}", fromlist=["workload"])
    assert len(suite.load(name).summary) > 20
    assert "expect" in module.__doc__ or "measured" in module.__doc__ or "adds" in module.__doc__


@EVERY
def test_every_workload_has_the_three_variants_in_this_order(name):
    """NumPy, JAX as it is typed, JAX compiled."""
    assert list(suite.load(name).variants)[:3] == ["numpy", "jax_eager", "jax_jit"]


@EVERY
def test_sizes_ascend(name):
    """A ladder: each size larger than the one before."""
    workload = suite.load(name)
    sizes = [case[workload.size] for case in workload.cases]
    assert sizes == sorted(set(sizes))


@EVERY
def test_every_case_declares_its_work(name):
    """More than nothing, more at a larger size, and measured against a peak that there is: arithmetic has one."""
    workload = suite.load(name)
    declared = [workload.work_of(case) for case in workload.cases]
    assert {work.resource for work in declared} <= set(bundle.RESOURCES) - {"bandwidth"}
    for amounts in ([work.flops for work in declared], [work.bytes_moved for work in declared]):
        assert amounts[0] > 0
        assert amounts == sorted(set(amounts))


@EVERY
def test_the_bytes_of_a_call_are_those_of_its_inputs_and_outputs(name):
    """Each read or written once; a single number more or less does not matter."""
    workload = suite.load(name)
    for case in workload.cases[:3]:
        inputs = workload.make_inputs(np.random.default_rng(1), case)
        outputs = agreement.flatten(workload.variants["numpy"].build()(*inputs))
        assert workload.work_of(case).bytes_moved == pytest.approx(sum(a.nbytes for a in (*inputs, *outputs)), abs=8)


@pytest.mark.parametrize("variant", ["numpy", "jax_eager", "jax_jit"])
def test_the_articles_sum_is_the_articles(variant):
    """`((x + y) ** 2).sum(axis=1)` on the article's 2 x 3 example."""
    (sums,) = results(suite.load("broadcast_sum"), {"n": 2, "dtype": "float32"}, variant)
    np.testing.assert_array_equal(sums, np.float32([23.25, 95.25]))


@pytest.mark.parametrize("variant", ["numpy", "jax_eager", "jax_jit"])
def test_the_articles_gradient_is_the_articles(variant):
    """The gradient of sum(v**2 + 0.1 sin v) at the article's three points."""
    (gradient,) = results(suite.load("wave_gradient"), {"n": 3, "dtype": "float32"}, variant)
    np.testing.assert_allclose(gradient, [1.0877583, -2.3637643, 5.901001], rtol=1e-6)


def test_the_articles_size_is_on_the_ladder():
    """1,000,000 float32 numbers."""
    assert {"n": 1_000_000, "dtype": "float32"} in suite.load("elementwise_chain").cases


def test_an_unknown_workload_is_named_with_the_known_ones():
    """The error says what there is."""
    with pytest.raises(WorkloadError, match=r"no workload 'matmull'. Known: .*matrix_chain"):
        suite.load("matmull")
