"""How environments take part in a run: groups, anchors, tracks, what they resolved to; and what was computed."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0004"
down_revision = "0003"


def new_columns() -> list[sa.Column]:
    return [
        sa.Column("group", types.BigInt, server_default=sa.text("0"), nullable=False),
        sa.Column("anchor", types.Flag(), server_default=sa.false(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("spec", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("track", sa.Text(), nullable=True),
        sa.Column("builder", sa.Text(), server_default=sa.text("'current'"), nullable=False),
        sa.Column("resolution", types.Json(), nullable=True),
    ]


def upgrade() -> None:
    for column in new_columns():
        op.add_column("run_environment", column)
    op.add_column("samples", sa.Column("result", types.Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("samples", "result")
    for column in reversed(new_columns()):
        op.drop_column("run_environment", column.name)
