"""What nights did, in words: frames and levels in, Markdown out, in which every name of a bundle is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from urllib.parse import quote, urlencode

import pandas as pd

from analysis import levels
from analysis.compare import verdict
from analysis.steps import Trend, order
from dashboard import releases, trends, wording
from dashboard.releases import LIBRARIES
from dashboard.trends import LAST_YEAR, MEMORY, STEADY, TO_FIRST, TO_MACHINE, TO_NUMPY, Upgrade, View
from dashboard.wording import plain
from workloads.figures import ratio_text


def nothing_yet(workload: str, nights: str) -> str:
    """What to do where no night and no run by hand has measured a workload."""
    older = " in the last year; all nights can be chosen above" if nights == LAST_YEAR else ""
    return (
        f"No night and no run by hand has measured {plain(workload)} here{older}. `crossover up` measures every night; "
        "what is below measures it now. What backfills found stands on the page Releases."
    )


def no_number(frame: pd.DataFrame, view: View) -> str:
    """Why there is nothing to draw."""
    failed = frame[frame["status"] != "measured"]
    if len(failed) == len(frame) and len(frame):
        return f"There is no number in any night: {_reasons(failed)}. The page Runs has the reasons."
    if view.shown == TO_MACHINE:
        return (
            f"There is no night in which {plain(view.other)} measured the same. Choose another machine, or all nights."
        )
    return (
        f"There is no {view.shown if view.is_ratio else view.measure} in any of these nights: choose another measure."
    )


def answer(frame: pd.DataFrame, upgrades: Sequence[Upgrade], changes: pd.DataFrame, view: View) -> str:
    """From the first night to the last: faster, slower, same or unsure, and what the largest step came with.

    A paragraph per variant, the compiled one first, NumPy last. changes: what backfills found (`data.changes`).
    """
    most = int(frame[frame["y"].notna()].groupby("variant")["night"].nunique().max())
    if most < levels.LEAST_NIGHTS:
        unit = "day" if trends.is_by_hand(frame) else "night"
        count = f"1 {unit} has" if most == 1 else f"{most} {unit}s have"
        return f"**Too few {unit}s for a verdict: {count} a number, and it takes {levels.LEAST_NIGHTS}.**"
    paragraphs = {
        str(variant): " ".join(_sentences(rows, upgrades, changes, view))
        for variant, rows in frame.groupby("variant", sort=False)
    }
    order_of = {variant: (variant.startswith("numpy"), variant != "jax_jit") for variant in paragraphs}
    return "\n\n".join(paragraphs[variant] for variant in sorted(paragraphs, key=order_of.__getitem__))


def legend(frame: pd.DataFrame, view: View) -> str:
    """What points, bands and rules are."""
    figure = "the most that any process took" if view.measure == MEMORY else "medians over processes"
    sentences = [f"Points are {figure}"]
    if view.shown == TO_NUMPY:
        sentences = ["Points are ratios to NumPy of the same night and environment, sampled side by side"]
    elif view.shown == TO_FIRST:
        sentences.append("They are shown over the first night's, which may be off by itself")
    elif view.shown == TO_MACHINE:
        sentences.append(f"They are shown over those of {view.other} in the same night, not sampled side by side")
    sentences[0] += ", bands and bars their 95 % intervals" if frame["low"].notna().any() else ", without an interval"
    if trends.is_by_hand(frame):
        sentences.append("No night has measured this: these are runs by hand")
    else:
        sentences.append("A line breaks where nights have no number")
        sentences.append(
            "Verdicts take each night as a draw of its own: days on which the machine is slow can look like a step"
        )
    sentences.append("A dotted rule is another version of NumPy or JAX than before, named where there is room")
    sentences.append("A click on a point tells all that is known of it")
    return plain(". ".join(sentences) + ".")


def elsewhere(backfilled: Sequence[Trend], series: pd.DataFrame, machine: str) -> str:
    """The way to the same computation release by release; backfilled: what a backfill found of this workload."""
    if not backfilled:
        return "By release: `crossover backfill` measures release after release, and the page Releases shows it."
    case = series["case"].iloc[0]
    link = {"machine": machine, "workload": backfilled[0].workload}
    link |= {"case": case} if case in releases.cases(backfilled) else {}
    return f"By release: [the newest backfill of {plain(machine)}](releases?{urlencode(link, quote_via=quote)})."


def _sentences(rows: pd.DataFrame, upgrades: Sequence[Upgrade], changes: pd.DataFrame, view: View) -> Iterator[str]:
    beside = {TO_NUMPY: " against NumPy", TO_MACHINE: f" against {view.other}"}.get(view.shown, "")
    name, unit = plain(_subject(rows, view) + beside), "day" if trends.is_by_hand(rows) else "night"
    nightly = rows[rows["y"].notna()].groupby("night")["y"].median()
    found = levels.first_to_last(nightly.tolist())
    if found is None:
        count = f"{len(nightly)} {unit} has" if len(nightly) == 1 else f"{len(nightly)} {unit}s have"
        yield f"**{name}: too few {unit}s.** {count} a number, and a verdict needs {levels.LEAST_NIGHTS}."
    else:
        word = _word(verdict(found.ratio, found.low, found.high), view)
        few, ratio = f"{found.nights[0]} {unit}s", _ratio(found)
        change = f"it took {ratio} the time"
        if beside or view.measure == MEMORY:
            change = f"it was {ratio} that"
        span = f"{_day(nightly.index[0])} to {_day(nightly.index[-1])}"
        yield f"**{name}: {word}.** In the last {few} {plain(change)} of the first {few}, {span}."
        yield from _step(nightly, upgrades, _of(changes, rows), view)
    failed = rows[rows["status"] != "measured"]
    if len(failed):
        yield f"No number in {len(failed)} of {len(rows)} {unit}s ({_reasons(failed)})."


def _step(nightly: pd.Series, upgrades: Sequence[Upgrade], changes: pd.DataFrame, view: View) -> Iterator[str]:
    """Its largest step, the upgrade that came with it, and whether a backfill found the same."""
    step = levels.largest_step(nightly.tolist())
    if step is None:
        yield "No single step is sure."
        return
    before, night = nightly.index[step.at - 1], nightly.index[step.at]
    here = [one for one in upgrades if before < one.night <= night]
    word = view.of.more if step.shift.ratio > 1 else view.of.less
    told = f"The largest step, {_ratio(step.shift)}, {word}, begins with {_day(night)}"
    if not here:
        yield plain(f"{told}; no upgrade of NumPy or JAX came with it, so it may be the machine's own.")
        return
    yield plain(f"{told}, with {' and '.join(one.text for one in here)}.")
    confirmed = (
        confirming(changes, here, step.shift.ratio) if view.measure == STEADY and view.shown != TO_NUMPY else None
    )
    if confirmed is None:
        yield "That they came together is no proof."
        return
    before, after = (_release(confirmed[side]) for side in ("before", "after"))
    size = ratio_text(confirmed["ratio"], confirmed["low"], confirmed["high"])
    yield plain(f"A backfill found it too, side by side: {size} from {before} to {after}.")


def confirming(changes: pd.DataFrame, upgrades: Sequence[Upgrade], ratio: float) -> wording.Row | None:
    """A change that a backfill found, in the same direction, with a release that lies within one of some upgrades."""
    for change in changes.to_dict("records"):
        library, _, version = _parts(change["after"])
        for upgrade in upgrades:
            is_within = order(upgrade.before) < order(version) <= order(upgrade.after)
            if upgrade.library == library and is_within and (change["ratio"] > 1) == (ratio > 1):
                return change
    return None


def _of(changes: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return changes[changes["series_id"].isin(rows["series_id"])] if len(changes) else changes


def _parts(environment: str) -> tuple[str, str, str]:
    """`jax==0.4.30 (group 2)` as library and version."""
    library, equals, version = environment.partition(" ")[0].partition("==")
    return LIBRARIES.get(library, library), equals, version


def _release(environment: str) -> str:
    library, _, version = _parts(environment)
    return f"{library} {version}"


def _subject(rows: pd.DataFrame, view: View) -> str:
    """`Compiled JAX`, `The first call of compiled JAX`; a name of a bundle's own stays as it is."""
    variant = str(rows["variant"].iloc[0])
    name = view.of.subject.format(name=wording.variant_text(variant))
    return name if name == variant else name[:1].upper() + name[1:]


def _word(found: str, view: View) -> str:
    return {"slower": view.of.more, "faster": view.of.less, "same": "the same"}.get(found, found)


def _ratio(found: levels.Shift) -> str:
    return ratio_text(found.ratio, found.low, found.high)


def _reasons(failed: pd.DataFrame) -> str:
    counts = Counter(wording.status(status) for status in failed["status"])
    return ", ".join(
        plain(f"{status} {count}" if len(counts) > 1 else status) for status, count in counts.most_common()
    )


def _day(night: date) -> str:
    """A night in a line that is not broken after its hyphens."""
    return f"{night:%Y-%m-%d}".replace("-", "\u2060-\u2060")
