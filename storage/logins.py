"""What is found at the logins of a team's Postgres, and at its tables' owner, that must not be so: rules, made from it.

A login has what its group has, and nothing besides. Logins of ours go by their names; whoever else is in a group is a
stranger, of whom the same is asked, and who is never changed. Each rule says who has to do what where the owner may
not: `otherwise`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Row, text

from storage.derived import Base
from storage.rights import READER, VERSION, WORKER, Rule

#: The dashboard's login; a worker's is the group's name and its machine's.
READING_LOGIN = "crossover_dashboard"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")  # a machine's nickname
#: Logins of ours. Whoever else may make roles may make other names, but none that SQL would be broken by.
OURS = f"^({READING_LOGIN}|{WORKER}_{NAME.pattern})$"
#: No question of a page takes so long; whoever has one that does can raise it for a session.
READER_SETTINGS = {"statement_timeout": "30s", "default_transaction_read_only": "on"}
#: What no login and no group is, by the catalogue's columns.
ATTRIBUTES = {
    "rolsuper": "superuser",
    "rolcreatedb": "createdb",
    "rolcreaterole": "createrole",
    "rolreplication": "replication",
    "rolbypassrls": "bypassrls",
}
_SET_OPTION = 160_000  # from version 16 on, a member need not be able to become the group; and who granted counts

_ROLES = f"select oid, rolname, quote_ident(rolname), {', '.join(ATTRIBUTES)} from pg_roles"
#: Without what makes somebody the administrator of a role that he has made.
_MEMBERSHIPS = """
select member.rolname, of_role.rolname, admin_option, member, roleid, grantor, quote_ident(by_role.rolname)
from pg_auth_members join pg_roles member on member.oid = member join pg_roles of_role on of_role.oid = roleid
left join pg_roles by_role on by_role.oid = grantor
where member.oid <> (select datdba from pg_database where datname = current_database())
and (not (admin_option and grantor = 10) or member.rolname ~ :ours)
order by 1, 2
"""
_OBJECTS = """
select relowner as owner, relacl as acl, '' as part, case relkind when 'S' then 'sequence' else 'table' end as kind,
oid::regclass::text as named from pg_class
union all select relowner, attacl, ' (' || quote_ident(attname) || ')', 'table', attrelid::regclass::text
from pg_attribute join pg_class on pg_class.oid = attrelid
union all select nspowner, nspacl, '', 'schema', quote_ident(nspname) from pg_namespace
union all select datdba, datacl, '', 'database', quote_ident(datname) from pg_database
where datname = current_database()
"""
_GRANTS = f"""
select kind, named, quote_literal(named), grantor, quote_ident(pg_get_userbyid(grantor)), grantor = owner,
string_agg(distinct lower(privilege_type) || part, ', ')
from ({_OBJECTS}) object, aclexplode(acl) where grantee = :login
group by kind, named, grantor, owner order by kind, named
"""
_FOREIGN = """
select relname, quote_ident(relname), pg_get_userbyid(datdba), quote_ident(pg_get_userbyid(datdba))
from pg_class, pg_database where datname = current_database() and relnamespace = current_schema()::regnamespace
and relname = any(cast(:tables as text[])) and relowner <> datdba order by relname
"""


@dataclass(frozen=True)
class _Role:
    oid: int
    name: str
    quoted: str
    attributes: tuple[str, ...]

    @property
    def group(self) -> str | None:
        """The group that its name says."""
        if not re.fullmatch(OURS, self.name):
            return None
        return READER if self.name == READING_LOGIN else WORKER


def found(connection: Connection) -> Iterator[Rule]:
    """A rule for each thing that is not so: of tables' owners, of the groups, of every login."""
    for table, quoted, owner, quoted_owner in connection.execute(
        text(_FOREIGN), {"tables": [*Base.metadata.tables, VERSION]}
    ):
        statement = f"alter table {quoted} owner to {quoted_owner}"
        yield Rule(
            f"{owner} as the owner of {table}",
            f"(select relowner = datdba from pg_class, pg_database where pg_class.oid = '{quoted}'::regclass "
            "and datname = current_database())",
            statement,
            otherwise=_superuser(statement),
        )
    every = {row[1]: _Role(*row[:3], _attributes(row[3:])) for row in connection.execute(text(_ROLES))}
    memberships = connection.execute(text(_MEMBERSHIPS), {"ours": OURS}).all()
    within = {group: _within(group, memberships) for group in (WORKER, READER)}
    for name, role in sorted(every.items()):
        group = role.group or next((one for one in within if name in within[one]), None)
        if name in within:
            yield from _too_much(connection, role, set(), memberships, with_grants=False)
        elif group and role.group:
            yield from _too_much(connection, role, {group}, memberships)
            again = f"crossover db roles --{'reader' if group == READER else 'worker ' + name[len(WORKER) + 1 :]}"
            for rule in access(connection, name, group):
                yield replace(rule, statement="", otherwise=f"`{again}` lets it in")
            yield from settings(connection, name, group)
        elif group:
            removing = f"no login that Crossover has made: `revoke {group} from {role.quoted}`"
            for rule in _too_much(connection, role, {group, *within[group]}, memberships):
                yield replace(rule, statement="", otherwise=removing)


