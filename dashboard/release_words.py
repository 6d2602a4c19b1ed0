"""What releases did, in words: trends and frames in, Markdown out, in which every name of a bundle is escaped.

The words for a step are those of `analysis.steps`, the same as the command's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, urlencode

import pandas as pd

from analysis import steps
from analysis.steps import Step, Summary, Trend
from dashboard import wording
from dashboard.releases import INSTALL, LIBRARIES, MEASURES, STEADY, Measure, case_name
from dashboard.wording import plain

MOST_LINKS = 4


def nothing_yet(backfills: pd.DataFrame) -> str:
    """What to do where a machine has not gone through releases, and which machines have."""
    elsewhere = sorted({run["machine"] for run in backfills.to_dict("records") if run["measured"]})
    there = f" There is one of {', '.join(map(plain, elsewhere))}: choose it on the left." if elsewhere else ""
    return (
        f"No run on this machine has gone through releases yet.{there} To measure them here, type "
        "`crossover backfill --jax 0.4.30..`; to see what it gives, `crossover demo` shows releases measured elsewhere."
    )


def answer(trends: Sequence[Trend], frame: pd.DataFrame, measure: str) -> str:
    """What the releases of a frame did to a case: a paragraph per variant, the compiled one first."""
    if measure != STEADY:
        return course(frame, measure)
    releases = list(dict.fromkeys(frame["release"]))
    ordered = sorted(trends, key=lambda trend: trend.variant != "jax_jit")
    return "\n\n".join(" ".join(_sentences(trend, releases)) for trend in ordered)


def course(frame: pd.DataFrame, measure: str) -> str:
    """A figure without an interval: with the oldest release, with the newest, and the most; a sentence per variant."""
    if "variant" not in frame:
        return _course(frame, MEASURES[measure], _library(frame))
    return "\n\n".join(
        _course(rows, MEASURES[measure], wording.variant_text(variant))
        for variant, rows in frame.groupby("variant", sort=False)
    )


def legend(frame: pd.DataFrame, measure: str) -> str:
    """How to read the chart of a measure."""
    if measure == INSTALL:
        return "All packages of the environment that each release was measured in, unpacked."
    if measure != STEADY:
        return "Medians over processes, without an interval: a small difference may be chance."
    anchor = next(iter(frame[frame["anchor"]]["release"]), "the newest")
    return plain(
        f"Each release was sampled beside {anchor}, and is drawn by its ratio to it: medians over processes, with the "
        f"95 % interval. A rule is a step: from one release to the next, surely by more than {steps.LEAST_TEXT}. The "
        "scale of times is logarithmic."
    )


def provenance(run: wording.Row, frame: pd.DataFrame) -> str:
    """Where, when and in what the releases were measured."""
    releases = frame.drop_duplicates("release")
    text = f"Measured on {run['machine']}, {wording.moment(run['started_at'])}: {len(releases)} releases of "
    text += f"{_library(frame)} on Python {', '.join(sorted(set(releases['python'])))}"
    text += ", each with the packages of its day" if _library(frame) == "JAX" else ""
    if "disturbed" in frame:
        measured = frame[frame["seconds"].notna()]
        busy = int((measured["disturbed"] != "").sum())
        text += f". Not quite quiet during {busy} of {len(measured)} measurements (~)" if busy else ""
    return plain(text + ".")


def headline(trends: Sequence[Trend]) -> str:
    """The release with the largest step of all, and how many have any."""
    summaries = steps.summaries(trends)
    cases, releases = steps.cases(trends), len(steps.releases(trends))
    if not summaries:
        return f"**No step above {steps.LEAST_TEXT} in any of {cases} cases and {releases} releases.**"
    named = f"{len(summaries)} of {releases} releases changed something by more than {steps.LEAST_TEXT}."
    chosen = max(summaries, key=lambda one: max(step.times[0] for _, step in (*one.slower, *one.faster)))
    name = f"{LIBRARIES[chosen.library]} {chosen.release}"
    return f"**{plain(f'{name}: {steps.balance(chosen)}')}.** {named}"


def overview(trends: Sequence[Trend], facts: pd.DataFrame, **link: str) -> pd.DataFrame:
    """Which releases changed something, the newest first, as Markdown with links to the charts of the largest steps.

    link: the choices that hold for all of them, as they stand in an address.
    """
    days = dict(zip(facts["release"], facts["appeared"], strict=True))
    newest_first = steps.summaries(trends)[::-1]
    # two columns: a third would be cut off on a phone
    return pd.DataFrame(
        {
            "Release": [
                f"**{plain(one.release)}** {_unbroken(wording.day(days[one.release]))}" for one in newest_first
            ],
            "What it changed": ["; ".join(_changed(one, link)) for one in newest_first],
        }
    )


def _sentences(trend: Trend, releases: Sequence[str]) -> list[str]:
    name = f"{trend.workload}, {case_name(trend)}, {wording.variant_text(trend.variant)}"
    heads = [text.partition(" [") for text in steps.course(trend)]
    found = [f"**{plain(head)}**{plain(opening + interval)}" for head, opening, interval in heads]
    sentences = [f"{plain(name)}: {', '.join(found)}."]
    whole = trend.altogether if len(trend.points) > 2 else None
    if whole and steps.is_sure(whole):
        _, low, high = whole.texts
        change = f"{whole.size} with {whole.after} than with {whole.before} [{low}, {high}]"
        sentences.append(plain(f"Altogether {change}."))
    elif whole and trend.steps:
        ends = f"from {whole.before} to {whole.after}"
        sentences.append(plain(f"Altogether, {ends}, no difference above {steps.LEAST_TEXT} is sure."))
    for reason, without in steps.lacks(trend, releases).items():
        sentences.append(plain(f"No number with {', '.join(without)}: {wording.short(reason)}."))
    return sentences


def _course(frame: pd.DataFrame, measure: Measure, name: str) -> str:
    known = frame[frame[measure.column].notna()].to_dict("records")
    if not known:
        return plain(f"Of {name} this was not recorded.")
    first, last, most = known[0], known[-1], max(known, key=lambda row: row[measure.column])
    parts = [f"{measure.text(row[measure.column])} with {row['release']}" for row in (first, last, most)]
    ends = " and ".join(dict.fromkeys(parts[:2]))
    more = "" if most in (first, last) else f", at most {parts[2]}"
    subject = measure.subject.format(name=name)
    return f"**{plain(f'{subject[:1].upper()}{subject[1:]} {ends}{more}')}.**"


def _changed(summary: Summary, link: Mapping[str, str]) -> Iterator[str]:
    """In how many cases it is slower, and faster; the workloads, each with its largest step, and a link to that."""
    for word, found in (("slower", summary.slower), ("faster", summary.faster)):
        largest: dict[str, tuple[Trend, Step]] = {}
        for trend, step in found:
            largest.setdefault(trend.workload, (trend, step))
        parts = []
        for trend, step in list(largest.values())[:MOST_LINKS]:
            query = urlencode({**link, "workload": trend.workload, "case": case_name(trend)}, quote_via=quote)
            parts.append(f"[{plain(trend.workload)}](?{query}) {step.texts[0]}×")
        if len(largest) > MOST_LINKS:
            parts.append(f"and {len(largest) - MOST_LINKS} more")
        if parts:
            count = steps.cases(trend for trend, _ in found)
            yield f"**{word}** in {count} of {summary.cases}: {', '.join(parts)}"


def _library(frame: pd.DataFrame) -> str:
    return LIBRARIES[frame["library"].iloc[0]]


def _unbroken(text: str) -> str:
    """Text in which no line is broken after a hyphen."""
    return text.replace("-", "\u2060-\u2060")
