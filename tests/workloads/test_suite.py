"""The contract that every workload is held to, on its smallest cases."""

import itertools
from contextlib import contextmanager

import numpy as np
import pytest

from tests.workloads.agree import outcomes
from workloads import agreement, bundle, calling, declaration, execution, suite
from workloads.plan import choose_cases
from workloads.tags import FAMILIES, SITUATIONS
from workloads.workload import WorkloadError

NAMES = suite.names()
EVERY = pytest.mark.parametrize("name", NAMES)


def planned(name):
    """The cases of a workload, as a plan has them."""
    return choose_cases({name: None})


@contextmanager
def jax_with(wide):
    """JAX with or without 64 bits, as a probe would be started."""
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", wide)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


def result(name, case, variant):
    """What a variant returns for a case."""
    workload = suite.load(name)
    chosen = workload.variants[variant]
    runs = execution.execution_of(chosen.mode, "cpu")
    arguments = runs.place(workload.make_inputs(np.random.default_rng(1), case))
    return runs.fetch(runs.wait(runs.prepare(chosen.build())(*arguments)))


@EVERY
@pytest.mark.filterwarnings("ignore:Some donated buffers were not usable")
def test_variants_agree_with_the_reference(name):
    """Every variant computes what NumPy computes, for every dtype: as many outputs, same shape, dtype and value."""
    workload = suite.load(name)
    tried = 0
    for case in planned(name):
        if case.case in workload.smallest_cases():
            with jax_with(case.is_wide):
                for variant, status, reason in outcomes(workload, case.case, seed=2):
                    assert status == "agrees", f"{variant} on {case.case}: {reason}"
                    tried += 1
    assert tried == len(workload.variants) * len(workload.smallest_cases())


@EVERY
def test_a_workload_says_what_it_is_for(name):
    """A line for the pages, what is expected and why, and the words by which it is found."""
    workload = suite.load(name)
    assert 20 < len(workload.summary) <= 120
    assert workload.summary.endswith(".")
    assert "expect" in workload.expectation
    assert workload.family != "own"
    assert workload.stresses
    assert workload.situations


@EVERY
def test_every_workload_has_the_three_variants_in_this_order(name):
    """NumPy, JAX as it is typed, JAX compiled; whatever is JAX says that it needs it."""
    variants = suite.load(name).variants
    assert list(variants)[:3] == ["numpy", "jax_eager", "jax_jit"]
    assert {"jax" in variant.requires for name, variant in variants.items() if name.startswith("jax")} == {True}
    assert not any(variant.requires for name, variant in variants.items() if name.startswith("numpy"))


@EVERY
def test_a_ladder_is_wide_and_nearly_geometric(name):
    """From a size at which a call is all dispatch to one for an accelerator, in steps that make a curve."""
    workload = suite.load(name)
    if workload.size is None:
        assert len(workload.cases) == 1
        return
    for smallest in workload.smallest_cases():
        others = {key: value for key, value in smallest.items() if key != workload.size}
        ladder = [case[workload.size] for case in workload.cases if {**case, **others} == case]
        steps = [after / before for before, after in itertools.pairwise(ladder)]
        assert len(ladder) >= 5
        assert all(1.1 < step <= 32 for step in steps), ladder
        assert max(steps) <= 4 * min(steps), ladder
        works = [case.work for case in planned(name) if {**case.case, **others} == case.case]
        grown = [ladder[-1] / ladder[0]]  # a product of n x n costs n cubed: what has to be wide is the work
        grown += [
            works[-1][amount] / works[0][amount] for amount in ("flops", "bytes_moved") if (works[0] or {}).get(amount)
        ]
        assert max(grown) >= 200


@EVERY
def test_the_smallest_case_is_tiny(name):
    """It is what tests run: less than a megabyte."""
    workload = suite.load(name)
    for case in workload.smallest_cases():
        assert sum(array.nbytes for array in workload.make_inputs(np.random.default_rng(1), case)) < 2**20


#: What one call has to do cannot be said there, and each file says why.
WITHOUT_WORK = {"monte_carlo_option", "point_updates", "table_lookups"}


@EVERY
def test_the_work_of_a_case_grows_with_its_size(name):
    """More at a larger size, and measured against a peak that there is: arithmetic has one."""
    workload = suite.load(name)
    assert (workload.work_of(workload.cases[0]) is None) == (name in WITHOUT_WORK)
    for smallest in workload.smallest_cases():
        others = {key: value for key, value in smallest.items() if key != workload.size}
        declared = [workload.work_of(case) for case in workload.cases if {**case, **others} == case]
        if None in declared:
            return
        assert {work.resource for work in declared} <= set(bundle.RESOURCES) - {"bandwidth"}
        for amounts in ([work.flops for work in declared], [work.bytes_moved for work in declared]):
            if amounts[0] is not None:
                assert amounts[0] > 0
                assert amounts == sorted(set(amounts))


#: Their inputs hold the same twice, as each library wants it, or places with more bits than it takes to say them.
TOLD_TWICE = {"gather", "scatter_add", "segment_sum", "sparse_matvec"}


@EVERY
def test_the_bytes_of_a_call_are_those_of_its_inputs_and_outputs(name):
    """Each once, give or take a number; of what can be said in two ways the shorter counts."""
    workload = suite.load(name)
    for case in workload.smallest_cases():
        work = workload.work_of(case)
        if work is not None:
            inputs = workload.make_inputs(np.random.default_rng(1), case)
            given = sum(array.nbytes for array in inputs)
            found = workload.variants["numpy"].build()(*calling.with_own_state(inputs, workload.carry))
            returned = sum(np.asarray(leaf).nbytes for leaf in agreement.flatten(found))
            if name in TOLD_TWICE:
                assert 0.4 * (given + returned) < work.bytes_moved < given + returned
            else:
                assert work.bytes_moved == pytest.approx(given + returned, abs=8)


def test_every_family_and_every_situation_has_evidence():
    """At least two workloads each: a verdict is only as general as what stands behind it."""
    told = [declaration.of(suite.load(name)) for name in NAMES]
    assert len(told) >= 32
    for family in set(FAMILIES) - {"own"}:
        assert sum(one.family == family for one in told) >= 2, family
    for situation in SITUATIONS:
        assert sum(situation in one.situations for one in told) >= 2, situation


@pytest.mark.parametrize("variant", ["numpy", "jax_eager", "jax_jit"])
def test_the_articles_sum_is_the_articles(variant):
    """`((x + y) ** 2).sum(axis=1)` on the article's 2 x 3 example."""
    (sums,) = result("broadcast_sum", {"n": 2, "dtype": "float32"}, variant)
    np.testing.assert_array_equal(sums, np.float32([23.25, 95.25]))


@pytest.mark.parametrize("variant", ["numpy", "jax_eager", "jax_jit"])
def test_the_articles_gradient_is_the_articles(variant):
    """The gradient of sum(v**2 + 0.1 sin v) at the article's three points."""
    (gradient,) = result("wave_gradient", {"n": 3, "dtype": "float32"}, variant)
    np.testing.assert_allclose(gradient, [1.0877583, -2.3637643, 5.901001], rtol=1e-6)


def test_the_articles_size_is_on_the_ladder():
    """1,000,000 float32 numbers."""
    assert {"n": 1_000_000, "dtype": "float32"} in suite.load("elementwise_chain").cases


def test_an_unknown_workload_is_named_with_the_known_ones():
    """The error says what there is."""
    with pytest.raises(WorkloadError, match=r"no workload .matmull.. Did you mean matmul. Known: .*matrix_chain"):
        suite.load("matmull")
