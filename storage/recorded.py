"""Reads of how the environments of a run were asked for, and what they resolved to: enough to build them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.models import RunEnvironment
from storage.queries import ONCE


def environments(connection: Connection, run_id: int) -> Sequence[Row[Any]]:
    """Each environment of a run, in their place order: name, asked, spec, track, builder, resolution, group, anchor."""
    return connection.execute(
        select(
            RunEnvironment.name,
            RunEnvironment.asked,
            RunEnvironment.spec,
            RunEnvironment.track,
            RunEnvironment.builder,
            RunEnvironment.resolution,
            RunEnvironment.group,
            RunEnvironment.anchor,
            RunEnvironment.measures,
        )
        .where(RunEnvironment.run_id == run_id, ONCE)
        .order_by(RunEnvironment.place)
    ).all()
