"""How a result is waited for: as cheaply as can be, and never not at all where it may still be computed."""

import pytest

from workloads.execution import execution_of
from workloads.waiting import METHOD, wait_for_each, way_to_wait


class Array:
    """Counts how often it was waited for."""

    waited = 0

    def block_until_ready(self):
        self.waited += 1


def test_one_array_is_waited_for_by_its_own_method():
    """Nothing is cheaper."""
    assert way_to_wait(Array(), print) == METHOD


@pytest.mark.parametrize("kind", [tuple, list])
def test_each_of_several_arrays_is_waited_for(kind):
    """The last may be there before the first."""
    several = kind([Array(), Array(), Array()])
    way = way_to_wait(several, print)
    way(several)
    assert way is wait_for_each
    assert [array.waited for array in several] == [1, 1, 1]


@pytest.mark.parametrize("result", [{"a": Array()}, (Array(), (Array(),)), (Array(), 1.0), None])
def test_whatever_else_is_waited_for_by_the_librarys_own_function(result):
    """Which knows every tree."""
    assert way_to_wait(result, print) is print


def test_numpy_is_not_waited_for():
    """It computes at once."""
    numpy = execution_of("numpy", None)
    assert numpy.way_to_wait((1, 2)) is None
    assert numpy.wait(3) == 3


def test_jaxs_arrays_can_be_waited_for():
    """The real ones have the method that is called. JAX is imported only here: it warns of every later fork."""
    import jax
    import jax.numpy as jnp

    execution = execution_of("jax_jit", "cpu")
    for result, way in [
        (jnp.ones(2), METHOD),
        ((jnp.ones(2),) * 2, wait_for_each),
        ({"a": jnp.ones(2)}, jax.block_until_ready),
    ]:
        assert execution.way_to_wait(result) == way
        assert execution.wait(result) is not None
