"""What a workload says of itself, without its code."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from workloads import declaration, suite
from workloads.declaration import Declaration
from workloads.workload import Work, Workload, WorkloadError


@pytest.fixture
def declared():
    """Two ladders of two sizes; the work of a call is the size."""
    cases = [{"n": n, "dtype": dtype} for dtype in ("float32", "float64") for n in (4, 8)]
    workload = Workload(version=3, cases=cases, family="random", stresses=("loop",), situations=("one_off",))
    workload.name = "thing"
    workload.work(lambda n, dtype: Work(n, 2 * n))
    workload.variant("numpy")(lambda: np.sin)
    workload.variant("jax_jit", requires=["jax"])(lambda: np.sin)
    return declaration.of(workload)


def test_it_survives_the_way_through_a_pipe(declared):
    """It is plain data: what comes out of JSON is what went in."""
    assert Declaration(**json.loads(json.dumps(asdict(declared)))) == declared


def test_it_tells_what_the_file_says(declared):
    """Name, version, words, packages and the work of each case."""
    assert (declared.name, declared.version, declared.family, declared.size_name) == ("thing", 3, "random", "n")
    assert declared.variants == {"numpy": [], "jax_jit": ["jax"]}
    assert declared.work[1] == {"flops": 8, "bytes_moved": 16, "resource": "elementwise"}
    assert (declared.sizes, declared.dtypes) == ([4, 8], ["float32", "float64"])


def test_a_size_is_of_every_dtype_and_a_dtype_of_every_size(declared):
    """In the ladder's order; nothing chosen is everything."""
    assert declared.cases_of([8.0]) == [{"n": 8, "dtype": "float32"}, {"n": 8, "dtype": "float64"}]
    assert declared.cases_of(None, ["float64"]) == [{"n": 4, "dtype": "float64"}, {"n": 8, "dtype": "float64"}]
    assert declared.cases_of([4], ["float32"]) == [{"n": 4, "dtype": "float32"}]
    assert declared.cases_of() == declared.cases
    assert declared.cases_of([8], ["first"]) == [{"n": 8, "dtype": "float32"}]


def test_a_size_that_is_not_there_is_named_with_those_that_are(declared):
    """The error says what can be asked for."""
    with pytest.raises(WorkloadError, match=r"thing has no size 5. Its sizes: 4, 8"):
        declared.cases_of([4, 5])


def test_the_suite_can_be_told_without_its_code():
    """Every one of its workloads, as a plan carries it."""
    for name in suite.names():
        told = declaration.of(suite.load(name))
        assert Declaration(**json.loads(json.dumps(asdict(told)))) == told
