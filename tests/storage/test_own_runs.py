"""A worker raises its run's counts and ends it, once; the server refuses to have it spoiled."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from storage import own_runs, roles
from storage.rights import COUNTS
from tests.postgres import query

ENDED = "when a run ended"
SPOILT = [
    *((f"update run set {name} = {name} - 1", "only raises the counts") for name in COUNTS),
    ("update run set measured = 0", "only raises the counts"),
    ("update run set finished_at = null", ENDED),
    ("update run set finished_at = now()", ENDED),
    ("update run set pruned = true", "prunes no run"),
]
#: What may happen to the trigger.
ALTERED = [
    f"drop trigger {own_runs.NAME} on run",
    f"alter table run disable trigger {own_runs.NAME}",
    f"create or replace function {own_runs.NAME}() returns trigger language plpgsql set search_path = pg_catalog "
    "as 'begin return new; end'",
    f"alter function {own_runs.NAME} security definer",
    f"alter function {own_runs.NAME} reset search_path",
    f"drop trigger {own_runs.NAME} on run; create trigger {own_runs.NAME} before update on run for each row "
    f"when (false) execute function {own_runs.NAME}()",
    f"drop trigger {own_runs.NAME} on run; create trigger {own_runs.NAME} before update of uuid on run for each row "
    f"execute function {own_runs.NAME}()",
]


@pytest.mark.parametrize(("statement", "said"), SPOILT, ids=lambda value: value[:50])
def test_a_worker_cannot_spoil_its_run(granted, statement, said):
    """And the owner can, for whom there are reasons."""
    with pytest.raises(DBAPIError, match=said):
        query(granted["otter"], statement)
    query(granted["owner"], statement)


def test_a_worker_goes_on_with_its_run(granted):
    """More counts, an end where there was none, samples where all were pruned."""
    query(granted["owner"], "update run set finished_at = null, pruned = true")
    raising = ", ".join(f"{name} = {name} + 1" for name in COUNTS)
    query(granted["otter"], f"update run set {raising}, pruned = false")
    query(granted["otter"], "update run set finished_at = now(), pruned = pruned")
    told = query(granted["owner"], "select written_by from run where not pruned and finished_at is not null")
    assert told == [("crossover_worker_otter",)]


@pytest.mark.parametrize("statement", ALTERED, ids=lambda value: value[:50])
def test_an_altered_trigger_is_found_and_made_anew(granted, statement):
    """It refuses again."""
    query(granted["owner"], statement)
    assert roles.check(granted["reader"]) == [f"missing: the trigger {own_runs.NAME} of run"]
    with roles.changing(granted["owner"]) as connection:
        assert roles.establish(connection) == [f"made: the trigger {own_runs.NAME} of run"]
    assert roles.check(granted["reader"]) == []
    with pytest.raises(DBAPIError, match="only raises the counts"):
        query(granted["otter"], "update run set measured = 0")
