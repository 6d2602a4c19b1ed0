"""uv's words as errors."""

from __future__ import annotations

import pytest

from flows.environments.spec import EnvironmentSpecError
from flows.environments.uv import AWAY, FULL, complaint, run_uv

UNSOLVABLE = """error: No solution found when resolving dependencies
  cause: Because jax==0.10.2 depends on numpy>=2.0 and you require jax==0.10.2, we can conclude that
         you require numpy>=2.0.

hint: Use something of uv's own
"""


def test_a_complaint_is_one_line_that_says_which_constraint():
    """Without uv's labels and hints."""
    assert complaint(UNSOLVABLE) == (
        "Because jax==0.10.2 depends on numpy>=2.0 and you require jax==0.10.2, "
        "we can conclude that you require numpy>=2.0."
    )


def test_a_complaint_has_a_limit():
    """Whatever uv has to say."""
    assert len(complaint("error: " + "long " * 1000)) <= 600


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Failed to fetch: `http://localhost/simple/numpy/`", AWAY),
        ("error sending request for url", AWAY),
        ("failed to copy file: No space left on device (os error 28)", FULL),
    ],
)
def test_a_registry_that_is_away_and_a_full_disk_are_told_apart(said, kind):
    """What they need is not what a wrong spec needs."""
    assert [bool(one.search(said)) for one in (AWAY, FULL)] == [kind is AWAY, kind is FULL]
    assert not kind.search(complaint(UNSOLVABLE))


def test_what_uv_refuses_is_an_error():
    """With its words; and its output is what it printed."""
    assert run_uv("--version", quiet=False).startswith("uv ")
    with pytest.raises(EnvironmentSpecError, match="no-such-command"):
        run_uv("no-such-command")