def access(connection: Connection, login: str, group: str) -> Iterator[Rule]:
    """That somebody comes in by a name of ours, and has what the group has."""
    option = " with inherit true, set false" if _version(connection) >= _SET_OPTION else ""
    of_login = f"from pg_roles where rolname = '{login}'"
    yield Rule(
        f"{login} in {group}", f"pg_has_role('{login}', '{group}', 'usage')", f'grant {group} to "{login}"{option}'
    )
    yield Rule(f"{login}: the right to log in", f"(select rolcanlogin {of_login})", f'alter role "{login}" login')
    yield Rule(
        f"{login}: a password that has not expired",
        f"(select coalesce(rolvaliduntil > now(), true) {of_login})",
        f"alter role \"{login}\" valid until 'infinity'",
    )


def settings(connection: Connection, login: str, group: str) -> Iterator[Rule]:
    """What holds for the reader's sessions in this database."""
    database = connection.scalar(text("select quote_ident(current_database())"))
    for name, value in READER_SETTINGS.items() if group == READER else ():
        statement = f"alter role \"{login}\" in database {database} set {name} = '{value}'"
        yield Rule(
            f"{name} of {login}",
            f"exists (select from pg_db_role_setting where setrole = '\"{login}\"'::regrole and setdatabase = "
            f"(select oid from pg_database where datname = current_database()) and '{name}={value}' = any(setconfig))",
            statement,
            otherwise=_superuser(statement),
        )


def _too_much(
    connection: Connection, role: _Role, groups: set[str], memberships: Sequence[Row], with_grants: bool = True
) -> Iterator[Rule]:
    """What a role is, is in, and may by itself, besides being in these groups."""
    for column, attribute in ATTRIBUTES.items():
        if attribute in role.attributes:
            statement = f"alter role {role.quoted} no{attribute}"
            yield Rule(
                f"{role.name}: {attribute}",
                f"(select not {column} from pg_roles where oid = {role.oid})",
                statement,
                is_limit=True,
                otherwise=_superuser(statement),
            )
    newer = _version(connection) >= _SET_OPTION
    for member, of_role, is_admin, member_oid, role_oid, grantor, by in memberships:
        if member != role.name or (of_role in groups and not is_admin):
            continue
        of_role_quoted = connection.dialect.identifier_preparer.quote(of_role)
        only = "admin option for " if of_role in groups else ""
        granted_by = f" granted by {by}" if newer and by else ""
        statement = f"revoke {only}{of_role_quoted} from {role.quoted}{granted_by} cascade"
        here = f"member = {member_oid} and roleid = {role_oid} and grantor = {grantor}"
        yield Rule(
            f"{role.name}: admin option for {of_role}" if only else f"{role.name} in {of_role}",
            f"not exists (select from pg_auth_members where {here}{' and admin_option' if only else ''})",
            statement,
            is_limit=True,
            otherwise=_superuser(statement),
        )
    for kind, named, literal, grantor, by, by_owner, rights in (
        connection.execute(text(_GRANTS), {"login": role.oid}) if with_grants else ()
    ):
        statement = f"revoke {rights} on {kind} {named} from {role.quoted} cascade"
        yield Rule(
            f"{role.name}: {rights} on {kind} {named}, its own",
            f"not exists (select from ({_OBJECTS}) object, aclexplode(acl) where kind = '{kind}' and named = {literal} "
            f"and grantee = {role.oid} and grantor = {grantor})",
            statement,
            is_limit=True,
            otherwise=_superuser(statement if by_owner else f"set role {by}; {statement}; reset role"),
        )


def _within(group: str, memberships: Sequence[Row]) -> set[str]:
    """Who is in a group, or in who is."""
    names: set[str] = set()
    new = {group}
    while new:
        new = {row[0] for row in memberships if row[1] in new} - names
        names |= new
    return names


def _attributes(has: Iterable[bool]) -> tuple[str, ...]:
    return tuple(name for name, one in zip(ATTRIBUTES.values(), has) if one)


def _superuser(statement: str) -> str:
    return f"a superuser has to run `{statement}`"


def _version(connection: Connection) -> int:
    return int(connection.scalar(text("select current_setting('server_version_num')")) or 0)
