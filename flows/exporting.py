"""The commands that carry runs from one database to another, and to other programs: `crossover export`, `ingest`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows import deriving, pyperf_file
from flows.cli import HOLES, OK, WrongOptions, app, found_run, say
from flows.home import open_home
from storage import bundle_file, database, holdings, queries, summaries
from storage import export as stored
from storage.whole_file import CannotWrite, written_whole
from workloads import bundle as bundles
from workloads import figures

#: Bytes of a bundle from which on taking it in lasts long enough to be announced.
LARGE = 10 * 2**20


@app.command
def export(
    run: list[str] | None = None,
    /,
    *,
    out: Annotated[Path | None, Parameter(name=("--out", "-o"))] = None,
    machine: str | None = None,
    since: date | None = None,
    parquet: Path | None = None,
    pyperf: Path | None = None,
    workload: str | None = None,
    environment: str | None = None,
    overwrite: Annotated[bool, Parameter(show_default=False)] = False,
    as_json: Annotated[bool, Parameter(name="--json", show_default=False)] = False,
) -> int:
    """Write stored runs as bundles, which `crossover ingest` takes in anywhere, or for other programs.

    A bundle holds all that is stored of its run, every sample with it. Exit code 0: all was written, or is there. 1:
    something was not, and it is said why. 2: it could not be done as asked.

    Examples:

      crossover export -o bundles

      crossover export 1a2b3c4d

      crossover export --machine otter --since 2026-03-01 --parquet otter.parquet

      crossover export 1a2b3c4d --workload softmax --pyperf softmax.json

      crossover export 1a2b3c4d --environment "numpy==2.4.3" --pyperf before.json

    Parameters
    ----------
    run
        The ends of runs' identities. Default: all runs.
    out
        The folder that bundles are written to, one file per run. Default: where you are.
    machine
        Only runs of this machine.
    since
        Only runs of this night, 2026-03-01, and later ones.
    parquet
        Write no bundles but this file: a row for every measurement, with its figures and all that it is known by.
    pyperf
        Write no bundles but this file: the samples of one run, as pyperf's tools read them.
    workload
        With --pyperf: only this workload.
    environment
        With --pyperf: only this environment of the run, which is then in no name: so pyperf compares two of them.
    overwrite
        Write files that are there already anew. Default: leave them as they are, and say so.
    as_json
        Print what was written as JSON.
    """
    if sum(one is not None for one in (out, parquet, pyperf)) > 1:
        raise WrongOptions("choose one: bundles (--out), --parquet or --pyperf")
    if run and (machine or since):
        raise WrongOptions("runs are named, or chosen by --machine and --since, not both")
    if pyperf and len(run or ()) != 1:
        raise WrongOptions("--pyperf writes one run: name it by the end of its identity (`crossover export 1a2b3c4d`)")
    if workload and not pyperf:
        raise WrongOptions("--workload goes with --pyperf: a run is exported whole")
    if environment is not None and not pyperf:
        raise WrongOptions("--environment goes with --pyperf: a run is exported whole")
    with database.reading(open_home().database_url) as connection:
        runs = [found_run(connection, one) for one in dict.fromkeys(run or ())]
        if not runs and not holdings.sees_all(connection):
            say("this role is shown its own runs only: nothing of the others is written")
        runs = runs or list(stored.runs(connection, machine=machine, since=since))
        if not runs:
            known = f"of machines, there are {', '.join(sorted(queries.machines(connection))) or 'none'}"
            raise WrongOptions(f"there is no such run: {known if machine else '`crossover show` prints the last one'}")
        if pyperf:
            written = [write_pyperf(connection, runs[0], pyperf, workload, environment, overwrite)]
        elif parquet:
            written = [write_parquet(connection, runs, parquet, overwrite)]
        else:
            written = write_bundles(connection, runs, out or Path(), overwrite)
    if as_json:
        print(json.dumps(written, indent=2))
    return HOLES if any(one["left_out"] for one in written) else OK


def write_bundles(connection: Any, runs: Sequence[Any], folder: Path, overwrite: bool) -> list[dict[str, Any]]:
    """A file for every run; what became of each. One that cannot be written as a bundle does not stop the others."""
    written = []
    for number, run in enumerate(runs, 1):
        identity = re.sub(r"[^\w-]", "-", run.uuid)  # a worker may have written any text there, a path even
        path = folder / f"{run.started_at:%Y%m%dT%H%M%S}-{identity}.jsonl"
        facts: dict[str, Any] = {"run": run.uuid, "file": str(path.absolute()), "measurements": 0, "without_samples": 0}
        facts |= {"is_there_already": path.exists() and not overwrite, "left_out": ""}
        written.append(facts)
        if facts["is_there_already"]:
            continue
        try:
            with written_whole(path, overwrite=overwrite) as part:
                facts |= bundle_file.write(connection, run.id, part)
        except (CannotWrite, stored.ExportError) as error:
            facts["left_out"] = str(error)
        said = facts["left_out"] or f"{path.name}, {facts['measurements']} measurements"
        if facts["without_samples"]:
            said += f"; the samples of {facts['without_samples']} were pruned, and are not in it"
        say(f"[{number}/{len(runs)}] run {figures.run_text(run.uuid)}: {said}")
    if there := sum(one["is_there_already"] for one in written):
        say(f"{there} there already, left as they are: --overwrite writes them anew")
    return written


def write_parquet(connection: Any, runs: Sequence[Any], path: Path, overwrite: bool) -> dict[str, Any]:
    """Every measurement of these runs as a row."""
    from flows import parquet_file  # PyArrow takes a while to import

    see_free(path, overwrite)
    with written_whole(path, overwrite=overwrite) as part:
        every = chain.from_iterable(summaries.rows(connection, run.id) for run in runs)
        count = parquet_file.write(part, every, summaries.columns())
        size = part.stat().st_size
    say(f"{path}: {count} measurements of {len(runs)} runs, {size} bytes")
    return {"file": str(path.absolute()), "runs": len(runs), "measurements": count, "left_out": ""}


def write_pyperf(
    connection: Any, run: Any, path: Path, workload: str | None, environment: str | None, overwrite: bool
) -> dict[str, Any]:
    """What was measured in this run, or of one of its workloads, or in one of its environments, in pyperf's form."""
    see_free(path, overwrite)
    stored.freeze(connection)
    try:
        document, pruned = pyperf_file.document(stored.lines(connection, run.id), workload, environment)
    except pyperf_file.NoSuchEnvironment as error:
        raise WrongOptions(str(error)) from None
    count = len(document["benchmarks"])
    if not count:
        what = f"run {figures.run_text(run.uuid)} has no samples" + (f" of {workload}" if workload else "")
        raise WrongOptions(what + (f": those of {pruned} measurements were pruned" if pruned else ""))
    with written_whole(path, overwrite=overwrite) as part:
        part.write_text(json.dumps(document, allow_nan=False))
    said = f"; the samples of {pruned} more were pruned, and they are not in it" if pruned else ""
    say(f"{path}: {count} measurements{said}")
    facts = {"run": run.uuid, "file": str(path.absolute()), "measurements": count, "without_samples": pruned}
    return {**facts, "left_out": ""}


