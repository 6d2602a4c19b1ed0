"""What JAX reports of its compilations, split from the rest of a call."""

import time
from types import SimpleNamespace

import pytest

from workloads.phases import Phases, covered


def test_a_span_inside_a_span_counts_once():
    """Older JAX reports the inner trace too: 1 to 5 with 2 to 3 inside, 4 to 6 across its end, and 7 to 8 beside it."""
    assert covered([(2, 3), (1, 5), (4, 6), (7, 8)]) == 6
    assert covered([]) == 0


def test_a_library_that_does_not_compile_has_only_seconds():
    """Nothing is said of phases that it does not have."""
    assert Phases(clock=float).of_call(2.0) == {"seconds": 2.0}


@pytest.fixture
def jax():
    """Imported only when it is asked for: a process that holds it warns of every fork, in other tests too."""
    import jax

    return jax


@pytest.fixture
def clock():
    """A clock that stands where it is set."""
    return SimpleNamespace(now=0.0)


@pytest.fixture
def phases(clock, jax):
    """Phases that hear what JAX says, until the test is over."""
    heard = Phases(lambda: clock.now)
    heard.listen()
    yield heard
    jax.monitoring.clear_event_listeners()


def test_a_call_is_split_into_its_phases(phases, clock, jax):
    """Trace, lower and compile as JAX reports them; what is left of the call is its execution."""
    phases.reset()
    for end, event, seconds in [
        (1.0, "/jax/core/compile/jaxpr_trace_duration", 0.5),
        (2.0, "/jax/core/compile/jaxpr_to_mlir_module_duration", 0.25),
        (5.0, "/jax/core/compile/backend_compile_duration", 2.0),
        (5.5, "/jax/some/other/duration", 100.0),
    ]:
        clock.now = end
        jax.monitoring.record_event_duration_secs(event, seconds)
    jax.monitoring.record_event("/jax/compilation_cache/cache_hits")
    jax.monitoring.record_event("/jax/some/other")
    assert phases.of_call(4.0) == {
        "seconds": 4.0,
        "trace_seconds": 0.5,
        "lower_seconds": 0.25,
        "compile_seconds": 2.0,
        "execute_seconds": 1.25,
        "compilations": 1,
        "cache_hits": 1,
    }


def test_what_an_earlier_call_compiled_is_not_of_the_next(phases, jax):
    """The first call of each case is split on its own."""
    jax.monitoring.record_event_duration_secs("/jax/core/compile/backend_compile_duration", 2.0)
    jax.monitoring.record_event("/jax/compilation_cache/cache_hits")
    phases.reset()
    found = phases.of_call(1.0)
    assert (found["compile_seconds"], found["execute_seconds"], found["compilations"]) == (0, 1.0, 0)
    assert found["cache_hits"] == 0


def test_the_phases_are_those_that_jax_has(phases, jax):
    """A real compilation is heard in each of the three; a second call of the same function in none."""
    clock_of_jax = Phases(time.perf_counter)
    clock_of_jax.listen()
    function = jax.jit(lambda x: x * 2 + 1)
    start = time.perf_counter()
    function(1.0).block_until_ready()
    first = clock_of_jax.of_call(time.perf_counter() - start)
    assert min(first["trace_seconds"], first["lower_seconds"], first["compile_seconds"]) > 0
    assert first["execute_seconds"] >= 0
    clock_of_jax.reset()
    function(1.0).block_until_ready()
    assert clock_of_jax.of_call(1.0)["compilations"] == 0
