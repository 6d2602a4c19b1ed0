"""How long a case and a run may take. The one other place that reads a clock; no measurement comes from it."""

from __future__ import annotations

import math
from time import monotonic as clock


class Elapsed:
    """How long something takes that has begun now, for whoever waits for its end."""

    def __init__(self) -> None:
        self._start = clock()

    def minutes_left(self, done: int, of: int) -> float:
        """As many minutes as the rest takes, if it goes on as it went."""
        return (clock() - self._start) / done * (of - done) / 60


class Deadline:
    """A moment `seconds` from now, or never."""

    def __init__(self, seconds: float | None) -> None:
        self._end = math.inf if seconds is None else clock() + seconds

    def seconds_left(self) -> float:
        """Never below 0; infinite where there is no end."""
        return max(0.0, self._end - clock()) if self._end < math.inf else math.inf

    def is_over(self) -> bool:
        return self.seconds_left() == 0

    def at_most(self, seconds: float) -> float:
        """As long as there is time, and no longer than `seconds`; a moment even when there is none."""
        return min(seconds, max(0.1, self.seconds_left()))
