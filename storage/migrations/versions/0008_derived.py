"""What is worked out from measurements, in tables of its own; runs are found by environment, places by trend."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0008"
down_revision = "0007"


def by_key(name: str, key: list[str], *columns: sa.Column | sa.ForeignKeyConstraint) -> None:
    """A table of rows that belong to a run."""
    op.create_table(
        name,
        sa.Column("run_id", types.BigInt, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=f"fk_{name}_run_id_run"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def integers(*names: str) -> list[sa.Column]:
    return [sa.Column(name, types.BigInt, nullable=False) for name in names]


def texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def figures(*names: str) -> list[sa.Column]:
    return [sa.Column(name, types.Float64, nullable=False) for name in names]


TREND = ["series_id", "run_id", "environment_id", "seconds", "low_seconds", "high_seconds", "status"]


def rebuild_trend(columns: list[str]) -> None:
    op.drop_index("ix_measurement_trend", table_name="measurement")
    op.create_index("ix_measurement_trend", "measurement", columns)


def upgrade() -> None:
    rebuild_trend([*TREND[:2], "place", *TREND[2:]])  # a trend asks for the track, which its place has
    by_key(
        "derivation",
        ["run_id", "kind"],
        *texts("kind"),
        *integers("version", "measurements"),
        sa.Column("made_at", types.UtcTime(), nullable=False),
    )
    by_key(
        "score",
        ["run_id", "place", "workload", "variant"],
        *integers("place"),
        *texts("workload", "variant"),
        *figures("ratio"),
        *integers("cases", "faster", "slower", "same"),
    )
    by_key(
        "change",
        ["run_id", "series_id", "place"],
        *integers("series_id", "place", "before_place"),
        *figures("ratio", "low", "high"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_change_series_id_series"),
    )
    op.create_index("ix_run_environment_environment_id_run_id", "run_environment", ["environment_id", "run_id"])


def downgrade() -> None:
    rebuild_trend(TREND)
    op.drop_index("ix_run_environment_environment_id_run_id", table_name="run_environment")
    for name in ("change", "score", "derivation"):
        op.drop_table(name)
