"""Which rows of a team's Postgres each role sees: row-level policies, made from text of ours and compared with it.

What a policy says, Postgres keeps parsed and prints in words of its own, which differ between its versions. So a policy
of ours carries a comment: our text, and what Postgres printed of it when it was made. A policy is as it must be while
both still hold; if either differs it is made anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from storage.derived import DERIVED, Base
from storage.models import Run
from storage.rights import READER, WORKER, Rule, belongs_to_a_run

_OWN = "written_by = current_user"
#: How Postgres's catalogue names what a policy is for.
_COMMANDS = {"select": "r", "insert": "a", "update": "w", "delete": "d"}

#: Policies that the reader, a worker or everybody falls under: for public, for the groups, for who is in a group, for a
#: role that they are in themselves. The owner and superusers are not limited, and do not count.
_CONCERNING = """
select relname, polname, quote_ident(polname), quote_literal(polname)
from pg_policy join pg_class on pg_class.oid = polrelid join pg_namespace on pg_namespace.oid = relnamespace
where nspname = current_schema() and relname = any(cast(:tables as text[])) and (0 = any(polroles) or exists (
    select from pg_roles member, pg_roles of_group, unnest(polroles) as named
    where of_group.rolname in (:worker, :reader) and not member.rolsuper and member.oid <> relowner
    and pg_has_role(member.oid, of_group.oid, 'usage') and pg_has_role(member.oid, named, 'usage')))
order by relname, polname
"""


def of_tables() -> Iterator[Rule]:
    """Every rule on rows of the tables that belong to a run; the roles must be there."""
    for table in _TABLES:
        yield Rule(
            f"row-level security of {table}",
            f"(select relrowsecurity from pg_class where oid = '\"{table}\"'::regclass)",
            f'alter table "{table}" enable row level security',
        )
        yield from (_policy(table, role, command, rows) for role, command, rows in _of_table(table))


def of_others(connection: Connection) -> Iterator[Rule]:
    """That no policy but ours lets the roles see more of these tables, or less: a rule for each that does."""
    ours = {(table, _name(role, command)) for table in _TABLES for role, command, _ in _of_table(table)}
    found = connection.execute(text(_CONCERNING), {"tables": _TABLES, "worker": WORKER, "reader": READER})
    for table, name, identifier, literal in found:
        if (table, name) not in ours:
            there = f"exists (select from {_found(table, literal)})"
            dropping = f'drop policy {identifier} on "{table}"'
            yield Rule(f"the policy {name} of {table}", f"not {there}", dropping, is_limit=True)


_TABLES = [table.name for table in Base.metadata.sorted_tables if belongs_to_a_run(table)]


def _of_table(table: str) -> Iterator[tuple[str, str, str]]:
    """The role, the command and the rows of each policy of a table."""
    yield READER, "select", "using (true)"
    is_run = table == Run.__tablename__
    own = _OWN if is_run else f'exists (select from run where run.id = "{table}".run_id and run.{_OWN})'
    yield WORKER, "select", f"using ({own})"
    yield WORKER, "insert", f"with check ({own})"
    if is_run:
        yield WORKER, "update", f"using ({own}) with check ({own})"
    if table in DERIVED:
        yield WORKER, "delete", f"using ({own})"


def _policy(table: str, role: str, command: str, rows: str) -> Rule:
    name = _name(role, command)
    found = _found(table, f"'{name}'")
    using, check = (f"coalesce(pg_get_expr({kept}, polrelid), 'nothing')" for kept in ("polqual", "polwithcheck"))
    comment = f"'{rows}; in Postgres''s words: using ' || {using} || ', with check ' || {check}"
    return Rule(
        f"the policy {name} of {table}",
        f"exists (select from {found} and polcmd = '{_COMMANDS[command]}' and polpermissive "
        f"and polroles = array['{role}'::regrole::oid] and obj_description(oid, 'pg_policy') = {comment})",
        f'do $$ begin drop policy if exists {name} on "{table}"; '
        f'create policy {name} on "{table}" for {command} to {role} {rows}; '
        f"execute 'comment on policy {name} on \"{table}\" is ' || "
        f"(select quote_literal({comment}) from {found}); end $$",
    )


def _name(role: str, command: str) -> str:
    return f"{role}_{command}"


def _found(table: str, name: str) -> str:
    """Where a policy is, by its name as an SQL literal."""
    return f"pg_policy where polrelid = '\"{table}\"'::regclass and polname = {name}"
