"""Column types that mean the same on SQLite and on Postgres."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Double, Integer, LargeBinary, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine

BigInt = BigInteger().with_variant(Integer, "sqlite")
Float64 = Double().with_variant(sqlite.REAL, "sqlite")


class Flag(TypeDecorator[bool]):
    """True or false: boolean on Postgres, 0 or 1 on SQLite, whose strict tables know no boolean."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> TypeEngine[Any]:
        return Boolean() if dialect.name == "postgresql" else Integer()

    def process_result_value(self, value: Any, dialect: Any) -> bool | None:  # noqa: ARG002
        return None if value is None else bool(value)


class UtcTime(TypeDecorator[datetime]):
    """A moment: timestamptz on Postgres, fixed-width ISO text ending in Z on SQLite. Refuses a time without a zone."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> TypeEngine[Any]:
        return DateTime(timezone=True) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: datetime | None, dialect: Any) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value)


class Night(TypeDecorator[date]):
    """A calendar day: date on Postgres, ISO text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> TypeEngine[Any]:
        return Date() if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: date | None, dialect: Any) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.isoformat()

    def process_result_value(self, value: Any, dialect: Any) -> date | None:  # noqa: ARG002
        return value if value is None or isinstance(value, date) else date.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """A JSON document: jsonb on Postgres, text with sorted keys on SQLite. None is SQL's null on both."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> TypeEngine[Any]:
        return postgresql.JSONB(none_as_null=True) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return value if value is None or dialect.name == "postgresql" else json.dumps(value, sort_keys=True)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and dialect.name != "postgresql" else value


class Packed(TypeDecorator[Any]):
    """A JSON document that only detail pages read: compressed, which on real processes saves three quarters."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> bytes:  # noqa: ARG002
        return zlib.compress(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())

    def process_result_value(self, value: bytes | None, dialect: Any) -> Any:  # noqa: ARG002
        return None if value is None else json.loads(zlib.decompress(value))
