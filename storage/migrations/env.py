"""Alembic's entry: run the migrations on the connection that `storage.database` hands over."""

from alembic import context

from storage import derived, models  # noqa: F401 # their tables
from storage.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
