"""`crossover doctor`: how small a change this machine can see, and what would let it see a smaller one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis import noise
from flows import environments
from flows.home import Home
from flows.measure import measure, save_plan
from workloads import bundle, figures
from workloads.estimate import noise_floor
from workloads.machine import affinity
from workloads.plan import Plan, Sampling, checked, choose_cases, with_again

#: Small and large, in a cache and beyond it, dispatch, arithmetic and memory: what noise strikes in different ways.
KERNELS = {"broadcast_sum": [2], "elementwise_chain": [10_000, 1_000_000], "matrix_chain": [256]}
VARIANTS = ("numpy", "jax_jit")
PROCESSES = 5


@dataclass(frozen=True)
class Pair:
    """One kernel measured against itself."""

    workload: str
    case: dict[str, Any]
    variant: str
    ratio: float
    low: float | None
    high: float | None
    floor: float | None


@dataclass(frozen=True)
class Examination:
    """What was found. `pairs` and `floors` by the number of threads: `1`, kept on one core, and `all`."""

    machine: dict[str, Any]
    pairs: dict[str, list[Pair]]
    floors: dict[str, noise.Floors]
    holes: list[str]
    states: list[dict[str, Any]]
    advice: list[str]


def examine(home: Home, *, seconds: float, machine: str | None, say: Callable[[str], None]) -> Examination:
    """Measure the kernels against themselves, kept on one core and on all. Nothing is stored: this is no night.

    seconds: sampling time in sum.
    """
    pairs: dict[str, list[Pair]] = {}
    measured: list[dict[str, Any]] = []
    header: dict[str, Any] = {}
    cases = choose_cases(KERNELS, variants=VARIANTS)
    for threads in (1, None) if affinity() else (None,):
        # a case that is measured again gets its time twice
        plan = with_again(a_plan(cases, threads, seconds / (4 * len(cases))), len(cases))
        say("against themselves, on one core" if threads else "against themselves, on all cores")
        with TemporaryDirectory(dir=home.scratch) as folder:
            path = Path(folder) / "doctor.jsonl"
            save_plan(plan, path)
            measure(path, label="crossover doctor", machine=machine, say=lambda line: say(line.partition(":")[0]))
            lines = list(bundle.read(path))
        header = lines[0]
        again = plan.places[-1].name
        pairs["1" if threads else "all"] = [
            pair_of(line)
            for line in lines
            if line["kind"] == "ratio" and line["environment"] == again and line["variant"] == line["baseline_variant"]
        ]
        measured += [line for line in lines if line["kind"] == "measurement"]
    found = header["machine"]
    floors = {name: noise.floors([(pair.ratio, pair.low, pair.high) for pair in some]) for name, some in pairs.items()}
    holes = dict.fromkeys(
        f"{line['workload']} {line['variant']}: {line['status']}: {line['reason']}"
        for line in measured
        if line["status"] != "measured"
    )
    states = [line["meanwhile"] for line in measured if line["meanwhile"]]
    advice = noise.advice(found["conditions"], states, found["cores"])
    return Examination(found, pairs, floors, list(holes), states, advice)


def a_plan(cases: list[Any], threads: int | None, seconds_per_case: float) -> Plan:
    sampling = Sampling(
        processes=PROCESSES, most_processes=PROCESSES, seconds_per_case=seconds_per_case, threads=threads
    )
    return Plan(str(uuid.uuid4()), "doctor", cases, [environments.current()], seed=0, settings=checked(sampling))


def pair_of(line: dict[str, Any]) -> Pair:
    known = {name: line[name] for name in ("workload", "case", "variant", "ratio", "low", "high")}
    return Pair(**known, floor=noise_floor(line["low"], line["high"]))


def document(found: Examination) -> dict[str, Any]:
    """The examination as JSON: ratios, and floors as shares of 1."""
    return asdict(found)


def print_examination(console: Console, found: Examination) -> None:
    """One screen: the table, the answer in words, what to change."""
    machine = found.machine
    console.print(f"{machine['name']}: {machine['processor']}, {machine['cores']} cores")
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("measured against itself", no_wrap=True)
    rows: dict[str, list[str]] = {}
    for number, (threads, pairs) in enumerate(found.pairs.items()):
        for title in ("on one core" if threads == "1" else "on all", "sees from"):
            table.add_column(title, no_wrap=True, justify="right")
        for pair in pairs:
            name = f"{pair.workload} {figures.case_text(pair.case).split()[0]} {pair.variant}"
            cells = rows.setdefault(name, [])
            cells += ["–"] * (2 * number - len(cells)) + [
                figures.ratio_text(pair.ratio),
                figures.change_text(pair.floor),
            ]
    for name, cells in rows.items():
        table.add_row(name, *cells)
    console.print(table)
    for threads, floors in found.floors.items():
        where = "On one core (--threads 1)" if threads == "1" else "On all cores"
        typical, worst = (figures.change_text(floor) for floor in (floors.typical, floors.worst))
        console.print(Text(f"{where} it sees a change of {typical} side by side, at worst {worst}."))
    for hole in found.holes:
        console.print(Text(f"not measured: {hole}"))
    console.print(Text("What would help:" if found.advice else "Nothing here asks to be changed."))
    for sentence in found.advice:
        console.print(Text(f"- {sentence}"))


def print_json(found: Examination) -> None:
    print(json.dumps(document(found), indent=2))
