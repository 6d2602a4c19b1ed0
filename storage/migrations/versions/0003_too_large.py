"""How many measurements of a run were left out because a call would have taken too long."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("run", sa.Column("too_large", types.BigInt, server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    op.drop_column("run", "too_large")
