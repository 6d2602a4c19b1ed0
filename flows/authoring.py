"""The commands of those who write workloads: `crossover workloads`, `new`, `check`."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import keyword
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from flows import checking, listing
from flows.cli import HOLES, OK, app, say
from flows.lock import machine_lock
from flows.settings import read_settings
from workloads import bringing, suite
from workloads.workload import WorkloadError

STARTING_FILE = "starting_file.py"
UNEDITED = "WHAT IS COMPUTED"


@app.command
def workloads(
    names: list[str] | None = None,
    /,
    *,
    family: list[str] | None = None,
    workload_file: list[Path] | None = None,
    as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False,
) -> int:
    """List what can be measured: what each workload computes, its sizes and its variants.

    Examples:

      crossover workloads

      crossover workloads softmax sort

      crossover workloads --family irregular --json

    Parameters
    ----------
    names
        Only these, with all that their files say: what is expected, what they stress, whose situation they stand for.
    family
        Only this family: elementwise, reduction, linear_algebra, ...; may be repeated.
    workload_file
        List what this file declares, too; may be repeated.
    as_json
        Print all that is declared as JSON.
    """
    gathered, settings = bringing.bring(workload_file or (), packages=True), read_settings()
    declared = listing.chosen(listing.known(gathered), names or (), family or ())
    if as_json:
        print(json.dumps(listing.document(declared, gathered, settings), indent=2))
    else:
        listing.print_list(Console(), declared, settings, gathered, whole=bool(names))
    for reason in gathered.left_out:
        say(f"left out: {reason}")
    return HOLES if gathered.left_out else OK


@app.command
def new(name: str, /) -> int:
    """Write a starting file for a workload of your own, NAME.py, into this folder; its comments say what to change.

    Parameters
    ----------
    name
        The workload's name: a letter, then letters, digits and underscores; no workload's or module's that there is.
    """
    name = name.removesuffix(".py")
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        raise WorkloadError(
            f"{name!r} cannot be a workload's name: it begins with a letter; letters, digits and underscores follow"
        )
    if name in suite.names():
        raise WorkloadError(f"{name} is a workload of the suite: choose another name")
    if importlib.util.find_spec(name):  # else whatever Python starts here would import it in that module's place
        raise WorkloadError(f"{name} is a module of this environment: choose another name")
    path = Path(f"{name}.py")
    text = files("workloads").joinpath(STARTING_FILE).read_text().replace("NAME", name)
    try:
        with open(path, "x") as file:
            file.write(text)
    except FileExistsError:
        raise WorkloadError(f"{path} is there already: it stays as it is") from None
    except OSError as error:
        raise WorkloadError(f"cannot write {path} ({error.strerror})") from None
    print(path)
    say(f"next: edit it, then `crossover check {path}` and `crossover run --workload-file {path}`")
    return OK


@app.command
def check(
    file: Path,
    /,
    *,
    longest_call: float = 0.25,
    as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False,
) -> int:
    """Try a workload's file in seconds: do its variants agree and compile, and how far will a run climb?

    Exit code 0: nothing has to be mended. 1: a variant would have no number, and why. 2: the file cannot be used.

    Parameters
    ----------
    file
        The Python file that declares the workload.
    longest_call
        Stop climbing where a call would take longer, in seconds; suites of crossover.toml have limits of their own.
    as_json
        Print what was found as JSON instead.
    """
    if not longest_call > 0:
        raise WorkloadError("longest-call must be greater than 0")
    gathered = checking.load(file)  # before it waits for anybody: most mistakes show already
    with machine_lock("crossover check", say=say):
        checked = checking.check(gathered, longest_call, say=say)
    if as_json:
        print(json.dumps(dataclasses.asdict(checked), indent=2))
    else:
        listing.print_checked(Console(), checked)
    if not checked.declared.summary or checked.declared.summary.startswith(UNEDITED):
        say(f"the first line of {file.name}'s docstring is what pages show of it: say there what is computed")
    return HOLES if checked.mistakes else OK
