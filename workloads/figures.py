"""Figures as text: seconds, ratios and sizes, with no more digits than their interval allows."""

from __future__ import annotations

import math

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def seconds_text(seconds: float | None, low: float | None = None, high: float | None = None) -> str:
    """`2.8 ms`; with its interval `2.81 ms [2.77, 2.85]`, all in one unit. A dash for what was not measured."""
    if seconds is None:
        return "–"
    scale, unit = _unit(seconds)
    significant = significant_digits(seconds, low, high)
    text = f"{_digits(seconds / scale, significant)} {unit}"
    if low is None or high is None:
        return text
    return f"{text} [{_digits(low / scale, significant)}, {_digits(high / scale, significant)}]"


def ratio_text(ratio: float | None, low: float | None = None, high: float | None = None) -> str:
    """`0.31× [0.29, 0.33]`: candidate / baseline seconds. A dash for what was not measured."""
    if ratio is None:
        return "–"
    significant = significant_digits(ratio, low, high)
    if low is None or high is None:
        return f"{_digits(ratio, significant)}×"
    while significant < 5 and any(end != 1 and float(f"{end:.{significant - 1}e}") == 1 for end in (low, high)):
        significant += 1  # an end that is shown as 1 would belie a verdict
    return f"{_digits(ratio, significant)}× [{_digits(low, significant)}, {_digits(high, significant)}]"


def significant_digits(value: float, low: float | None, high: float | None) -> int:
    """Digits (2 to 4) that an interval supports: as many as it takes to tell its ends apart."""
    if low is None or high is None or high <= low:
        return 2
    return min(4, max(2, math.ceil(-math.log10((high - low) / value)) + 1))


def size_text(size: float) -> str:
    """`1,000,000`; sizes that are no whole numbers keep their digits."""
    return f"{size:,.0f}" if size == int(size) else f"{size:g}"


def run_text(identity: str) -> str:
    """A run's identity as people see it: its end, because runs that are scheduled together begin alike (UUID 7)."""
    return identity[-8:]


def case_text(case: dict) -> str:
    """A case as people write it: `n=1,000,000 float32`."""
    parts = [
        f"{name}={size_text(value)}" if isinstance(value, (int, float)) else str(value) for name, value in case.items()
    ]
    return " ".join(parts)


def _unit(seconds: float) -> tuple:
    for scale, unit in UNITS:
        if abs(seconds) >= scale:
            return scale, unit
    return UNITS[-1]


def change_text(floor: float | None) -> str:
    """`1.5 %`; a change that is no longer a matter of percents as `3×`; a dash for what is not known."""
    if floor is None:
        return "–"
    return f"{floor:.1%}".replace("%", " %") if floor < 1 else f"{1 + floor:.0f}×"


def _digits(value: float, significant: int) -> str:
    """A plain decimal with this many significant digits, never an exponent; the integer part keeps all its digits."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    decimals = max(0, significant - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"
