"""`python -m workloads`: measure here and now, with nothing installed but NumPy (and JAX), and print the bundle."""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import sys
import traceback
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workloads import bringing, bundle, declaration, figures, machine, outcome, peaks, probes, sampler, suite
from workloads.lifeline import end_with_parent
from workloads.limits import Elapsed
from workloads.link import ProbeDied, ProbeSilent
from workloads.plan import (
    Block,
    Place,
    Plan,
    Sampling,
    check_at_once,
    checked,
    choose_cases,
    read_plan,
    with_again,
)
from workloads.progress import progress
from workloads.workload import WorkloadError

#: Ladders go on to sizes that are made for accelerators.
LONGEST_CALL_SECONDS = 0.25


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Exit code: 0 whole, 1 with holes, 2 it cannot be done as asked, 70 a fault of Crossover."""
    options = parser().parse_args(arguments)
    if options.hold:  # somebody holds the machine for this process and waits for it
        end_with_parent()
    try:
        plan = read_plan(json.loads(options.plan.read_text())) if options.plan else plan_from(options)
        if options.out and bundle.is_begun(options.out) and not options.plan:
            plan = resumed(options.out, plan)
        for reason in () if options.plan else plan.left_out:  # whoever made the plan has said so
            print(f"left out: {reason}", file=sys.stderr)
        # which cases is decided by the seed, so after that is known
        plan = check_at_once(with_again(plan, 0 if options.plan else options.again))
        lines = run(plan, options.out, options.machine, options.hold)
    except (WorkloadError, bundle.BundleError, ProbeDied, ProbeSilent, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except Exception:  # a fault of ours must not pass for a run with holes
        traceback.print_exc()
        return 70
    holes = [line for line in lines if isinstance(line, bundle.Measurement) and line.status in bundle.HOLES]
    finished = bool(lines) and isinstance(lines[-1], bundle.Footer)
    return 1 if holes or bundle.lacks(plan.left_out) or not finished else 0


def parser() -> argparse.ArgumentParser:
    default = Sampling()
    command = argparse.ArgumentParser(prog="python -m workloads", description=__doc__)
    command.add_argument("--workload", action="append", help="measure this one (may be repeated); default: all")
    command.add_argument("--size", action="append", type=float, help="only this size (may be repeated)")
    command.add_argument("--variant", action="append", help="only this variant (may be repeated)")
    command.add_argument("--dtype", action="append", help="only this dtype (may be repeated)")
    command.add_argument(
        "--workload-file", action="append", type=Path, metavar="FILE", help="measure what this file declares"
    )
    command.add_argument(
        "--longest-call",
        type=float,
        default=LONGEST_CALL_SECONDS,
        metavar="SECONDS",
        help="leave out sizes at which a call would take longer (default: %(default)s; 0: none)",
    )
    command.add_argument("--processes", type=int, default=default.processes, help="processes per measurement, at least")
    command.add_argument(
        "--precision",
        type=float,
        default=default.precision,
        help="more processes are taken until every interval is as narrow as this, 0.01 for 1 %%, or the time is spent",
    )
    command.add_argument("--seconds", type=float, default=default.seconds_per_case, help="sampling time per case")
    command.add_argument("--threads", type=int, help="keep each side on this many cores; default: all that there are")
    command.add_argument(
        "--at-once",
        action="store_true",
        help="sample the sides of a case at the same time, each on --threads cores of its own",
    )
    command.add_argument("--memory", type=float, metavar="GIB", help="of one probe; default: four fifths of all")
    command.add_argument(
        "--timeout",
        type=float,
        default=default.timeout_seconds,
        help="longest wait for one answer of a probe, in seconds",
    )
    command.add_argument("--run-limit", type=float, metavar="SECONDS", help="begin no further case after this time")
    command.add_argument("--again", type=int, default=0, metavar="CASES", help="measure so many against themselves too")
    command.add_argument("--no-peaks", action="store_true", help="do not measure what the machine can do at most")
    command.add_argument("--platform", help="where JAX computes: cpu, gpu, tpu; default: where JAX chooses to")
    command.add_argument("--machine", help="this machine's nickname; default: its host name")
    command.add_argument("--out", type=Path, help="write the bundle here; if it is there unfinished, go on with it")
    command.add_argument("--plan", type=Path, help="a plan as JSON, instead of the choices above")
    command.add_argument("--hold", type=int, action="append", default=[], help=argparse.SUPPRESS)
    command.add_argument("--list", action=ListWorkloads, nargs=0, help="list the workloads, their sizes and variants")
    return command


class ListWorkloads(argparse.Action):
    """`--list`: one line per workload."""

    def __call__(self, command: argparse.ArgumentParser, *_: Any) -> None:
        for name in suite.names():
            told = declaration.of(suite.load(name))
            sizes = (
                f"{told.size_name} = {', '.join(map(figures.size_text, told.sizes))}" if told.size_name else "one size"
            )
            print(f"{name}: {told.summary}\n    {sizes}\n    {', '.join(told.variants)}")
        command.exit()


def plan_from(options: argparse.Namespace) -> Plan:
    """The plan of a run in this very interpreter."""
    memory_bytes = None if options.memory is None else int(options.memory * 2**30)
    gathered = bringing.bring(options.workload_file or ())
    ladders = gathered.choose(options.workload or (), dict.fromkeys(suite.names()))
    if not ladders:
        raise WorkloadError("; ".join(gathered.left_out))
    return Plan(
        run=str(uuid.uuid4()),
        suite="direct",
        cases=choose_cases(
            ladders,
            sizes=options.size,
            variants=options.variant,
            dtypes=options.dtype,
            brought=gathered.declared,
        ),
        places=[Place("current", sys.executable)],
        seed=random.SystemRandom().randrange(2**31),
        settings=checked(
            Sampling(
                processes=options.processes,
                most_processes=max(options.processes, Sampling.most_processes),
                precision=options.precision,
                seconds_per_case=options.seconds,
                threads=options.threads,
                at_once=options.at_once,
                peaks=not options.no_peaks,
                memory_bytes=memory_bytes,
                timeout_seconds=options.timeout,
                run_limit_seconds=options.run_limit,
                longest_call_seconds=options.longest_call or None,
            )
        ),
        platform=options.platform,
        brought=gathered.files,
        left_out=gathered.left_out,
    )


def run(plan: Plan, out: Path | None, nickname: str | None, hold: Sequence[int]) -> list[bundle.Line]:
    """Measure what `out` does not hold yet and append it there, or measure all of it to standard output."""
    every = plan.blocks()
    done, blocks = finished_blocks(out, plan, hold) if out and bundle.is_begun(out) else ([], every)
    elapsed, count = Elapsed(), 0
    lines: list[bundle.Line] = []
    with open(out, "a") if out else open(sys.stdout.fileno(), "w", closefd=False) as stream:

        def report(new: Sequence[bundle.Line]) -> None:
            bundle.write(stream, new)
            lines.extend(new)
            measured = [line for line in new if isinstance(line, bundle.Measurement)]
            if measured:
                nonlocal count
                count += 1
                position = 1 + next(n for n, block in enumerate(every) if is_of(plan, block, measured[0]))
                left = elapsed.minutes_left(count, len(blocks))
                print(progress(position, len(every), measured, left), file=sys.stderr, flush=True)

        if not done:
            report([header(plan, nickname, hold)])
        if plan.settings.peaks and not any(line["kind"] == "peak" for line in done):
            report(list(peaks.measure(plan, hold)))
        if sampler.measure(plan, blocks, report, hold, done):
            report([bundle.Footer(finished_at=bundle.now())])
        else:
            print(
                f"the run's time ({plan.settings.run_limit_seconds:g} s) is spent; it is not finished", file=sys.stderr
            )
    return lines


def header(plan: Plan, nickname: str | None, hold: Sequence[int]) -> bundle.Header:
    return bundle.Header(
        run=plan.run,
        started_at=bundle.now(),
        machine=machine.describe(nickname),
        environments=probes.describe(plan, hold),
        plan=plan.public(),
    )


def resumed(out: Path, plan: Plan) -> Plan:
    """`plan` with the identity of the run that `out` holds; what is measured must be the same."""
    header = next(bundle.read(out))
    return dataclasses.replace(plan, run=header["run"], seed=header["plan"].get("seed", plan.seed))


def finished_blocks(out: Path, plan: Plan, hold: Sequence[int]) -> tuple[list[dict[str, Any]], list[Block]]:
    """What an unfinished bundle holds whole, and the planned blocks it lacks. Lines of a block cut in two are dropped.

    BundleError unless it is this plan's, on this machine, in environments that are still what they were.
    """
    held = list(bundle.read(out))
    if essence(held[0]["plan"]) != essence(json.loads(json.dumps(plan.public()))):
        raise bundle.BundleError(f"{out.name} belongs to another plan: give --out another file")
    if held[-1]["kind"] == "footer":
        raise bundle.BundleError(f"{out.name} is finished: give --out another file")
    if held[0]["machine"]["fingerprint"] != machine.describe()["fingerprint"]:
        raise bundle.BundleError(f"{out.name} was begun on another machine: give --out another file")
    before = {environment["name"]: environment["found"]["digest"] for environment in held[0]["environments"]}
    for environment in probes.describe(plan, hold):
        if before.get(environment["name"]) != environment["found"]["digest"]:
            raise bundle.BundleError(
                f"{out.name} was begun in another environment: {environment['name']} has changed since; start a new run"
            )
    missing = []
    whole = held[:1] + [line for line in held if line["kind"] == "peak"]
    for block in plan.blocks():
        mine = [line for line in held[1:] if line["kind"] != "peak" and is_of(plan, block, line)]
        if is_whole(plan, block, mine):
            whole += mine
        else:
            missing.append(block)
    bundle.replace(out, whole)
    return whole, missing


def essence(plan: dict[str, Any]) -> dict[str, Any]:
    """A bundle's plan without what may be another when it is gone on with: how long this part of the run may take."""
    return {**plan, "settings": {**plan["settings"], "run_limit_seconds": None}}


def is_whole(plan: Plan, block: Block, lines: list[dict[str, Any]]) -> bool:
    """Whether these are all the lines of a block: a measurement for each seat, and the ratios that follow from them."""
    status = {(line["environment"], line["variant"]): line["status"] for line in lines if line["kind"] == "measurement"}
    seats = list(sampler.seats(plan, block))
    records = {seat: outcome.Record(status.get((seat.place.name, seat.variant), "failed")) for seat in seats}
    return len(status) == len(seats) and len(lines) == len(seats) + len(list(outcome.comparisons(records)))


def is_of(plan: Plan, block: Block, line: Any) -> bool:
    """Whether a bundle's line belongs to this block."""
    facts = line if isinstance(line, dict) else vars(line)
    case = block.case
    return (case.workload, bundle.case_key(case.case)) == (facts["workload"], bundle.case_key(facts["case"])) and any(
        place.group == block.group for place in plan.places if place.name == facts["environment"]
    )


if __name__ == "__main__":
    sys.exit(main())
