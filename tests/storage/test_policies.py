"""Row-level policies that somebody has altered or added are found, by whoever asks, and mended by the owner."""

from __future__ import annotations

import pytest

from storage import database, record, roles
from tests import builders
from tests.postgres import PASSWORD, query

#: What the owner's, or a superuser's, hand may do to a policy of ours; the catalogue, where SQL would begin it anew.
ALTERED = {
    "crossover_worker_select of measurement": "alter policy crossover_worker_select on measurement using (true)",
    "crossover_worker_insert of run": "alter policy crossover_worker_insert on run with check (true)",
    "crossover_worker_update of run": "alter policy crossover_worker_update on run with check (true)",
    "crossover_worker_select of samples": "alter policy crossover_worker_select on samples to public",
    "crossover_reader_select of ratio": "alter policy crossover_reader_select on ratio using (false)",
    "crossover_worker_delete of score": "drop policy crossover_worker_delete on score",
    "crossover_reader_select of peak": "update pg_policy set polpermissive = false where polrelid = 'peak'::regclass "
    "and polname = 'crossover_reader_select'",
    "crossover_reader_select of run": "update pg_policy set polcmd = '*' where polrelid = 'run'::regclass "
    "and polname = 'crossover_reader_select'",
}
ODD = 'it\'s "mine" 100 %'
#: Policies of others, and whether the roles fall under them.
OTHERS = [
    ("run", "everybody", "for select to public using (true)", True),
    ("measurement", ODD, "to crossover_worker using (true)", True),
    ("peak", "of_otter", "to boss, crossover_worker_otter using (true)", True),
    ("ratio", "narrow", "as restrictive for select to crossover_reader using (false)", True),
    ("score", "through_a_group", "to staff using (true)", True),
    ("run", "bosses", "to boss using (true)", False),
    ("run", "owners", "to team using (true)", False),
]
MEASUREMENTS = "select count(*) from measurement"


def established(url):
    with roles.changing(url) as connection:
        return roles.establish(connection)


def test_an_altered_policy_is_found_and_made_anew(granted, team):
    """Its rows, its command, its roles, whether it allows or restricts; twice is once."""
    for statement in ALTERED.values():
        team.do(statement, database="team")
    assert query(granted["otter"], MEASUREMENTS) == [(8,)]
    named = {f"missing: the policy {one}" for one in ALTERED}
    assert set(roles.check(granted["owner"])) == set(roles.check(granted["reader"])) == named
    assert set(established(granted["owner"])) == {one.replace("missing: ", "made: ") for one in named}
    assert query(granted["otter"], MEASUREMENTS) == [(4,)]
    assert query(granted["reader"], "select count(*) from ratio") == [(4,)]
    assert roles.check(granted["reader"]) == established(granted["owner"]) == []


def test_a_policy_keeps_what_it_was_made_of(granted):
    """For people too: our text, and what Postgres makes of it."""
    told = query(granted["owner"], "select obj_description(oid, 'pg_policy') from pg_policy where polcmd = 'w'")
    text = "using (written_by = current_user) with check (written_by = current_user)"
    printed = "(written_by = CURRENT_USER)"
    assert told == [(f"{text}; in Postgres's words: using {printed}, with check {printed}",)]


def test_policies_of_others_are_removed_where_the_roles_fall_under_them(granted, team):
    """By whatever way; those of other roles, and the owner's, stay. Without them a worker sees its own again."""
    team.do("create role boss", "create role staff", "grant staff to crossover_worker_otter")
    team.do("grant crossover_worker to team with inherit true")  # as some servers do for whoever makes a role
    try:
        for table, name, what, _ in OTHERS:
            quoted = name.replace('"', '""').replace("%", "%%")
            query(granted["owner"], f'create policy "{quoted}" on {table} {what}')
        assert query(granted["otter"], MEASUREMENTS) == [(8,)]
        named = {f"too much: the policy {name} of {table}" for table, name, _, falls in OTHERS if falls}
        staff = ["too much: crossover_worker_otter in staff"]  # which only whoever has granted it takes back
        assert set(roles.check(granted["owner"])) == set(roles.check(granted["reader"])) == {*named, *staff}
        assert set(established(granted["owner"])) == {one.replace("too much: ", "removed: ") for one in named}
        assert roles.check(granted["reader"]) == staff
        assert query(granted["otter"], MEASUREMENTS) == [(4,)]
        left = query(granted["owner"], "select polname from pg_policy where polname !~ '^crossover' order by 1")
        assert left == [(name,) for _, name, _, falls in OTHERS if not falls]
    finally:
        team.do("grant crossover_worker to team with inherit false")
        team.do("drop owned by boss, staff cascade", "drop role boss, staff", database="team")


def test_a_login_that_was_there_loses_the_policies_it_had(granted, team):
    """Before it is in the group, they are nobody's business."""
    query(granted["owner"], "create role crossover_worker_newt login")
    try:
        query(granted["owner"], "create policy newts on run to crossover_worker_newt using (true)")
        assert roles.check(granted["owner"]) == ["missing: crossover_worker_newt in crossover_worker"]
        with roles.changing(granted["owner"]) as connection:
            assert "removed: the policy newts of run" in roles.add_login(connection, "crossover_worker_newt", PASSWORD)
        assert query(team.url("crossover_worker_newt"), "select count(*) from run") == [(0,)]
    finally:
        team.do("drop owned by crossover_worker_newt", "drop role crossover_worker_newt", database="team")


def test_a_row_that_all_share_and_a_policy_hides_is_said_as_such(granted, tmp_path):
    """It is nobody's run: which row, and what hides it; the bundle is not at fault."""
    owner = granted["owner"]
    query(owner, "update machine set description = '{\"hidden\": true}' where name = 'otter'")
    query(owner, "alter table machine enable row level security")
    query(owner, "create policy unhidden on machine to crossover_worker using (description ->> 'hidden' is null)")
    engine = database.open_database(granted["otter"])
    path = builders.a_full_run(tmp_path, "00000000-0000-4000-8000-00000000000c")
    with pytest.raises(database.StorageError, match=r"the machine otter, \w+ is in the database already, .* policy"):
        record.store(engine, path)
    engine.dispose()
