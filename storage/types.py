"""Column types that mean the same on SQLite and on Postgres."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Double, Integer, LargeBinary, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.address import StorageError

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


#: What a packed document may be unpacked to: it came in a line of a bundle, and JSON may escape its letters.
MAX_UNPACKED_BYTES = 64 * 2**20


class Packed(TypeDecorator[Any]):
    """A JSON document that only detail pages read: compressed, which on real processes saves three quarters.

    None is SQL's null. StorageError where what was stored is no such document.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:  # noqa: ARG002
        if value is None:
            return None
        return zlib.compress(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())

    def process_result_value(self, value: bytes | None, dialect: Any) -> Any:  # noqa: ARG002
        if value is None:
            return None
        unpacking = zlib.decompressobj()
        try:
            document = unpacking.decompress(value, MAX_UNPACKED_BYTES)
            if not unpacking.eof:
                raise ValueError(f"it is cut off, or has more than {MAX_UNPACKED_BYTES // 2**20} MiB")
            return json.loads(document)
        except (zlib.error, ValueError) as error:
            raise StorageError(f"a packed document in the database is damaged: {error}") from None
