"""Documents that only detail pages read are packed: what is known of each process, and a run's plan.

As text, processes took six times as much as the samples themselves, and a plan as much as a hundred measurements.
On SQLite the samples get row ids: without them, what is larger than a quarter of a page takes a page of its own.
A run says whether its samples were pruned.
"""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0007"
down_revision = "0006"

#: Table -> its key, and the column.
COLUMNS = {"samples": (("run_id", "place", "series_id"), "processes"), "run": (("id",), "plan")}


def move(name: str, before: sa.types.TypeEngine, after: sa.types.TypeEngine, *, with_rowid: bool) -> None:
    """A column in another form, run by run."""
    key, column = COLUMNS[name]
    op.add_column(name, sa.Column("moved", after, nullable=True))
    keys = [sa.column(one, types.BigInt) for one in key]
    old = sa.column(column, before)
    table = sa.table(name, *keys, old, sa.column("moved", after))
    change = table.update().where(*(one == sa.bindparam(f"of_{one.name}") for one in keys))
    change = change.values(moved=sa.bindparam("value", type_=after))
    connection = op.get_bind()
    for run in connection.execute(sa.text("select id from run order by id")).scalars().all():
        rows = connection.execute(sa.select(*keys, old).where(keys[0] == run)).all()
        new = [{**{f"of_{one}": row[at] for at, one in enumerate(key)}, "value": row[-1]} for row in rows]
        if new:
            connection.execute(change, new)
    op.drop_column(name, column)
    with op.batch_alter_table(name, table_kwargs={"sqlite_strict": True, "sqlite_with_rowid": with_rowid}) as rebuilt:
        rebuilt.alter_column("moved", new_column_name=column, nullable=False)


def upgrade() -> None:
    for name in COLUMNS:
        move(name, types.Json(), types.Packed(), with_rowid=True)
    op.add_column("run", sa.Column("pruned", types.Flag(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("run", "pruned")
    for name in COLUMNS:
        move(name, types.Packed(), types.Json(), with_rowid=name == "run")
