"""Fewer points for a line that is as long as the picture is wide, of which no extreme is lost."""

from __future__ import annotations

from collections.abc import Sequence


def kept(figures: Sequence[float], most: int) -> list[int]:
    """The places of those figures, in order, that a line needs: all, where there are no more than `most` (4 or more).

    Else the first, the last, and the smallest and the largest of each of so many stretches of equal length. Figures
    that are not there (NaN) are never kept between others.
    """
    places = [place for place, figure in enumerate(figures) if figure == figure]
    if len(places) <= most:
        return places
    stretches, count = (most - 2) // 2, len(places)
    found = {places[0], places[-1]}
    for number in range(stretches):
        stretch = places[number * count // stretches : (number + 1) * count // stretches]
        found |= {min(stretch, key=figures.__getitem__), max(stretch, key=figures.__getitem__)}
    return sorted(found)
