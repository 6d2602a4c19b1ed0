"""Write docs/workloads.md from the suite's own files, with a table of where each library wins from a measured bundle.

    python docs/make_workloads.py examples/suite.jsonl.gz

`examples/README.md` says how that bundle was made.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from analysis.compare import verdict
from shipped import read
from workloads import declaration, suite
from workloads.declaration import Declaration
from workloads.figures import ratio_text, run_text, size_text
from workloads.tags import FAMILIES, SITUATIONS, STRESSES
from workloads.workload import without_size

PAGE = Path(__file__).parent / "workloads.md"
COMPARED = "jax_jit"

INTRODUCTION = """\
# The workloads

Made by `make documents` from the files in `workloads/suite/`, one file each; `crossover workloads NAME` says the same.
A ladder of sizes is longer than any one machine can climb: a run stops where a call would take too long there.

Every workload has three variants: `numpy`, `jax_eager` (JAX as it is typed) and `jax_jit` (compiled). Where there are
two honest ways to write one, both are there; the longer name says which. Your own workload is one file as well:
`crossover new NAME`.
"""

WINS = """\
## Where each library wins on one machine

Seconds of compiled JAX / seconds of NumPy for the same call: below 1× JAX is faster. In brackets the 95 % interval over
processes. *Ahead* are sizes whose whole interval lies on one side of 1; at the others it could be either. The last
column is the fastest of all variants at the largest size that was measured, with its ratio to NumPy. Steady calls on
data in place: first calls and transfers are not in these figures.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bundle", type=Path, help="a bundle of the whole suite")
    PAGE.write_text(page(parser.parse_args().bundle))
    print(PAGE.name, "is up to date")


def page(bundle: Path) -> str:
    """The whole page."""
    declared = [declaration.of(suite.load(name)) for name in suite.names()]
    parts = [INTRODUCTION, *wins(bundle, declared)]
    for family, title in FAMILIES.items():
        members = [one for one in declared if one.family == family]
        if members:
            parts += [f"## {title}", "", f"Family `{family}`.", ""]
            for one in members:
                parts += entry(one)
    parts += ["## The words", "", "| stresses | |", "| --- | --- |"]
    parts += [f"| `{word}` | {meaning} |" for word, meaning in STRESSES.items()]
    parts += ["", "| situation | of the article *JAX vs NumPy* |", "| --- | --- |"]
    parts += [f"| `{word}` | {meaning} |" for word, meaning in SITUATIONS.items()]
    return "\n".join(parts) + "\n"


def entry(one: Declaration) -> list[str]:
    """One workload: what it computes, what is expected, and the facts."""
    sizes = ", ".join(map(size_text, one.sizes))
    facts = [
        f"`{one.size_name}` = {sizes}" if one.size_name else "one size",
        ", ".join(one.dtypes),
        ", ".join(f"`{name}`" for name in one.variants),
        "stresses " + ", ".join(f"`{word}`" for word in one.stresses),
        "counts for " + ", ".join(f"`{word}`" for word in one.situations),
        f"version {one.version}",
    ]
    return [
        f"### {one.name}",
        "",
        f"**{one.summary}**",
        "",
        one.expectation,
        "",
        "; ".join(filter(None, facts)) + ".",
        "",
    ]


def wins(bundle: Path, declared: Sequence[Declaration]) -> list[str]:
    """The table, with where and when it was measured."""
    run, environment, rows = read(bundle)
    machine = run.machine_description
    loads = [row.load for row in rows if row.load is not None]
    measured = [row for row in rows if row.status == "measured"]
    busy = sum(bool(row.disturbed) for row in measured)
    lines = [
        WINS,
        f"Measured {run.started_at:%Y-%m-%d %H:%M} UTC on {machine['cores']} cores ({machine['processor']}, "
        f"{machine['memory_gib']} GiB; load {min(loads):.1f} to {max(loads):.1f}; "
        f"{busy:,} of {len(measured):,} measurements on a busy machine), Python {environment.python}, "
        f"NumPy {environment.numpy}, JAX {environment.jax}, run `{run_text(run.uuid)}`, by",
        "`CROSSOVER_CONFIG=benchmarks/survey.toml crossover run --suite survey`.",
        "",
        "| workload | smallest size | largest size measured | NumPy ahead | JAX ahead | fastest there |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    order = {one.name: (list(FAMILIES).index(one.family), one.name) for one in declared}
    known = sorted((row for row in rows if row.workload in order), key=lambda row: order[row.workload])
    for _, group in groupby(known, key=lambda row: order[row.workload]):
        for others, ladder in ladders(list(group)).items():
            lines.append("| " + " | ".join(line(others, ladder)) + " |")
    return [*lines, ""]


def ladders(rows: Sequence[Any]) -> dict[str, list[Any]]:
    """The measurements of one workload, apart for each choice of what is not the size."""
    apart: dict[str, list[Any]] = {}
    for row in rows:
        others = without_size(json.loads(row.case_key), row.size_name)
        apart.setdefault(others.get("dtype", ""), []).append(row)
    return apart


def line(others: str, ladder: Sequence[Any]) -> list[str]:
    """The cells of one row."""
    compared = [row for row in ladder if row.variant == COMPARED and row.ratio]
    name = f"`{ladder[0].workload}` {others}"
    if not compared:
        return [name, "not compared", "", "", "", ""]
    first, last = compared[0], compared[-1]
    at_last = [row for row in ladder if row.size == last.size and row.seconds]
    fastest = min(at_last, key=lambda row: row.seconds)
    told = f"`{fastest.variant}`"
    if fastest.variant not in ("numpy", COMPARED):
        told += " " + ratio_text(fastest.ratio, fastest.ratio_low, fastest.ratio_high)
    single = first is last
    return [
        name,
        "" if single else cell(first),
        cell(last),
        where(compared, "slower"),
        where(compared, "faster"),
        told,
    ]


def cell(row: Any) -> str:
    size = f"{size_text(row.size)}: " if row.size_name else ""
    return size + ratio_text(row.ratio, row.ratio_low, row.ratio_high)


def where(compared: Sequence[Any], word: str) -> str:
    """At which sizes a verdict holds: `everywhere`, `never`, `up to 1,000`, `from 100,000`, or their list."""
    words = [verdict(row.ratio, row.ratio_low, row.ratio_high) for row in compared]
    held = [word == one for one in words]
    sizes = [row.size for row in compared]
    if not any(held):
        return "nowhere"
    if all(held):
        return "everywhere"
    if held == sorted(held):
        return f"from {size_text(sizes[held.index(True)])}"
    if held == sorted(held, reverse=True):
        return f"up to {size_text(sizes[held.index(False) - 1])}"
    return "at " + ", ".join(size_text(size) for size, holds in zip(sizes, held, strict=True) if holds)


if __name__ == "__main__":
    main()
