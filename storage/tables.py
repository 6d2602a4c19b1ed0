"""What all tables have in common: names of constraints, types of columns, strictness."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import MetaData, Text
from sqlalchemy.orm import DeclarativeBase

from storage.types import BigInt, Flag, Float64, Json, Night, UtcTime


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        str: Text,
        int: BigInt,
        float: Float64,
        bool: Flag,
        datetime: UtcTime,
        date: Night,
        dict[str, Any]: Json,
    }


STRICT = {"sqlite_strict": True}
STRICT_BY_KEY = {"sqlite_strict": True, "sqlite_with_rowid": False}
