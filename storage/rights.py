"""What each role of a team's Postgres may do, derived from the tables: rules with the SQL that asks and makes it so.

A table with a `run_id` belongs to a run. A worker sees the runs that it has written itself, and what belongs to them
(`policies.py`); it may add, raise a run's counts and end it, replace what was derived from it, and change nothing else.
What runs point to (machines, environments, series) is everybody's: a worker reads it and adds to it. What it adds is
numbered by the server. A reader reads all. The owner is not limited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Table

from storage.derived import DERIVED, Base
from storage.models import Run

WORKER, READER = "crossover_worker", "crossover_reader"

#: What a run's row learns after it was added.
COUNTS = ("measured", "unsupported", "too_large", "failed")
LEARNT = (*COUNTS, "finished_at", "pruned")
#: Alembic's own table: whoever opens a database asks it for the schema's revision.
VERSION = "alembic_version"


@dataclass(frozen=True)
class Rule:
    """Something that must be so; the SQL that asks whether it is, and the SQL that makes it so.

    is_limit: that something is not there; the text names what would be too much. otherwise: where the owner may not
    make it so, who has to do what; without a statement, nobody else tries.
    """

    text: str
    question: str
    statement: str
    is_limit: bool = False
    otherwise: str = ""

    @property
    def wrong(self) -> str:
        """What is told where it is not so."""
        return f"{'too much' if self.is_limit else 'missing'}: {self.text}"

    @property
    def done(self) -> str:
        """What is told once it is made so."""
        return f"{'removed' if self.is_limit else 'made'}: {self.text}"


def of_database(database: str, schema: str) -> Iterator[Rule]:
    """Every rule on rights, in the order in which they can be made so, the roles first; the names are quoted."""
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
            yield Rule(f"{role}: {not_} on {kind} {name}", f"not {can.format(not_)}", revoking, is_limit=True)
    for table in Base.metadata.sorted_tables:
        yield from _of_table(table)
    for role in (WORKER, READER):
        yield _may(role, VERSION, "select")
        yield from _may_not(role, VERSION, "insert, update, references", "delete, truncate, trigger")
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
    yield _may(WORKER, name, "select")
    is_run, is_numbered = name == Run.__tablename__, "id" in table.primary_key.columns
    never = "truncate, trigger" if name in DERIVED else "delete, truncate, trigger"
    yield from _may_not(WORKER, name, "references" if is_run else "update, references", never)
    if name in DERIVED:
        yield _may(WORKER, name, "delete")
    if is_run:
        yield from _of_columns(table, "update", LEARNT)
    if not is_numbered:
        yield _may(WORKER, name, "insert")
        return
    yield from _of_columns(table, "insert", [one.name for one in table.columns if one.name != "id"])
    yield from _of_numbers(name)


def _of_columns(table: Table, what: str, allowed: Iterable[str]) -> Iterator[Rule]:
    """A right of the worker to these columns alone.

    One to the whole table holds for every column, whatever is revoked of a column, and takes those to columns with it
    when it is revoked: so it goes first.
    """
    name = table.name
    whole = f"has_table_privilege('{WORKER}', '\"{name}\"', '{what}')"
    revoking = f'revoke {what} on "{name}" from public, {WORKER}'
    yield Rule(f"{WORKER}: {what} on all of {name}", f"not {whole}", revoking, is_limit=True)
    for column in (one.name for one in table.columns):
        can = f"has_column_privilege('{WORKER}', '\"{name}\"', '{column}', '{what}')"
        right = f'{what} ("{column}") on "{name}"'
        if column in allowed:
            yield Rule(f"{WORKER}: {what} on {name}.{column}", can, f"grant {right} to {WORKER}")
        else:
            revoking = f"revoke {right} from public, {WORKER}"
            yield Rule(f"{WORKER}: {what} on {name}.{column}", f"not {can}", revoking, is_limit=True)


def _of_numbers(table: str) -> Iterator[Rule]:
    """The worker takes the next number of a table's rows, and sets none."""
    sequence = f"pg_get_serial_sequence('\"{table}\"', 'id')"
    can = f"has_sequence_privilege('{WORKER}', {sequence}, '{{}}')"
    change = f"do $$ begin execute '{{}} on sequence ' || {sequence} || ' {{}} {WORKER}'; end $$"
    yield Rule(f"{WORKER}: numbers for rows of {table}", can.format("usage"), change.format("grant usage", "to"))
    yield Rule(
        f"{WORKER}: numbers of its choice for rows of {table}",
        f"not {can.format('update')}",
        change.format("revoke update", "from public,"),
        is_limit=True,
    )


def _may(role: str, table: str, what: str) -> Rule:
    can = f"has_table_privilege('{role}', '\"{table}\"', '{what}')"
    return Rule(f"{role}: {what} on {table}", can, f'grant {what} on "{table}" to {role}')


def _may_not(role: str, table: str, of_columns: str, of_tables: str) -> Iterator[Rule]:
    for kind, what in (("any_column", of_columns), ("table", of_tables)):
        can = f"has_{kind}_privilege('{role}', '\"{table}\"', '{what}')"
        revoking = f'revoke {what} on "{table}" from public, {role}'
        yield Rule(f"{role}: {what} on {table}", f"not {can}", revoking, is_limit=True)
