"""Machines and environments in words: Markdown, in which every name of a bundle is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard import wording
from dashboard.inventory import ABSENT, Apart
from dashboard.wording import plain

MOST_NAMED = 8


def answer(machine: str, computers: Sequence[Any], environments: Sequence[Any]) -> str:
    """What a machine is, and how many environments it has measured in.

    computers: those of this nickname, the one that ran last first.
    """
    made_of = wording.machine_text(computers[0].description) or "nothing is known of what it is"
    count = f"{len(environments)} environment{'s' if len(environments) != 1 else ''}"
    sentences = [f"**{plain(machine)}: {plain(made_of)}.**"]
    if environments:
        newest = environments[0]
        jax = f"with JAX {newest.jax}" if newest.jax else "without JAX"
        releases = sum(not row.compares for row in environments)
        of_releases = f", {releases} of them of releases in a backfill" if releases else ""
        last = f"NumPy {newest.numpy} {jax} on Python {newest.python}, last used {wording.day(newest.last_night)}"
        sentences.append(plain(f"{count}{of_releases}; the newest is {last}."))
    if len(computers) > 1:
        sentences.append(
            f"{len(computers)} computers went by this name: what stands here is of the one that ran last, from "
            f"{wording.day(computers[0].first_night)} on."
        )
    return " ".join(sentences)


def seen(computer: Any, unknown: Sequence[str]) -> str:
    """When the facts of a computer were taken, and which are not known."""
    text = "As its first run found it."
    if unknown:
        text += f" Unknown: {', '.join(name[:1].lower() + name[1:] for name in unknown)}."
    return f"{text} Its fingerprint, of processor, architecture, cores and memory, is {plain(computer.fingerprint)}."


def peaks(run: Any) -> str:
    """Of which run the peaks are."""
    return f"The most that was seen, in the run of {wording.day(run.night)}: what a share of the peak is a share of."


def no_peaks() -> str:
    """What to do where no run has any."""
    return "No run on this machine measured what it can do at most. `crossover run` does, before its cases."


def built(places: Sequence[Any]) -> str:
    """How an environment came about, and what is recorded of its files."""
    of_files = next((place for place in places if place.resolution), None)
    if of_files is None:
        return (
            "Used as it was found, not built from a record: its packages are told by version alone. With `--env` or a "
            "track, Crossover builds one whose files are recorded with their hashes."
        )
    count = len(of_files.resolution)
    files = f"{count} files that are recorded with their hashes" if count > 1 else "one file, recorded with its hash"
    spec = f" from `{of_files.spec.replace('`', '')}`" if of_files.spec else ""
    return f"Built by {plain(of_files.builder)}{spec}, of {files}."


def apart(found: Apart) -> str:
    """How much differs, and what; then what cannot be compared."""
    common = [row for row in found.packages if ABSENT not in row[1:]]
    parts = []
    for rows, word in ((common, "packages that both have"), (found.facts, "facts")):
        names = [name for name, one, other in rows if one != other]
        if names:
            parts.append(f"{len(names)} of {len(rows)} {word} ({_listed(names)})")
    for side, word in ((2, "first"), (1, "second")):
        count = sum(row[side] == ABSENT for row in found.packages)
        if count:
            parts.append(f"{count} package{'s' if count > 1 else ''} that only the {word} has")
    text = f"**They differ** in {', '.join(parts)}." if parts else "**Nothing that is known of both differs.**"
    if found.unknown:
        names = ", ".join(name[:1].lower() + name[1:] for name in found.unknown)
        text += f" Not known of both: {plain(names)}."
    return text


def nothing_to_compare() -> str:
    """One environment on one machine."""
    return (
        'There is one environment on one machine: nothing to compare. `crossover run --env "numpy==2.4.3,jax==0.9.2"` '
        "measures in another one."
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return plain(", ".join(names[:MOST_NAMED]) + more)
