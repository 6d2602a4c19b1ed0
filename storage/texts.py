"""Names and times as they must stand in a bundle."""

from __future__ import annotations

from datetime import datetime
from typing import Any

MAX_NAME = 120
YEARS = (1970, 9000)  # of a clock that was never set, and what every zone and both databases can still write


def check_name(value: Any, name: str) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME:
        raise ValueError(f"{name} must be a text of 1 to {MAX_NAME} characters")


def check_time(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {value}")
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError(f"a time of another age: {value}")
    return moment
