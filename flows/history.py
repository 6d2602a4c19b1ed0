"""The commands that compare releases: `crossover backfill`, `crossover upgrade-check`."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from analysis.upgrade_check import MOST_LOOKS, TOLERANCE
from flows import backfill as filling
from flows import core, unfinished, upgrade_report, upgrading
from flows.cli import HOLES, OK, WrongOptions, app, print_run, say
from flows.environments import EnvironmentSpecError
from flows.home import open_home
from flows.settings import read_settings
from storage import database
from workloads.plan import Place, Plan


@app.command
def backfill(
    *,
    numpy: str | None = None,
    jax: str | None = None,
    minor: Annotated[bool, Parameter(show_default=False)] = False,
    python: str | None = None,
    suite: str = "history",
    workload: list[str] | None = None,
    size: list[float] | None = None,
    variant: list[str] | None = None,
    group: int = 6,
    time_limit: float | None = None,
    machine: str | None = None,
    dry_run: Annotated[bool, Parameter(show_default=False)] = False,
    as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False,
) -> int:
    """Measure release after release of NumPy and JAX, and say where it got slower or faster.

    NumPy's variants in every NumPy release, JAX's in every JAX release with the packages of its day. A few releases at
    a time are sampled side by side, always together with the newest one, which makes them comparable. The same command
    again goes on where it was stopped, with the releases of then, and measures nothing twice; one that is done is
    measured anew.

    Examples:

      crossover backfill --jax 0.4.18..0.10 --workload scan_products

      crossover backfill --numpy 1.26..2.4 --jax 0.4.30.. --minor --dry-run

    Parameters
    ----------
    numpy
        NumPy releases: 1.26..2.4 with all of 2.4, 2.0.. up to the newest, or 1.26.4,2.0.2.
    jax
        JAX releases, written the same way.
    minor
        Only the last of each minor release.
    python
        The interpreter of all environments, 3.12. Default: the version that this runs in.
    suite
        A suite of crossover.toml: which workloads, how long and how exactly.
    workload
        Only this workload; may be repeated.
    size
        Only this size; may be repeated.
    variant
        Only this variant; may be repeated.
    group
        How many releases are sampled side by side, beside the newest and the last one before: each has a process per
        variant, which stays in memory. With five draws of six JAX releases, 40 processes of 0.2 GB.
    time_limit
        Begin nothing further after so many seconds; the same command again goes on.
    machine
        This machine's nickname. Default: $CROSSOVER_MACHINE, else its host name.
    dry_run
        Say what would be measured, and measure nothing. Environments are built for it.
    as_json
        Print the run as JSON; progress goes to standard error.
    """
    if group < 1:
        raise WrongOptions("--group must be at least 1")
    home, settings = open_home(), read_settings()
    nickname = machine or os.environ.get("CROSSOVER_MACHINE")
    database.see_storable(home.database_url)
    request = filling.Request(
        numpy=numpy,
        jax=jax,
        minor=minor,
        python=python,
        suite=suite,
        workloads=tuple(workload or ()),
        sizes=tuple(size or ()),
        variants=tuple(variant or ()),
        group=group,
    )
    plan, path = filling.planned(request, home, settings, say, dry_run=dry_run)
    for line in told(plan):
        say(line)
    if dry_run:
        return OK
    unfinished.change_time_limit(path, time_limit or settings.suite(suite).run_limit_seconds)
    outcome = core.measure_and_store(path, home, label="crossover backfill", machine=nickname, say=say)
    print_run(outcome.run, as_json=as_json)
    say(outcome.summary())
    return OK if outcome.is_whole else HOLES


def told(plan: Plan) -> list[str]:
    """What a backfill will do, one line for each library and one for the whole."""
    lines = []
    for library in filling.LIBRARIES:
        releases = [place.name for place in plan.places if place.measures == library and not place.again]
        if releases:
            groups = Counter(place.group for place in plan.places if place.measures == library)
            counts = f"{counted(len(releases), 'release')} in {counted(len(groups), 'group')}"
            lines.append(f"{library}: {counts}: " + ", ".join(releases))
    sides = sum(len(plan.variants_of(block)) for block in plan.blocks())
    counts = f"{counted(len(plan.cases), 'case')}, {counted(sides, 'measurement')}"
    lines.append(f"{counts}, each of at least {counted(plan.settings.processes, 'process')}")
    return lines


def counted(count: int, what: str) -> str:
    """`1 case`, `2 cases`."""
    return f"{count} {what}" + ("" if count == 1 else "es" if what.endswith("s") else "s")


def resolved(place: Place) -> str:
    """What an environment came to: `latest: numpy 2.4.6, jax 0.10.2, jaxlib 0.10.2`."""
    versions = {package["name"]: package["version"] for package in place.resolution}
    named = ", ".join(f"{name} {versions[name]}" for name in ("numpy", "jax", "jaxlib") if name in versions)
    return f"{place.name}: {named}"


@app.command
def upgrade_check(
    *,
    old: Annotated[str, Parameter(name="--from")],
    new: Annotated[str, Parameter(name="--to")] = "latest",
    suite: str = "upgrade",
    workload: list[str] | None = None,
    workload_file: list[Path] | None = None,
    size: list[float] | None = None,
    variant: list[str] | None = None,
    threads: int | None = None,
    tolerance: float = TOLERANCE,
    looks: int = MOST_LOOKS,
    machine: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False,
) -> int:
    """Is it safe to upgrade NumPy and JAX? Measures both environments side by side.

    What stands out at the first look, or is not settled, is measured again, longer, before it counts.

    Exit code 0: nothing got slower by more than the tolerance, and nothing broke. 1: something did. 2: it could not be
    done as asked.

    Examples:

      crossover upgrade-check --from "numpy==2.2.6,jax==0.6.2" --to latest

      crossover upgrade-check --from requirements.lock --to "numpy,jax" --workload-file my.py

    Parameters
    ----------
    old
        The environment that you have: a spec such as "numpy==2.2.6,jax==0.6.2", a requirements or lock file, or a
        track of crossover.toml.
    new
        The one that you think of, written the same way.
    suite
        A suite of crossover.toml: which workloads, how long and how exactly to look at first.
    workload
        Only this workload; may be repeated.
    workload_file
        Your own computation, as this file declares it; may be repeated. `crossover new` writes one to start from.
    size
        Only this size; may be repeated.
    variant
        Only this variant; may be repeated.
    threads
        Keep each side on so many cores. Default: what the suite says.
    tolerance
        How much slower is still the same: 0.05 is 5 %.
    looks
        How often to look at most; each further look takes twice the time of the one before.
    machine
        This machine's nickname. Default: $CROSSOVER_MACHINE, else its host name.
    as_json
        Print the result as JSON; progress goes to standard error.
    """
    if not 0 < tolerance < 1 or looks < 2:
        raise WrongOptions("--tolerance lies between 0 and 1, 0.05 is 5 %; --looks is at least 2")
    home, settings = open_home(), read_settings()
    nickname = machine or os.environ.get("CROSSOVER_MACHINE")
    database.see_storable(home.database_url)
    gathered = core.gather(settings, suite, workload or (), workload_file or ())
    sampling = (("threads", threads),) if threads else ()
    choice = core.Choice(
        suite,
        workloads=tuple(workload or ()),
        sizes=tuple(size or ()),
        variants=tuple(variant or ()),
        sampling=sampling,
        gathered=gathered,
    )
    core.check(choice, settings)
    for reason in gathered.left_out:
        say(f"left out: {reason}")
    places, left_out = core.build_places([upgrading.asked(text, settings) for text in (old, new)], home, say)
    if left_out:
        raise EnvironmentSpecError("; ".join(left_out))
    plan = core.make_plan(choice, settings, places)
    for line in (*map(resolved, places), *told(plan)):
        say(line)
    found = upgrading.check(plan, home, tolerance=tolerance, machine=nickname, say=say, most_looks=looks)
    if as_json:
        print(json.dumps(upgrade_report.document(found), indent=2))
    else:
        upgrade_report.print_check(Console(), found)
    return OK if found.is_safe else HOLES
