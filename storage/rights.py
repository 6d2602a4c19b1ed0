"""What each role of a team's Postgres may do, derived from the tables: rules with the SQL that asks and makes it so.

A table with a `run_id` belongs to a run. A worker sees the runs that it has written itself, and what belongs to them;
it may add, raise a run's counts and end it, replace what was derived from it, and change nothing else. What runs point
to (machines, environments, series) is everybody's: a worker reads it and adds to it. A reader reads all. The owner is
not limited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Table

from storage.derived import DERIVED, Base
from storage.models import Run

WORKER, READER = "crossover_worker", "crossover_reader"

#: What a run's row learns after it was added.
LEARNT = ("measured", "unsupported", "too_large", "failed", "finished_at", "pruned")
#: Alembic's own table: whoever opens a database asks it for the schema's revision.
VERSION = "alembic_version"

_OWN = "written_by = current_user"


@dataclass(frozen=True)
class Rule:
    """Something that must be so; the SQL that asks whether it is, and the SQL that makes it so."""

    text: str
    question: str
    statement: str


def of_database(database: str, schema: str) -> Iterator[Rule]:
    """Every rule, in the order in which they can be made so, the roles first; names are quoted as SQL needs them."""
    yield from (_group(name) for name in (WORKER, READER))
    places = (("database", "current_database()", database), ("schema", "current_schema()", schema))
    allowed = {"database": "connect", "schema": "usage"}
    forbidden = {"database": "temporary", "schema": "create"}
    for role in (WORKER, READER):
        for kind, current, name in places:
            can = f"has_{kind}_privilege('{role}', {current}, '{{}}')"
            may, not_ = allowed[kind], forbidden[kind]
            yield Rule(f"{role}: {may} on {kind} {name}", can.format(may), f"grant {may} on {kind} {name} to {role}")
            revoking = f"revoke {not_} on {kind} {name} from public, {role}"
            yield Rule(f"{role}: no {not_} on {kind} {name}", f"not {can.format(not_)}", revoking)
    for table in Base.metadata.sorted_tables:
        yield from _of_table(table)
    yield from (_may(role, VERSION, "select") for role in (WORKER, READER))
    yield Rule(
        f"{READER}: select on tables to come",
        "exists (select from pg_default_acl d, aclexplode(d.defaclacl) a where d.defaclobjtype = 'r' "
        f"and a.grantee = '{READER}'::regrole and a.privilege_type = 'SELECT' "
        "and d.defaclnamespace = current_schema()::regnamespace)",
        f"alter default privileges in schema {schema} grant select on tables to {READER}",
    )


def _group(name: str) -> Rule:
    return Rule(
        f"the role {name}",
        f"exists (select from pg_roles where rolname = '{name}')",
        f"create role {name} nologin",
    )


def belongs_to_a_run(table: Table) -> bool:
    """Whether its rows are of one run; those of `run` are too."""
    return table.name == Run.__tablename__ or "run_id" in table.columns


def is_shared(table: Table) -> bool:
    """Whether runs, or what belongs to them, point to it, so that whoever adds a run may have to add to it."""
    pointing = filter(belongs_to_a_run, Base.metadata.sorted_tables)
    named = {key.column.table.name for one in pointing for key in one.foreign_keys}
    return table.name in named and not belongs_to_a_run(table)


def _of_table(table: Table) -> Iterator[Rule]:
    name, own = table.name, belongs_to_a_run(table)
    yield _may(READER, name, "select")
    yield from _may_not(READER, name, "insert, update, references", "delete, truncate, trigger")
    if not (own or is_shared(table)):
        yield from _may_not(WORKER, name, "select, insert, update, references", "delete, truncate, trigger")
        return
    yield from (_may(WORKER, name, what) for what in ("select", "insert"))
    learnt = LEARNT if name == Run.__tablename__ else ()
    never = "truncate, trigger" if name in DERIVED else "delete, truncate, trigger"
    yield from _may_not(WORKER, name, "references" if learnt else "update, references", never)
    if name in DERIVED:
        yield _may(WORKER, name, "delete")
    for column in table.columns.keys() if learnt else ():
        can = f"has_column_privilege('{WORKER}', '\"{name}\"', '{column}', 'update')"
        if column in learnt:
            yield Rule(f"{WORKER}: update on {name}.{column}", can, f'grant update ({column}) on "{name}" to {WORKER}')
        else:
            revoking = f'revoke update ({column}) on "{name}" from public, {WORKER}'
            yield Rule(f"{WORKER}: no update on {name}.{column}", f"not {can}", revoking)
    if "id" in table.primary_key.columns:
        sequence = f"pg_get_serial_sequence('\"{name}\"', 'id')"
        yield Rule(
            f"{WORKER}: numbers for rows of {name}",
            f"has_sequence_privilege('{WORKER}', {sequence}, 'usage')",
            f"do $$ begin execute 'grant usage on sequence ' || {sequence} || ' to {WORKER}'; end $$",
        )
    if own:
        yield from _rows_of(name)


def _rows_of(table: str) -> Iterator[Rule]:
    yield Rule(
        f"row-level security of {table}",
        f"(select relrowsecurity from pg_class where oid = '\"{table}\"'::regclass)",
        f'alter table "{table}" enable row level security',
    )
    yield _policy(table, READER, "select", "using (true)")
    is_run = table == Run.__tablename__
    own = _OWN if is_run else f'exists (select from run where run.id = "{table}".run_id and run.{_OWN})'
    yield _policy(table, WORKER, "select", f"using ({own})")
    yield _policy(table, WORKER, "insert", f"with check ({own})")
    if is_run:
        yield _policy(table, WORKER, "update", f"using ({own}) with check ({own})")
    if table in DERIVED:
        yield _policy(table, WORKER, "delete", f"using ({own})")


def _may(role: str, table: str, what: str) -> Rule:
    can = f"has_table_privilege('{role}', '\"{table}\"', '{what}')"
    return Rule(f"{role}: {what} on {table}", can, f'grant {what} on "{table}" to {role}')


def _may_not(role: str, table: str, of_columns: str, of_tables: str) -> Iterator[Rule]:
    for kind, what in (("any_column", of_columns), ("table", of_tables)):
        can = f"has_{kind}_privilege('{role}', '\"{table}\"', '{what}')"
        yield Rule(f"{role}: no {what} on {table}", f"not {can}", f'revoke {what} on "{table}" from public, {role}')


def _policy(table: str, role: str, command: str, rows: str) -> Rule:
    name = f"{role}_{command}"
    return Rule(
        f"the policy {name} of {table}",
        f"exists (select from pg_policies where schemaname = current_schema() and tablename = '{table}' "
        f"and policyname = '{name}' and cmd = '{command.upper()}')",
        f'create policy {name} on "{table}" for {command} to {role} {rows}',
    )
