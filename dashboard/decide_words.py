"""NumPy or JAX for so many calls, in words: a decision and its figures in, Markdown out."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.compare import Figure
from analysis.decision import Decision
from dashboard import break_even_words, breaking_even, wording
from dashboard.wording import Row, plain

NOTHING_TO_COMPARE = "The newest run has no size at which NumPy and another variant were both measured. Measure it:"
MORE = "To know more, measure this size again, in as many processes as it takes:"


def answer(decision: Decision, totals: Mapping[str, Figure], calls: int) -> str:
    """What to use, in one sentence with both totals.

    totals: of every variant (`deciding.totals`); `decision.name` is one of them, None for NumPy.
    """
    rival = decision.name or min((name for name in totals if name != "numpy"), key=lambda name: totals[name][0])
    ours, numpy = (plain(wording.duration(*totals[name])).replace(" ", "\u00a0") for name in (rival, "numpy"))
    name, many = _name(rival), f"{calls:,} {'call' if calls == 1 else 'calls'}"
    take = "takes" if calls == 1 else "take"
    if decision.verdict == "unsure":
        return (
            f"**Not enough evidence: {many} {take} {numpy} in NumPy and {ours} in {name}, which cannot be told apart.**"
        )
    if decision.verdict == "same":
        return f"**It does not matter: {many} {take} {numpy} in NumPy and {ours} in {name}, the same within 2 %.**"
    if decision.name is None:
        return f"**Use NumPy: {many} {take} {numpy}, and {ours} in {name}, the nearest other.**"
    return f"**Use {name}: {many} {take} {ours}, and {numpy} in NumPy.**"


def turning(even: pd.DataFrame) -> str:
    """From how many calls on each JAX variant is ahead of NumPy, at this size; the compiled one first."""
    known = even[even["kind"].isin(breaking_even.KNOWN)].to_dict("records")
    known.sort(key=lambda row: row["variant"] != "jax_jit")
    turns = "; ".join(f"{_name(row['variant'])} {_turn(row)}" for row in known)
    return f"Ahead of NumPy: {turns}." if turns else ""


def legend(transfers: str) -> str:
    """What the lines are, and what is counted."""
    return (
        "A line is the first call and the later ones together, its band what their 95 % intervals allow; both axes are "
        "logarithmic. The verdict goes by the ratio that was sampled side by side, which is surer than the bands. "
        + break_even_words.counted(transfers)
    )


def _turn(row: Row) -> str:
    text = plain(break_even_words.says(row)).replace(" ", "\u00a0")
    return {"after": f"from {text} on", "at once": "from the first call on"}.get(row["kind"], text)


def _name(variant: str) -> str:
    return plain(wording.variant_text(variant))
