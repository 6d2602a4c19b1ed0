"""Commands about what is there: `crossover environments`, and `crossover demo` for whoever has no history yet."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows import deriving, service, unfinished
from flows.cli import OK, WrongOptions, app, say
from flows.environments import asking, interpreters, kept
from flows.home import Home, open_home
from flows.serving import Port
from storage import database

GIB = 2**30
EXAMPLES = Path(__file__).parent.parent / "examples"


class NoExamples(Exception):
    """The measured examples are not where they belong."""


@app.command
def environments(
    *,
    prune: Annotated[bool, Parameter(show_default=False)] = False,
    days: float = 30,
    most_gib: float = 20,
    as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False,
) -> int:
    """List the environments that were built here, and the Pythons that there are to build them with.

    Parameters
    ----------
    prune
        Remove what was not used for --days, and the longest unused beyond --most-gib. What an unfinished run needs
        stays; whatever is removed is built again when it is asked for.
    days
        With --prune: days without use.
    most_gib
        With --prune: what all of them may take, in GiB. Files are shared with uv's cache: less may become free.
    as_json
        Print the list as JSON.
    """
    if days < 0 or most_gib < 0:
        raise WrongOptions("--days and --most-gib are not negative")
    home = open_home()
    if prune:
        needed = asking.needed_by(unfinished.places(home, say))
        removed = kept.prune(home.environments, days=days, most_bytes=most_gib * GIB, needed=needed)
        for image in filter(None, (one.image for one in removed)):
            from flows.environments import docker_builder  # its SDK takes a while to import

            docker_builder.remove(image)
        say(f"removed {len(removed)} environments, {sum(one.size_bytes for one in removed) / GIB:.1f} GiB")
    found = kept.all_in(home.environments)
    if as_json:
        print(json.dumps({"environments": [facts(one) for one in found], "pythons": pythons()}, indent=2))
    else:
        print_environments(Console(), found)
    return OK


def facts(one: kept.Kept) -> dict[str, Any]:
    """As JSON carries it: without the folder, which is a path of this machine."""
    return {"key": one.key} | {name: value for name, value in asdict(one).items() if name != "folder"}


def print_environments(console: Console, found: list[kept.Kept]) -> None:
    """The environments, the last used first, and the Pythons."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for one in found:
        ago = (time.time() - one.used_at) / kept.DAY_SECONDS
        size = f"{one.size_bytes / 2**20:,.0f} MiB"
        used = f"used {ago:.0f} days ago" if ago >= 1 else "used today"
        table.add_row(Text(one.spec), Text(one.python), Text(size, justify="right"), Text(used))
    console.print(table)
    total = sum(one.size_bytes for one in found) / GIB
    console.print(Text(f"{len(found)} environments, {total:.1f} GiB"))
    console.print(Text("Python here: " + ", ".join(pythons())))


def pythons() -> list[str]:
    return list(dict.fromkeys(version for version, _ in interpreters.installed()))


@app.command
def demo(*, port: Port = 8501) -> int:
    """Open the dashboard on history that was really measured: years of NumPy and JAX releases, on one machine.

    Loads it into a database of its own beside yours, which stays as it is. Ctrl-C ends it.

    Parameters
    ----------
    port
        The port on this machine.
    """
    url = demo_database(open_home(), EXAMPLES)
    return service.dashboard(url, port=port, say=say, page="releases")


def demo_database(home: Home, examples: Path) -> str:
    """The address of a database of its own that holds the bundles of `examples`. NoExamples where there are none."""
    bundles = sorted(examples.glob("**/*.jsonl.gz"))
    if not bundles:
        raise NoExamples(f"there are no bundles in {examples}: run this from a checkout of Crossover")
    file = home.scratch / "demo.db"
    url = f"sqlite:///{file}"
    loaded = file.with_suffix(".loaded")
    if not loaded.exists() or loaded.stat().st_mtime < max(path.stat().st_mtime for path in bundles):
        engine = database.open_database(url)
        try:
            for path in bundles:
                say(f"loading {path.name}")
                deriving.store(engine, path)
        finally:
            engine.dispose()
        loaded.touch()
    return url
