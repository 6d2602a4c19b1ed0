"""`python -m workloads` as a user runs it: real probes, a real bundle."""

import sys
from pathlib import Path

import pytest

from storage.schema import read_valid
from tests.workloads.measuring import a_case, a_plan, by_variant, lines_of, measure, plan_file, rows_of
from workloads import __main__ as command
from workloads import bundle, machine

TWO_CORES = pytest.mark.skipif(len(machine.affinity()) < 2, reason="needs two cores")
SMALL = ("--workload", "broadcast_sum", "--size", "2")


@pytest.fixture(scope="module")
def printed():
    """What a run of one case in two processes prints."""
    ran = measure(*SMALL, "--processes", "2", "--seconds", "0.05")
    assert ran.returncode == 0, ran.stderr
    return ran


def test_a_bundle_is_printed(printed, tmp_path):
    """Header, measurements with samples of each process, ratios, footer: valid as storage sees it."""
    assert "[1/1] broadcast_sum n=2 float32: numpy" in printed.stderr
    path = tmp_path / "printed.jsonl"
    path.write_text(printed.stdout)
    kinds = [line.kind for line in read_valid(path)]
    assert kinds == ["header", "measurement", "measurement", "measurement", "ratio", "ratio", "footer"]
    for row in rows_of(printed):
        assert len(row["processes"]) >= 2
        assert all(len(process["samples_seconds"]) >= 2 for process in row["processes"])
        assert row["low_seconds"] <= row["seconds"] <= row["high_seconds"]


def test_samples_of_all_sides_are_pairs(printed):
    """As many of each side in each process, warm-up too: a ratio is between samples of one round."""
    counts = [
        [(len(process["samples_seconds"]), len(process["warm_up_seconds"])) for process in row["processes"]]
        for row in rows_of(printed)
    ]
    assert counts[0] == counts[1] == counts[2]


def test_processes_draw_their_own_inputs(printed):
    """Each process has its own recorded seed, the same for every variant."""
    seeds = [[process["seed"] for process in row["processes"]] for row in rows_of(printed)]
    assert len(set(seeds[0])) == len(seeds[0])
    assert seeds[0] == seeds[1] == seeds[2]


def test_every_phase_has_a_field_of_its_own(printed):
    """Import, start, transfer in, the parts of the first call, transfer out, memory; for NumPy those that it has."""
    numpy, eager, jit = rows_of(printed)
    for row in (numpy, eager, jit):
        for process in row["processes"]:
            for name in ("import_seconds", "transfer_in_seconds", "transfer_out_seconds", "peak_bytes", "mean_seconds"):
                assert process[name] > 0, name
            assert process["switches"] >= 0
            assert process["cores"] is None
    assert numpy["processes"][0]["first_call"].keys() == {"seconds"}
    for process in jit["processes"]:
        first = process["first_call"]
        assert process["start_seconds"] > 0
        parts = [first[f"{name}_seconds"] for name in ("trace", "lower", "compile", "execute")]
        assert min(parts) > 0
        assert sum(parts) == pytest.approx(first["seconds"])
        assert (first["compilations"], first["cache_hits"]) == (1, 0)  # nothing is left of an earlier process


def test_a_measurement_knows_its_work_and_its_compilers(printed):
    """Declared by the workload, and XLA's own analysis where there is a compiler."""
    numpy, eager, jit = rows_of(printed)
    assert (numpy["flops"], numpy["bytes_moved"], numpy["resource"]) == (16, 44, "elementwise")
    assert (numpy["xla"], eager["xla"]) == (None, None)
    assert jit["xla"]["flops"] > 0
    assert jit["xla"]["argument_bytes"] >= 24 + 12


def test_what_the_machine_did_is_kept(printed):
    """With every measurement, the same for those that were sampled together."""
    states = [row["meanwhile"] for row in rows_of(printed)]
    assert states[0] == states[1] == states[2]
    assert "load" in states[0]
    assert {row["sampled"] for row in rows_of(printed)} == {"in_turn"}


def test_no_path_of_this_machine_is_in_a_bundle(printed):
    """It is made to leave the machine."""
    assert str(Path(sys.prefix)) not in printed.stdout


@TWO_CORES
def test_with_threads_every_process_names_its_core():
    """One core each, other ones from draw to draw; the number of threads is part of the measurement."""
    (row,) = rows_of(measure(*SMALL, "--variant", "numpy", "--processes", "3", "--threads", "1"))
    cores = machine.affinity()
    named = [process["cores"] for process in row["processes"]]
    assert named[:3] == [[cores[draw % len(cores)]] for draw in range(3)]
    assert row["threads"] == 1


@TWO_CORES
def test_two_sides_can_be_sampled_at_once():
    """Each on a core of its own; the bundle says so."""
    arguments = ("--variant", "numpy", "--variant", "jax_jit", "--threads", "1", "--at-once")
    rows = rows_of(measure(*SMALL, *arguments))
    assert [(row["status"], row["sampled"], row["threads"]) for row in rows] == [("measured", "at_once", 1)] * 2
    assert len({len(row["processes"][0]["samples_seconds"]) for row in rows}) == 1


def test_compiled_functions_are_kept_within_a_run_that_asks_for_it(tmp_path):
    """The second process finds what the first one compiled, and the bundle says so."""
    plan = a_plan([a_case(variants=("jax_jit",))], processes=2, compilation_cache=True)
    ran = measure("--plan", plan_file(tmp_path, plan))
    first, second = rows_of(ran)[0]["processes"][:2]
    assert (first["first_call"]["cache_hits"], second["first_call"]["cache_hits"]) == (0, 1)
    assert lines_of(ran.stdout)[0]["plan"]["settings"]["compilation_cache"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--workload", "nope"), "no workload 'nope'"),
        (("--size", "17"), "no size 17"),
        (("--variant", "torch"), "no variant 'torch'"),
        ((*SMALL, "--out", "/no/such/folder/a.jsonl"), "No such file"),
        (("--processes", "0"), "processes must be greater than 0"),
        (("--memory", "0"), "memory_bytes must be greater than 0"),
        (("--run-limit", "-1"), "run_limit_seconds must be greater than 0"),
        (("--threads", "99"), "threads is 99, and there are"),
        (("--at-once",), "at once needs a number of threads"),
        ((*SMALL, "--at-once", "--threads", str(machine.usable_cores())), "choose fewer variants"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, said):
    """And nothing is measured."""
    ran = measure(*arguments)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert said in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


def test_a_fault_of_ours_does_not_pass_for_a_run_with_holes(monkeypatch, capsys):
    """An exit code of its own, and all that is known of it."""
    monkeypatch.setattr(command, "run", lambda *_: 1 / 0)
    assert command.main([*SMALL]) == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_the_workloads_are_listed():
    """With their sizes and variants, so that a user knows what to ask for."""
    said = measure("--list").stdout
    assert "elementwise_chain" in said
    assert "1,000,000" in said
    assert "jax_jit" in said


def test_one_case_of_one_variant_is_a_whole_run():
    """A measurement, no ratio, a footer; its reason is empty."""
    ran = measure(*SMALL, "--variant", "numpy")
    assert [line["kind"] for line in lines_of(ran.stdout)] == ["header", "measurement", "footer"]
    ((row,),) = by_variant(rows_of(ran)).values()
    assert (row["status"], row["reason"]) == ("measured", "")
    assert row["status"] in bundle.STATUSES
