"""What the tracks of a night came to that they did not the last time: rows of environments in, lines out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

#: What an upgrade is told by.
NAMED = ("python", "numpy", "jax", "jaxlib")


def upgraded(rows: Iterable[Any], nights: Sequence[int]) -> Iterator[str]:
    """What the tracks of the newest night resolved to that they did not the last time: `latest: jax 0.10.1 to 0.10.2`.

    rows: `storage.queries.environments_of_runs`. nights: ids of their runs, the newest first; a track that one of them
    lacked is that of the one before.
    """
    newest, *earlier = nights
    of_track = {(row.run_id, row.track): row for row in rows if row.track}
    for track in [track for run, track in of_track if run == newest]:
        last = next((of_track[run, track] for run in earlier if (run, track) in of_track), None)
        if last is None:
            continue
        before, after = ({name: getattr(row, name) for name in NAMED} for row in (last, of_track[newest, track]))
        parts = [f"{name} {before[name]} to {after[name]}" for name in NAMED if before[name] != after[name]]
        if parts:
            yield f"{track}: {', '.join(parts)}"
