"""Every table has its part in the roles of a team's Postgres, and a right too many or too few is found and mended."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from storage import roles
from storage.database import StorageError
from storage.derived import Base  # with every table
from storage.rights import LEARNT, belongs_to_a_run, is_shared
from tests.postgres import query

NUMBERED = [table.name for table in Base.metadata.sorted_tables if "id" in table.primary_key.columns]
#: What somebody may grant, and the rules that do not hold then.
TOO_MUCH = [
    ("update on run to crossover_worker", {"update on all of run"}),
    ("update on run to public", {"update on all of run"}),
    ("insert on series to crossover_worker", {"insert on all of series", "insert on series.id"}),
    ("insert on run to public", {"insert on all of run", "insert on run.id"}),
    ("insert (id) on machine to public", {"insert on machine.id"}),
    ("update on sequence environment_id_seq to public", {"numbers of its choice for rows of environment"}),
]


def test_every_table_has_a_part():
    """None is forgotten: what is neither of a run nor pointed to by one would be nobody's."""
    tables = Base.metadata.sorted_tables
    assert {table.name for table in tables if is_shared(table)} == {"machine", "environment", "series"}
    assert all(belongs_to_a_run(table) or is_shared(table) for table in tables)


def test_rights_to_whole_tables_are_taken_back_and_those_to_columns_stay(granted):
    """Each is named to whoever asks; afterwards a worker raises its counts, and changes no plan."""
    for right, _ in TOO_MUCH:
        query(granted["owner"], f"grant {right}")
    query(granted["otter"], "update run set suite = suite")
    no_column_but_those = {f"update on run.{one.name}" for one in Base.metadata.tables["run"].columns} - {
        f"update on run.{name}" for name in LEARNT
    }
    named = set().union(no_column_but_those, *(rules for _, rules in TOO_MUCH))
    of_the_reader = {f"too much: crossover_reader: insert, update, references on {name}" for name in ("run", "machine")}
    assert (
        set(roles.check(granted["reader"])) == {f"too much: crossover_worker: {rule}" for rule in named} | of_the_reader
    )
    with roles.changing(granted["owner"]) as connection:
        assert roles.establish(connection)
    assert roles.check(granted["reader"]) == []
    for name in LEARNT:
        query(granted["otter"], f"update run set {name} = {name}")
    with pytest.raises(DBAPIError, match="permission denied"):
        query(granted["otter"], "update run set suite = suite")


@pytest.mark.parametrize("table", NUMBERED)
def test_a_worker_cannot_choose_the_number_of_a_row(granted, table):
    """Nor set the one that comes next: nobody occupies what others would get. The server is not asked what is taken."""
    columns = ", ".join(f'"{one.name}"' for one in Base.metadata.tables[table].columns if one.name != "id")
    rows = f"{columns} from {table} limit 1"
    with pytest.raises(DBAPIError, match=f"permission denied for table {table}"):
        query(granted["otter"], f"insert into {table} (id, {columns}) select 1000000, {rows}")
    with pytest.raises(DBAPIError, match="unique constraint"):  # which it could add, if it were new
        query(granted["otter"], f"insert into {table} ({columns}) select {rows}")
    with pytest.raises(DBAPIError, match="permission denied for sequence"):
        query(granted["otter"], f"select setval('{table}_id_seq', 1000000)")


@pytest.mark.parametrize("by", ["a grant", "a group"])
def test_what_cannot_be_taken_back_is_an_error_that_says_so(granted, team, by):
    """What another role has granted, and what comes with a group of others; what could be mended is not, either."""
    query(granted["owner"], "revoke select on samples from crossover_reader")
    team.do("create role boss")
    query(granted["owner"], "grant update on run to boss with grant option")
    if by == "a grant":
        as_boss = "set role boss", "grant update on run to crossover_worker"
        team.do("grant usage on schema public to boss", *as_boss, database="team")
    else:
        team.do("grant boss to crossover_worker")
    try:
        lacking = roles.check(granted["owner"])
        assert "too much: crossover_worker: update on all of run" in lacking
        with pytest.raises(
            StorageError, match=r"nothing was changed: too much: crossover_worker: update on all of run; .* more"
        ):
            with roles.changing(granted["owner"]) as connection:
                roles.establish(connection)
        assert roles.check(granted["owner"]) == lacking
        assert "missing: crossover_reader: select on samples" in lacking
    finally:
        team.do("drop owned by boss cascade", "drop role boss", database="team")
