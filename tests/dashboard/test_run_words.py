"""Runs in words."""

import pandas as pd
import pytest

from dashboard import run_words, wording
from flows.door import Seen, Wish
from tests.dashboard.apps import words
from tests.dashboard.frames import a_run


@pytest.mark.parametrize(
    ("run", "state", "sentence"),
    [
        (a_run(measured=36), "whole", "finished whole: 36 of 36 measured."),
        (a_run(measured=34, unsupported=2), "whole", "finished whole: 34 of 36 measured, 2 not supported here."),
        (a_run(measured=33, too_large=3), "whole", "finished whole: 33 of 36 measured, 3 too large for it."),
        (a_run(measured=35, failed=1), "has holes", "has holes: 35 of 36 measured, 1 failed."),
        (a_run(measured=36, failed=1), "has holes", "has holes: 36 of 36 measured, 1 failed."),
        (a_run(measured=30), "has holes", "has holes: 30 of 36 measured, 6 not reached."),
        (a_run(measured=36, finished=False), "unfinished", "is unfinished: 36 of 36 measured."),
    ],
)
def test_a_run_is_whole_or_says_what_it_lacks(run, state, sentence):
    """Whole takes an end, no failure and every planned measurement; anything else is named."""
    assert wording.state(run) == state
    assert words(run_words.last_run(run)) == f"The last run on vm {sentence}"


def test_a_run_tells_how_to_get_at_all_of_it():
    """By commands that a shell takes, and by Prefect's page where its server is known; nothing ends the code."""
    run = {"uuid": "019a0000-0000-7000-8000-00001a2b3c4d", "started_at": pd.Timestamp("2026-03-04 02:00", tz="UTC")}
    said = run_words.ways(run, "")
    assert "`crossover show 1a2b3c4d`" in said
    assert said.endswith("its log: `crossover logs 1a2b3c4d`.")
    page = f"[Prefect's page](http://127.0.0.1:4200/runs/flow-run/{run['uuid']})"
    assert page in run_words.ways(run, "http://127.0.0.1:4200")
    hostile = run_words.ways({**run, "uuid": "`](/x) *"}, "http://127.0.0.1:4200")
    assert hostile.count("`") == 6
    assert "flow-run/%60%5D%28%2Fx%29%20%2A)" in hostile
    assert run_words.bundle_name(run) == "20260304T020000-1a2b3c4d.jsonl.gz"


def seen(state, **said):
    known = {"run": "r", "name": "brave-owl", "machine": "otter", "suite": "tiny", "message": "", "lines": []}
    return Seen(state=state, is_over=state in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"), **{**known, **said})


@pytest.mark.parametrize(
    ("state", "message", "said"),
    [
        ("SCHEDULED", "", "tiny on otter waits for its machine."),
        ("RUNNING", "of no interest", "tiny on otter measures."),
        ("COMPLETED", "3 of 3 measured", "tiny on otter is over. 3 of 3 measured."),
        ("FAILED", "there is no suite 'tiny'.", "tiny on otter is over, and not whole. there is no suite 'tiny'."),
    ],
)
def test_what_a_run_does_now_is_a_sentence(state, message, said):
    """Its suite and its machine, and how it ended once it has."""
    assert words(run_words.now(seen(state, message=message))) == said


def test_every_state_of_prefects_has_words():
    """Also those that a later Prefect may bring."""
    from prefect.client.schemas.objects import StateType

    assert {state.value for state in StateType} == set(run_words.STATES)


@pytest.mark.parametrize(
    ("wish", "command"),
    [
        (Wish("otter", "quick"), "crossover trigger quick --on otter --wait"),
        (Wish("any of the pool gpu", "full", ["sort"]), "crossover trigger full --pool gpu --workload sort --wait"),
        (
            Wish("otter", "quick", (), ["latest"], "numpy==2.4.3,jax[cuda13]"),
            "crossover trigger quick --on otter --track latest --env 'numpy==2.4.3,jax[cuda13]' --wait",
        ),
    ],
)
def test_the_same_by_hand_is_a_command(wish, command):
    """As a shell takes it."""
    assert run_words.command(wish) == command


def test_a_result_that_is_not_stored_says_where_it_is():
    """Nothing is lost: it waits as a bundle."""
    assert "crossover sync" in run_words.result(None, ())
    assert run_words.result(a_run(measured=36), ["jax==9.9"]).endswith("Left out: jax==9.9")
