"""`python -m workloads` as a user runs it: real probes, real failures, a real bundle."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storage.schema import read_valid

ROOT = Path(__file__).parent.parent.parent
QUICK = ("--processes", "2", "--seconds", "0.02")


def measure(*arguments, cwd=ROOT, python=sys.executable):
    return subprocess.run(
        [python, "-m", "workloads", *QUICK, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300
    )


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def planted(tmp_path):
    """A copy of the room with the planted workload in its suite; gives its parent folder."""
    shutil.copytree(ROOT / "workloads", tmp_path / "workloads", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).parent / "planted.py", tmp_path / "workloads" / "suite")
    return tmp_path


def test_a_bundle_is_printed(tmp_path):
    """Header, measurements with samples of each process, ratios, footer: valid as storage sees it."""
    ran = measure("--workload", "broadcast_sum", "--size", "2")
    assert ran.returncode == 0, ran.stderr
    assert "[1/1] broadcast_sum n=2 float32: numpy" in ran.stderr
    path = tmp_path / "printed.jsonl"
    path.write_text(ran.stdout)
    kinds = [line.kind for line in read_valid(path)]
    assert kinds == ["header", "measurement", "measurement", "measurement", "ratio", "ratio", "footer"]
    numpy = lines_of(ran.stdout)[1]
    assert len(numpy["processes"]) == 2
    assert all(len(process["samples_seconds"]) >= 2 for process in numpy["processes"])
    assert numpy["low_seconds"] <= numpy["seconds"] <= numpy["high_seconds"]


def test_processes_draw_their_own_inputs():
    """Each process has its own recorded seed, the same for every variant."""
    lines = lines_of(measure("--workload", "matrix_chain", "--size", "8").stdout)
    seeds = [[process["seed"] for process in line["processes"]] for line in lines if line["kind"] == "measurement"]
    assert len(set(seeds[0])) == 2
    assert seeds[0] == seeds[1] == seeds[2]


def test_no_path_of_this_machine_is_in_a_bundle():
    """It is made to leave the machine."""
    assert str(Path(sys.prefix)) not in measure("--workload", "broadcast_sum", "--size", "2").stdout


@pytest.mark.parametrize(
    ("variant", "status", "reason"),
    [
        ("numpy_right", "measured", ""),
        ("numpy_prints", "measured", ""),
        ("numpy_zeros", "disagrees", "relative error"),
        ("numpy_truncated", "disagrees", "shape (3,), the reference (4,)"),
        ("numpy_dtype", "disagrees", "dtype float64"),
        ("numpy_two", "disagrees", "returns 2 arrays, the reference 1"),
        ("numpy_raises", "failed", "RuntimeError: as planted"),
        ("numpy_writes", "failed", "read-only"),
        ("numpy_hangs", "timed_out", "no answer within 3 s"),
        ("numpy_exits", "failed", "exit code 3"),
        ("numpy_segfault", "failed", "killed by signal 11"),
        ("numpy_needs", "unsupported", "needs no_such_package"),
        ("numpy_memory", "out_of_memory", "Unable to allocate"),
    ],
)
def test_what_goes_wrong_costs_one_row_and_says_why(planted, variant, status, reason):
    """A real hang, crash, fault and wrong result: a row with its reason and no time; NumPy beside it is measured."""
    ran = measure("--workload", "planted", "--variant", "numpy", "--variant", variant, "--timeout", "3", cwd=planted)
    rows = [line for line in lines_of(ran.stdout) if line["kind"] == "measurement"]
    assert [row["status"] for row in rows] == ["measured", status] * 2  # two sizes: the next case is tried again
    assert reason in rows[1]["reason"]
    assert (rows[1]["seconds"] is None) == (status != "measured")
    assert ran.returncode == (0 if status in ("measured", "unsupported") else 1)
    assert lines_of(ran.stdout)[-1]["kind"] == "footer"


def test_a_device_that_is_not_there_is_misplaced():
    """JAX asked for a platform this machine lacks: a row with JAX's own words, never a time from somewhere else."""
    ran = measure("--workload", "broadcast_sum", "--size", "2", "--platform", "tpu")
    rows = {line["variant"]: line for line in lines_of(ran.stdout) if line["kind"] == "measurement"}
    assert rows["numpy"]["status"] == "measured"
    assert rows["jax_jit"]["status"] == "misplaced"
    assert "tpu" in rows["jax_jit"]["reason"].lower()


@pytest.fixture
def cut_off(tmp_path):
    """A bundle that was cut off in the middle of its second case, the command behind it, and its whole lines."""
    out = tmp_path / "a.jsonl"
    arguments = ("--workload", "broadcast_sum", "--size", "2", "--size", "64", "--variant", "numpy", "--out", str(out))
    assert measure(*arguments).returncode == 0
    whole = out.read_text().splitlines(keepends=True)
    out.write_text("".join(whole[:2]) + whole[2][:50])
    return out, arguments, whole


def test_an_unfinished_bundle_is_gone_on_with(cut_off):
    """The same command again: only the rest is measured, under the same identity."""
    out, arguments, whole = cut_off
    ran = measure(*arguments)
    assert ran.returncode == 0, ran.stderr
    again = out.read_text().splitlines(keepends=True)
    assert again[:2] == whole[:2]
    assert [json.loads(line)["kind"] for line in again] == ["header", "measurement", "measurement", "footer"]
    assert "[2/2]" in ran.stderr
    assert "[1/2]" not in ran.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"fingerprint":"', '"fingerprint":"0', "begun on another machine"),
        ('"digest":"', '"digest":"0', "current has changed since"),
        ('"precision":0.01', '"precision":0.02', "belongs to another plan"),
    ],
)
def test_two_things_are_never_mixed_in_one_bundle(cut_off, old, new, said):
    """Another machine, an upgraded package, another plan: refused, and the bundle left as it was."""
    out, arguments, _ = cut_off
    out.write_text(out.read_text().replace(old, new, 1))
    before = out.read_bytes()
    ran = measure(*arguments)
    assert (ran.returncode, out.read_bytes()) == (2, before)
    assert said in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--workload", "nope"), "no workload 'nope'"),
        (("--size", "17"), "no size 17"),
        (("--variant", "torch"), "no variant 'torch'"),
        (("--workload", "broadcast_sum", "--out", "/no/such/folder/a.jsonl"), "No such file"),
        (("--processes", "0"), "greater than 0"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, said):
    """And nothing is measured."""
    ran = measure(*arguments)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert said in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


def test_a_finished_bundle_is_not_written_to(tmp_path):
    """Its run is over; a new run needs a new file."""
    out = tmp_path / "a.jsonl"
    arguments = ("--workload", "broadcast_sum", "--size", "2", "--variant", "numpy", "--out", str(out))
    measure(*arguments)
    before = out.read_bytes()
    assert measure(*arguments).returncode == 2
    assert out.read_bytes() == before


def test_the_workloads_are_listed():
    """With their sizes and variants, so that a user knows what to ask for."""
    said = measure("--list").stdout
    assert "elementwise_chain" in said
    assert "1,000,000" in said
    assert "jax_jit" in said
