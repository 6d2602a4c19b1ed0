"""Noise floors, peaks, and what bundles of version 2 say of a measurement.

Columns are added in place, with defaults for the rows that are there: on both databases that takes no time, however
large the table is, and on SQLite it keeps the table strict.
"""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0002"
down_revision = "0001"


def new_columns() -> list[sa.Column]:
    return [
        sa.Column("sampled", sa.Text(), server_default=sa.text("'in_turn'"), nullable=False),
        sa.Column("disturbed", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("meanwhile", types.Json(), nullable=True),
        sa.Column("flops", types.Float64, nullable=True),
        sa.Column("bytes_moved", types.Float64, nullable=True),
        sa.Column("resource", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("xla", types.Json(), nullable=True),
        sa.Column("execute_seconds", types.Float64, nullable=True),
        sa.Column("import_seconds", types.Float64, nullable=True),
        sa.Column("start_seconds", types.Float64, nullable=True),
        sa.Column("device_peak_bytes", types.BigInt, nullable=True),
    ]


def upgrade() -> None:
    op.add_column("run_environment", sa.Column("again", types.Flag(), server_default=sa.false(), nullable=False))
    for column in new_columns():
        op.add_column("measurement", column)
    op.create_table(
        "noise_floor",
        sa.Column("run_id", types.BigInt, nullable=False),
        sa.Column("series_id", types.BigInt, nullable=False),
        sa.Column("started_at", types.UtcTime(), nullable=False),
        sa.Column("ratio", types.Float64, nullable=False),
        sa.Column("low", types.Float64, nullable=True),
        sa.Column("high", types.Float64, nullable=True),
        sa.Column("floor", types.Float64, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_noise_floor_run_id_run"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_noise_floor_series_id_series"),
        sa.PrimaryKeyConstraint("run_id", "series_id", name="pk_noise_floor"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_noise_floor_newest", "noise_floor", ["series_id", "started_at", "run_id", "floor"], unique=False
    )
    op.create_table(
        "peak",
        sa.Column("run_id", types.BigInt, nullable=False),
        sa.Column("place", types.BigInt, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("threads", types.BigInt, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("dtype", sa.Text(), nullable=False),
        sa.Column("per_second", types.Float64, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "place"], ["run_environment.run_id", "run_environment.place"], name="fk_peak_place"
        ),
        sa.PrimaryKeyConstraint("run_id", "place", "device", "threads", "library", "resource", "dtype", name="pk_peak"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("peak")
    op.drop_index("ix_noise_floor_newest", table_name="noise_floor")
    op.drop_table("noise_floor")
    for column in reversed(new_columns()):
        op.drop_column("measurement", column.name)
    op.drop_column("run_environment", "again")
