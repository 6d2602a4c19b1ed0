"""What can be measured, as a list for people and as a document for machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from flows.checking import Checked, Found
from flows.settings import Settings
from workloads import declaration, figures, suite
from workloads.bringing import Gathered, named_by_users
from workloads.declaration import Declaration
from workloads.tags import FAMILIES, SITUATIONS, STRESSES
from workloads.workload import REFERENCE, WorkloadError, nearest, without_size


def known(gathered: Gathered) -> list[Declaration]:
    """The workloads of the suite and those from outside, by family and name."""
    declared = [declaration.of(suite.load(name)) for name in suite.names()] + list(gathered.declared.values())
    families = list(FAMILIES)
    return sorted(declared, key=lambda one: (families.index(one.family), one.name))


def chosen(
    declared: Sequence[Declaration], names: Iterable[str] = (), families: Iterable[str] = ()
) -> list[Declaration]:
    """Those of these names and families, or all. WorkloadError names what there is."""
    for family in families:
        if family not in FAMILIES:
            raise WorkloadError(f"there is no family {family!r}. Known: " + ", ".join(FAMILIES))
    known_names = [one.name for one in declared]
    wanted = set()
    for name in names:
        meant = named_by_users(name, known_names)
        if not meant:
            hint = nearest(name, known_names)
            raise WorkloadError(f"there is no workload {name!r}.{hint} Known: " + ", ".join(known_names))
        wanted.update(meant)
        for one in declared:
            if one.name in meant and families and one.family not in families:
                raise WorkloadError(f"{one.name} is of the family {one.family}")
    return [one for one in declared if (not wanted or one.name in wanted) and (not families or one.family in families)]


def document(declared: Iterable[Declaration], gathered: Gathered, settings: Settings) -> list[dict[str, Any]]:
    """Everything that workloads say of themselves, and in which suites they are measured."""
    return [
        {
            **asdict(one),
            "sizes": one.sizes,
            "dtypes": one.dtypes,
            "suites": suites_of(one, settings, gathered),
            "file": gathered.files[one.name].file if one.name in gathered.files else None,
        }
        for one in declared
    ]


def suites_of(declared: Declaration, settings: Settings, gathered: Gathered) -> list[str]:
    """The suites of the settings that measure a workload. One of a file is measured where the file is named."""
    if declared.name not in suite.names() and declared.name not in gathered.installed:
        return []
    return [name for name, one in settings.suites.items() if one.workloads == "all" or declared.name in one.workloads]


def paragraphs(text: str) -> list[str]:
    """A docstring's paragraphs, each on one line, with an empty one between."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n")).split("\n")


def print_list(
    console: Console, declared: Sequence[Declaration], settings: Settings, gathered: Gathered, *, whole: bool
) -> None:
    """Family by family: name, what it computes, sizes, dtypes, variants. whole: with all that their files say."""
    family = ""
    for one in declared:
        if one.family != family:
            family = one.family
            console.print(Text(f"{family}: {FAMILIES[family]}", style="bold"))
        console.print(Text(f"  {one.name}", style="cyan"))
        console.print(Padding(Text(one.summary or "(says nothing of itself)"), (0, 0, 0, 4), expand=False))
        told = [f"{ladder_text(one)}; {', '.join(one.variants)}"]
        if whole:
            told += ["", *paragraphs(one.expectation), ""] if one.expectation else []
            told += [f"stresses {word}: {STRESSES[word]}" for word in one.stresses]
            told += [f"counts for {SITUATIONS[word]}" for word in one.situations]
            told += [f"version {one.version}; suites: {', '.join(suites_of(one, settings, gathered)) or 'none'}"]
        console.print(Padding(Text("\n".join(told), style="" if whole else "dim"), (0, 0, 0, 4), expand=False))
    if not whole:
        console.print(Text(f"{len(declared)} workloads; `crossover workloads NAME` says more of one"))


def ladder_text(declared: Declaration) -> str:
    """`n = 100 to 10,000,000 (6 sizes); float32, float64`."""
    sizes = declared.sizes
    if not declared.size_name:
        text = "one size"
    elif len(sizes) == 1:
        text = f"{declared.size_name} = {figures.size_text(sizes[0])}"
    else:
        ends = f"{figures.size_text(sizes[0])} to {figures.size_text(sizes[-1])}"
        text = f"{declared.size_name} = {ends} ({len(sizes)} sizes)"
    return "; ".join(filter(None, (text, ", ".join(declared.dtypes))))


def print_checked(console: Console, checked: Checked) -> None:
    """What a check found, variant by variant and ladder by ladder, and what comes next."""
    declared = checked.declared
    console.print(Text(declared.name, style="bold").append(f", version {declared.version}: {declared.summary}", "none"))
    for variant in declared.variants:
        console.print(Text(f"  {variant}", style="cyan"))
        found = [one for one in checked.found if one.variant == variant]
        for ladder in ladders(found, declared):
            console.print(Padding(line_of(ladder, declared), (0, 0, 0, 4), expand=False))
        if not found:
            console.print(Text(f"    not tried: {REFERENCE}, which it is compared with, has to be mended first"))
    if checked.mistakes:
        console.print(Text("This has to be mended: a run would have no number there.", style="yellow"))
    else:
        console.print(Text("All variants agree wherever they were tried. The times are rough: one process, once."))


def ladders(found: Iterable[Found], declared: Declaration) -> list[list[Found]]:
    """What was found, apart for each choice of what is not the size."""
    apart: dict[str, list[Found]] = {}
    for one in found:
        apart.setdefault(others_text(one.case, declared), []).append(one)
    return list(apart.values())


def line_of(ladder: Sequence[Found], declared: Declaration) -> Text:
    """One ladder of one variant: the calls at both ends of what was tried, and what ended it."""
    tried = [one for one in ladder if one.status == "ready"]
    others = others_text(ladder[0].case, declared)
    text = Text(f"{others}: " if others else "")
    if tried:
        ends = [tried[0], tried[-1]] if len(tried) > 1 else tried
        calls = ", ".join(f"{figures.seconds_text(one.seconds)} at {at(one, declared)}" for one in ends)
        text.append("agrees", "green").append(
            f"; {calls}; first call {figures.seconds_text(tried[0].first_call_seconds)}"
        )
    for one in ladder:
        if one.status not in ("ready", "too_large"):
            text.append("; " if tried else "").append(f"{one.status} at {at(one, declared)}: {one.reason}", "yellow")
    beyond = [one for one in ladder if one.status == "too_large"]
    if beyond:
        text.append(f"; a run stops before {at(beyond[0], declared)}: {beyond[0].reason}", "dim")
    return text


def at(found: Found, declared: Declaration) -> str:
    return f"{declared.size_name} = {figures.size_text(found.size)}" if declared.size_name else "its size"


def others_text(case: Mapping[str, Any], declared: Declaration) -> str:
    """A case without its size: `float32`."""
    others = without_size(case, declared.size_name)
    return figures.case_text(others) if others else ""
