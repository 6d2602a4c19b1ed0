"""The first schema."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "environment",
        sa.Column("id", types.BigInt, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("python", sa.Text(), nullable=False),
        sa.Column("numpy", sa.Text(), nullable=False),
        sa.Column("jax", sa.Text(), nullable=True),
        sa.Column("jaxlib", sa.Text(), nullable=True),
        sa.Column("description", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_environment"),
        sa.UniqueConstraint("digest", name="uq_environment_digest"),
        sqlite_strict=True,
    )
    op.create_table(
        "machine",
        sa.Column("id", types.BigInt, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("description", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_machine"),
        sa.UniqueConstraint("name", "fingerprint", name="uq_machine_name_fingerprint"),
        sqlite_strict=True,
    )
    op.create_table(
        "run",
        sa.Column("id", types.BigInt, nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("machine_id", types.BigInt, nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("night", types.Night(), nullable=False),
        sa.Column("started_at", types.UtcTime(), nullable=False),
        sa.Column("finished_at", types.UtcTime(), nullable=True),
        sa.Column("planned", types.BigInt, nullable=False),
        sa.Column("measured", types.BigInt, nullable=False),
        sa.Column("unsupported", types.BigInt, nullable=False),
        sa.Column("failed", types.BigInt, nullable=False),
        sa.Column("plan", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(["machine_id"], ["machine.id"], name="fk_run_machine_id_machine"),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("uuid", name="uq_run_uuid"),
        sqlite_strict=True,
    )
    op.create_index("ix_run_machine_id_night", "run", ["machine_id", "night"], unique=False)
    op.create_index("ix_run_night", "run", ["night"], unique=False)
    op.create_table(
        "series",
        sa.Column("id", types.BigInt, nullable=False),
        sa.Column("machine_id", types.BigInt, nullable=False),
        sa.Column("workload", sa.Text(), nullable=False),
        sa.Column("workload_version", types.BigInt, nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("size_name", sa.Text(), nullable=False),
        sa.Column("size", types.Float64, nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("threads", types.BigInt, nullable=False),
        sa.ForeignKeyConstraint(["machine_id"], ["machine.id"], name="fk_series_machine_id_machine"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint(
            "machine_id",
            "workload",
            "workload_version",
            "case_key",
            "variant",
            "device",
            "threads",
            name="uq_series_identity",
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "run_environment",
        sa.Column("run_id", types.BigInt, nullable=False),
        sa.Column("place", types.BigInt, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("environment_id", types.BigInt, nullable=False),
        sa.Column("asked", types.Json(), nullable=False),
        sa.Column("import_seconds", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environment.id"], name="fk_run_environment_environment_id_environment"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_run_environment_run_id_run"),
        sa.PrimaryKeyConstraint("run_id", "place", name="pk_run_environment"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "measurement",
        sa.Column("run_id", types.BigInt, nullable=False),
        sa.Column("place", types.BigInt, nullable=False),
        sa.Column("series_id", types.BigInt, nullable=False),
        sa.Column("environment_id", types.BigInt, nullable=False),
        sa.Column("measured_at", types.UtcTime(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seconds", types.Float64, nullable=True),
        sa.Column("low_seconds", types.Float64, nullable=True),
        sa.Column("high_seconds", types.Float64, nullable=True),
        sa.Column("first_call_seconds", types.Float64, nullable=True),
        sa.Column("trace_seconds", types.Float64, nullable=True),
        sa.Column("lower_seconds", types.Float64, nullable=True),
        sa.Column("compile_seconds", types.Float64, nullable=True),
        sa.Column("transfer_in_seconds", types.Float64, nullable=True),
        sa.Column("transfer_out_seconds", types.Float64, nullable=True),
        sa.Column("peak_bytes", types.BigInt, nullable=True),
        sa.Column("max_error", types.Float64, nullable=True),
        sa.Column("load", types.Float64, nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environment.id"], name="fk_measurement_environment_id_environment"
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "place"], ["run_environment.run_id", "run_environment.place"], name="fk_measurement_place"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_measurement_run_id_run"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_measurement_series_id_series"),
        sa.PrimaryKeyConstraint("run_id", "place", "series_id", name="pk_measurement"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_measurement_trend",
        "measurement",
        ["series_id", "run_id", "environment_id", "seconds", "low_seconds", "high_seconds", "status"],
        unique=False,
    )
    op.create_table(
        "ratio",
        sa.Column("run_id", types.BigInt, nullable=False),
        sa.Column("place", types.BigInt, nullable=False),
        sa.Column("series_id", types.BigInt, nullable=False),
        sa.Column("baseline_place", types.BigInt, nullable=False),
        sa.Column("baseline_series_id", types.BigInt, nullable=False),
        sa.Column("ratio", types.Float64, nullable=False),
        sa.Column("low", types.Float64, nullable=True),
        sa.Column("high", types.Float64, nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id", "baseline_place", "baseline_series_id"],
            ["measurement.run_id", "measurement.place", "measurement.series_id"],
            name="fk_ratio_baseline",
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "place", "series_id"],
            ["measurement.run_id", "measurement.place", "measurement.series_id"],
            name="fk_ratio_candidate",
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "place", "series_id", "baseline_place", "baseline_series_id", name="pk_ratio"
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "samples",
        sa.Column("run_id", types.BigInt, nullable=False),
        sa.Column("place", types.BigInt, nullable=False),
        sa.Column("series_id", types.BigInt, nullable=False),
        sa.Column("seconds", sa.LargeBinary(), nullable=False),
        sa.Column("processes", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "place", "series_id"],
            ["measurement.run_id", "measurement.place", "measurement.series_id"],
            name="fk_samples_measurement",
        ),
        sa.PrimaryKeyConstraint("run_id", "place", "series_id", name="pk_samples"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("samples")
    op.drop_table("ratio")
    op.drop_index("ix_measurement_trend", table_name="measurement")
    op.drop_table("measurement")
    op.drop_table("run_environment")
    op.drop_table("series")
    op.drop_index("ix_run_night", table_name="run")
    op.drop_index("ix_run_machine_id_night", table_name="run")
    op.drop_table("run")
    op.drop_table("machine")
    op.drop_table("environment")
