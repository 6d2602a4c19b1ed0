"""What a run was asked for as: how a night is told from the same suite by hand."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("run", sa.Column("request", sa.Text(), server_default=sa.text("''"), nullable=False))
    run = sa.table("run", sa.column("id", types.BigInt), sa.column("plan", types.Json()), sa.column("request"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(run.c.id, run.c.plan)).all():
        request = row.plan.get("request", "")
        if request:
            connection.execute(run.update().where(run.c.id == row.id).values(request=request))


def downgrade() -> None:
    op.drop_column("run", "request")
