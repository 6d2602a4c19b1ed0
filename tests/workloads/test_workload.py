"""What an author may declare, and what is refused."""

import numpy as np
import pytest

from workloads.workload import Work, Workload, WorkloadError, mode_of


def a_workload(**said):
    return Workload(**{"version": 1, "cases": [{"n": 4}, {"n": 8}], **said})


def test_a_variant_declared_twice_is_refused():
    """The second would silently win."""
    workload = a_workload()
    workload.variant("numpy")(lambda: np.sum)
    with pytest.raises(WorkloadError, match="numpy is declared twice"):
        workload.variant("numpy")(lambda: np.sum)


@pytest.mark.parametrize(
    "wrong",
    [{"version": 0}, {"version": "1"}, {"cases": []}, {"cases": [{"n": 1}, {"m": 1}]}, {"size": "m"}],
)
def test_a_workload_that_cannot_be_compared_is_refused(wrong):
    """A version from 1 on, cases with the same parameters, and a size among them."""
    with pytest.raises(WorkloadError):
        a_workload(**wrong)


@pytest.mark.parametrize(
    ("variant", "mode"),
    [("numpy", "numpy"), ("numpy_loop", "numpy"), ("jax_jit_scan", "jax_jit"), ("jax_eager", "jax_eager")],
)
def test_the_name_of_a_variant_says_how_it_is_executed(variant, mode):
    """`jax_jit_scan` is compiled, `numpy_loop` is not."""
    assert mode_of(variant) == mode


def test_a_variant_of_no_known_mode_is_refused():
    """`numpyish` is not a style of `numpy`."""
    with pytest.raises(WorkloadError, match="must begin with"):
        mode_of("numpyish")


def test_inputs_cannot_be_written_to():
    """A variant that changes its inputs would be timed on other numbers at every call."""
    workload = a_workload()
    workload.inputs(lambda rng, n: (rng.random(n),))
    (array,) = workload.make_inputs(np.random.default_rng(0), {"n": 4})
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_the_same_seed_draws_the_same_inputs():
    """Every variant of a process computes on the same numbers."""
    workload = a_workload()
    workload.inputs(lambda rng, n: (rng.random(n),))
    first, again = (workload.make_inputs(np.random.default_rng(7), {"n": 4})[0] for _ in range(2))
    assert (first == again).all()


def test_a_required_package_that_is_absent_is_named():
    """`unsupported: needs ...` is a fact that is stored, not an exception that is swallowed."""
    workload = a_workload()
    workload.variant("numpy", requires=["numpy", "no_such_package"])(lambda: np.sum)
    assert workload.variants["numpy"].missing() == ["no_such_package"]


def test_the_work_of_a_call_is_declared_by_case():
    """Operations, bytes and which peak they are measured against; nothing where the author says nothing."""
    workload = a_workload()
    assert workload.work_of({"n": 4}) is None
    workload.work(lambda n: Work(flops=2 * n, bytes_moved=8 * n))
    assert workload.work_of({"n": 4}) == Work(8, 32, "elementwise")
