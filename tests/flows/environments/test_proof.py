"""Is an environment what was asked for? Its own probe says."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from flows.environments.proof import prove
from flows.environments.spec import EnvironmentSpecError
from workloads.plan import Place


def test_what_is_found_as_asked_is_proven():
    """This very environment holds the NumPy that it holds."""
    prove(Place("this", sys.executable, {"numpy": np.__version__}))


@pytest.mark.parametrize(
    ("asked", "why"),
    [({"numpy": "1.0"}, r"asked for numpy 1\.0, found \d"), ({"no-such": "1"}, "asked for no-such 1, found none")],
)
def test_another_version_or_none_is_no_proof(asked, why):
    """It says which was found."""
    with pytest.raises(EnvironmentSpecError, match=why):
        prove(Place("this", sys.executable, asked))


def test_an_interpreter_that_does_not_answer_is_no_proof():
    """Whatever is the matter with it."""
    with pytest.raises(EnvironmentSpecError, match="ended with exit code 1"):
        prove(Place("broken", "/bin/false", {"numpy": "2.0"}))
    with pytest.raises(EnvironmentSpecError, match="No such file"):
        prove(Place("none", "/nowhere/python", {"numpy": "2.0"}))
