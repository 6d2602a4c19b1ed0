"""What a run was asked for as: how a night is told from the same suite by hand."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0005"
down_revision = "0004"


#: Before, nights were known by their suite, and by tracks, which nobody has to name by hand.
NIGHTS = """
update run set request = 'nightly' where request = '' and suite = 'nightly' and exists (
    select 1 from run_environment where run_environment.run_id = run.id and run_environment.track is not null
)
"""


def upgrade() -> None:
    op.add_column("run", sa.Column("request", sa.Text(), server_default=sa.text("''"), nullable=False))
    run = sa.table("run", sa.column("id", types.BigInt), sa.column("plan", types.Json()), sa.column("request"))
    connection = op.get_bind()
    for key in connection.execute(sa.select(run.c.id)).scalars().all():  # one by one: plans are large
        plan = connection.execute(sa.select(run.c.plan).where(run.c.id == key)).scalar_one()
        if plan.get("request"):
            connection.execute(run.update().where(run.c.id == key).values(request=plan["request"]))
    op.execute(NIGHTS)


def downgrade() -> None:
    op.drop_column("run", "request")
