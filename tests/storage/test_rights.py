"""Every table has its part in the roles of a team's Postgres."""

from __future__ import annotations

from storage.derived import Base  # with every table
from storage.rights import belongs_to_a_run, is_shared


def test_every_table_has_a_part():
    """None is forgotten: what is neither of a run nor pointed to by one would be nobody's."""
    tables = Base.metadata.sorted_tables
    assert {table.name for table in tables if is_shared(table)} == {"machine", "environment", "series"}
    assert all(belongs_to_a_run(table) or is_shared(table) for table in tables)
