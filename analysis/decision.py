"""NumPy or JAX, for so many calls? Totals of the candidates beside the baseline's, and what follows.

Only this: for one case, on one machine, in one environment. What memory, code and other sizes say is not in it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from analysis.break_even import Pair, ends
from analysis.compare import Figure, verdict


@dataclass(frozen=True)
class Decision:
    """What to use for so many calls: `name`, None for the baseline.

    verdict: `faster`, it is surely the faster one; `same`, it does not matter (within 2 %); `unsure`, nothing can be
    said against the baseline, and `name` is the candidate that could not be told from it.
    """

    verdict: Literal["faster", "same", "unsure"]
    name: str | None


def ratio_of_totals(pair: Pair, calls: int) -> Figure:
    """Candidate / baseline seconds of so many calls (1 or more), with the least and the most that it may be.

    The ends are those of all figures together, as for a break-even; there are none where a figure that counts has none.
    """
    later = calls - 1
    besides = pair.once + calls * pair.each

    def of(first: float, candidate_first: float, steady: float, ratio: float) -> float:
        return (candidate_first + later * steady * ratio + besides) / (first + later * steady)

    figures = (pair.first, pair.candidate_first, pair.steady, pair.ratio)
    middle = of(*(figure[0] for figure in figures))
    needed = figures[:2] if calls == 1 else figures  # the first calls alone decide one call
    if any(None in figure for figure in needed):
        return middle, None, None
    corners = [of(*corner) for corner in itertools.product(*(ends(figure) for figure in figures))]
    return middle, min(corners), max(corners)


def decide(pairs: Mapping[str, Pair], calls: int) -> Decision:
    """The fastest for so many calls: a candidate only where it surely beats the baseline, of several the one with the
    smallest ratio; the baseline where it surely beats them all, or where there is no candidate.
    """
    found = {name: ratio_of_totals(pair, calls) for name, pair in pairs.items()}
    verdicts = {name: verdict(*figure) for name, figure in found.items()}
    for wanted, says in (("faster", "faster"), ("unsure", "unsure"), ("same", "same")):
        names = [name for name, known in verdicts.items() if known == wanted]
        if names:
            return Decision(says, min(names, key=lambda name: found[name][0]))
    return Decision("faster", None)
