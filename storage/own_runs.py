"""What a worker may change of a run that it has written: a trigger of a team's Postgres, compared with our text.

Rights end at columns. That counts only rise, and that an end stays, is up to the rows: the trigger asks both.
"""

from __future__ import annotations

from collections.abc import Iterator

from storage.models import Run
from storage.rights import COUNTS, WORKER, Rule

#: The trigger's name, and its function's.
NAME = f"{WORKER}_update"
#: In pg_trigger: for each row, before, update.
_TYPE = 1 + 2 + 16

_RUN = Run.__tablename__
_LOWER = " or ".join(f"new.{name} < old.{name}" for name in COUNTS)
#: Whoever is the table's owner, or may be, is not limited; the body names no table that a search path decides.
_BODY = f"""
begin
    if pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then
        return new;
    end if;
    if {_LOWER} then
        raise exception 'a worker only raises the counts of a run' using errcode = '42501';
    end if;
    if old.finished_at is not null and new.finished_at is distinct from old.finished_at then
        raise exception 'a worker does not change when a run ended' using errcode = '42501';
    end if;
    if new.pruned and not old.pruned then
        raise exception 'a worker prunes no run' using errcode = '42501';
    end if;
    return new;
end
"""


def of_run() -> Iterator[Rule]:
    """The rule; the roles and the table must be there."""
    yield Rule(
        f"the trigger {NAME} of {_RUN}",
        f"exists (select from pg_trigger join pg_proc on pg_proc.oid = tgfoid "
        f"where tgrelid = '{_RUN}'::regclass and tgname = '{NAME}' and tgenabled in ('O', 'A') and tgtype = {_TYPE} "
        f"and tgqual is null and cardinality(tgattr::int2[]) = 0 and not prosecdef "
        f"and proconfig = array['search_path=pg_catalog'] and prosrc = $body${_BODY}$body$ "
        f"and pg_has_role((select relowner from pg_class where oid = tgrelid), proowner, 'usage'))",
        f"do $make$ begin drop trigger if exists {NAME} on {_RUN}; create or replace function {NAME}() returns trigger "
        f"language plpgsql set search_path = pg_catalog as $body${_BODY}$body$; "
        f"create trigger {NAME} before update on {_RUN} for each row execute function {NAME}(); end $make$",
    )