def see_free(path: Path, overwrite: bool) -> None:
    """CannotWrite where a file would be lost that nobody said could be."""
    if path.exists() and not overwrite:
        raise CannotWrite(f"{path.name} is there already: --overwrite writes it anew")


@app.command
def ingest(bundle: list[Path], /) -> int:
    """Take in bundles that were written elsewhere. Doing it twice changes nothing.

    Each is checked whole before any of it is stored; one that is refused does not stop the others. Exit code 0: all
    are in the database. 1: some were refused, or are of a run that has no end: it is said which, and why. What there
    is of a run without an end is stored; the whole file brings the rest.

    Example:

      crossover ingest bundles/*.jsonl

    Parameters
    ----------
    bundle
        Files that `crossover export` or `python -m workloads --out FILE` wrote; compressed ones end in .gz.
    """
    engine = database.open_database(open_home().database_url)
    refused = endless = 0
    try:
        for path in bundle:
            try:
                endless += not take_in(engine, path)
            except (bundles.BundleError, OSError) as error:
                refused += 1
                reason = f"cannot read {path} ({error.strerror})" if isinstance(error, OSError) else str(error)
                # it may quote a file that nobody vouches for
                say("refused: " + "".join(one if one.isprintable() else "?" for one in reason))
    finally:
        engine.dispose()
    if refused:
        say(f"{refused} of {len(bundle)} refused: nothing of them is stored")
    return HOLES if refused or endless else OK


def take_in(engine: Any, path: Path) -> bool:
    """Store a bundle and say what was new in it; whether its run has an end. BundleError, OSError: nothing was."""
    size = path.stat().st_size
    if not path.is_file():
        raise bundles.BundleError(f"{path} is not a file")
    if size > LARGE:
        say(f"{path.name}: {size / 2**20:.0f} MiB, which takes a while")
    found = deriving.store(engine, path)
    counts = f"{found.new} of {found.measurements} measurements were new"
    say(f"{path.name}: run {figures.run_text(found.run)}, {counts}")
    with database.explained(engine), database.only_reading(engine) as connection:
        run = queries.run_by_uuid(connection, found.run)
    if run.finished_at is None:
        kept = run.measured + run.unsupported + run.too_large + run.failed
        say(
            f"{path.name}: run {figures.run_text(run.uuid)} has no end (it was cut off, or is still being measured): "
            f"{kept} of {run.planned} planned are stored; take the whole file in again"
        )
    return run.finished_at is not None
