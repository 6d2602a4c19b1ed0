"""Commands on a page are those that a shell takes as they stand."""

import shlex

import pytest

from dashboard import commands
from flows import entry

RUN = "019a0000-0000-7000-8000-00001a2b3c4d"
OLD = {"run_id": 1, "uuid": RUN, "digest": "a", "python": "3.11.7", "numpy": "2.2.6", "jax": "0.6.2", "measures": None}
NEW = {**OLD, "run_id": 2, "digest": "b", "python": "3.12.1", "numpy": "2.4.6", "jax": None}


def test_a_run_is_measured_again_as_it_was():
    """In the environments of its records; somebody's own workload from its file."""
    assert commands.run_again(RUN) == "crossover run --like 1a2b3c4d"
    assert commands.run_again(RUN, ["sort", "mine@99887766"], [1048576.0, 0.5]) == (
        "crossover run --like 1a2b3c4d --workload sort --workload-file mine.py --size 1048576 --size 0.5"
    )


def test_more_is_learned_from_more_processes():
    """The very size, until it is known to 1 %."""
    assert commands.more_processes(RUN, "sort", 1e6) == (
        "crossover run --like 1a2b3c4d --workload sort --size 1000000 --precision 0.01"
    )


def test_a_suite_is_measured_again_by_its_name_where_its_workloads_are_many():
    """A single workload is not made a whole suite."""
    assert commands.suite_again(RUN, "quick", ["sort"]) == "crossover run --like 1a2b3c4d --workload sort --suite quick"
    assert commands.suite_again(RUN, "my own", list("abcdefg")) == "crossover run --like 1a2b3c4d --suite 'my own'"


def test_a_hostile_name_stays_one_word():
    """Whoever copies the command runs nothing of it."""
    words = shlex.split(commands.run_again(RUN, ["x; rm -rf ~ $(y) `z`"]))
    assert words[-2:] == ["--workload", "x; rm -rf ~ $(y) `z`"]


def test_two_sides_are_measured_side_by_side_in_their_versions():
    """Of one run as it was; releases as a backfill."""
    assert commands.compare_again(OLD, NEW) == (
        "crossover run --env python==3.11,numpy==2.2.6,jax==0.6.2 --env python==3.12,numpy==2.4.6"
    )
    assert commands.compare_again(OLD, {**NEW, "run_id": 1}) == f"crossover run --like {RUN[-8:]}"
    assert commands.compare_again(OLD, {**OLD, "run_id": 2}) == f"crossover run --like {RUN[-8:]}"
    releases = [{**OLD, "measures": "jax", "environment": f"jax=={release}"} for release in ("0.4.31", "0.4.33")]
    assert commands.compare_again(*releases) == "crossover backfill --jax 0.4.31,0.4.33"


@pytest.mark.parametrize(
    "command",
    [
        commands.run_again(RUN, ["sort", "mine@99887766"], [1e6]),
        commands.backfill_again("jax", ["0.4.31", "0.4.33"], ["sort"]),
        commands.suite_again(RUN, "quick", ["sort"]),
        commands.show(RUN),
        commands.upgrade_check(OLD, NEW),
        commands.compare_again(OLD, NEW),
    ],
)
def test_the_command_line_knows_them(command):
    """Every option that they name."""
    program, name, *rest = shlex.split(command)
    assert program == "crossover"
    options = {word for word in rest if word.startswith("--")}
    function, _, _ = entry.app.parse_args([name, *rest])
    assert function.__name__.replace("_", "-") == name
    assert options <= set(rest)
