"""Which two sides are compared: the choices of the page, each kind with its own, all kept in the link."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from dashboard import comparing, data, page
from dashboard.wording import Row

KIND_WIDTH, RUN_WIDTH, SIDE_WIDTH, ENVIRONMENT_WIDTH = 190, 275, 330, 225
LABELS = {
    comparing.ENVIRONMENTS: ("From", "To"),
    comparing.RUNS: ("From the run", "To the run"),
    comparing.MACHINES: ("On this machine", "On the other"),
}


class Chosen(NamedTuple):
    """What is compared. looks: of environments of a run, that run and those that looked again at what it left open."""

    kind: str
    before: Row
    after: Row
    looks: tuple[int, ...] = ()


def choose(version: data.Version, machine: str) -> Chosen | None:
    """What is compared, as somebody chose it; None where there are no two sides."""
    places, machines = data.places(version, machine), data.machines(version)
    kinds = comparing.kinds(places, machines)
    if not kinds:
        return None
    among = partial(page.choose, page.choices())
    kind = among("Compare", kinds, "compare", width=KIND_WIDTH, always=True)
    if kind == comparing.ENVIRONMENTS:
        return _of_a_run(version, places, among)
    options = comparing.of_machine(places)
    if kind == comparing.RUNS:
        before = _side(among, kind, 0, options, "from_run", comparing.earlier(options))
        later = comparing.of_machine(places, without=before["run_id"])
        return Chosen(kind, before, _side(among, kind, 1, later, "to_run", None))
    other = among("Other machine", [name for name in machines if name != machine], "other_machine", width=180)
    there = comparing.of_machine(data.places(version, other))
    before = _side(among, kind, 0, options, "here", None)
    return Chosen(kind, before, _side(among, kind, 1, there, "there", comparing.most_alike(there, before)))


def _of_a_run(version: data.Version, places: Any, among: Any) -> Chosen:
    kind, runs = comparing.ENVIRONMENTS, comparing.runs(places)
    run_id = runs[among("Run", list(runs), "compared_run", width=RUN_WIDTH)]
    looks = data.looks(version, comparing.checks(places, run_id), run_id)
    options = comparing.of_run(places, looks[0])
    before = _side(among, kind, 0, options, "from", comparing.usual(options))
    others = comparing.beside(options, before["environment"])
    return Chosen(kind, before, _side(among, kind, 1, others, "to", comparing.usual_beside(others)), looks)


def _side(among: Any, kind: str, number: int, options: comparing.Options, key: str, default: str | None) -> Row:
    width = ENVIRONMENT_WIDTH if kind == comparing.ENVIRONMENTS else SIDE_WIDTH
    return options[among(LABELS[kind][number], list(options), key, default=default, width=width, always=True)]
