"""Every status by a real cause, through the command as a user runs it: a row with its reason, and no time."""

import shutil
import sys

import pytest

from tests.workloads.measuring import (
    HERE,
    a_case,
    a_plan,
    an_interpreter,
    by_variant,
    lines_of,
    measure,
    plan_file,
    rows_of,
)
from tests.workloads.planted_kinds import KINDS
from workloads import machine
from workloads.plan import Place

CORES = machine.affinity()


@pytest.fixture(scope="module")
def struck(planted):
    """What came of the planted workload: everything goes wrong side by side, in one run."""
    return measure("--workload", "planted", "--timeout", "8", cwd=planted)


@pytest.mark.parametrize(
    ("variant", "status", "reason"),
    [
        ("numpy", "measured", ""),
        ("numpy_right", "measured", ""),
        ("numpy_prints", "measured", ""),
        ("numpy_slow", "measured", ""),
        ("numpy_zeros", "disagrees", "relative error"),
        ("numpy_part", "disagrees", "shape (3,), the reference (4,)"),
        ("numpy_dtype", "disagrees", "dtype float64"),
        ("numpy_two", "disagrees", "returns 2 arrays, the reference 1"),
        ("numpy_nothing", "disagrees", "returns no array of numbers; a `return` may be missing"),
        ("numpy_raises", "failed", "RuntimeError: as planted"),
        ("numpy_unreadable", "failed", "RuntimeError: not to be read"),
        ("numpy_writes", "failed", "read-only"),
        ("numpy_hangs", "timed_out", "no answer within 8 s"),
        ("numpy_exits", "failed", "exit code 3"),
        ("numpy_segfault", "failed", "killed by signal 11"),
    ],
)
def test_what_goes_wrong_costs_one_row_and_says_why(struck, variant, status, reason):
    """A real hang, crash, fault and wrong result each cost their own case; the next one is measured again."""
    first, second = by_variant(rows_of(struck))[variant]
    assert first["status"] == status
    assert reason in first["reason"]
    assert (first["seconds"] is None) == (first["processes"] == []) == (status != "measured")
    if status == "timed_out":  # what hangs at a size is not waited for at a larger one
        assert (second["status"], second["reason"]) == ("timed_out", "not tried: timed out at 4 already")
    else:
        assert (second["status"], second["reason"]) == ("measured", "")


def test_a_variant_whose_packages_are_absent_is_unsupported(struck):
    """A fact about the environment, at every size."""
    for row in by_variant(rows_of(struck))["numpy_needs"]:
        assert (row["status"], row["reason"]) == ("unsupported", "needs no_such_package")


def test_what_has_no_number_has_no_ratio(struck):
    """Nothing is compared with a hole; the run says that it has some, and is finished."""
    rows = {(row["variant"], row["size"]): row["status"] for row in rows_of(struck)}
    ratios = [line for line in lines_of(struck.stdout) if line["kind"] == "ratio"]
    assert {rows[ratio["variant"], ratio["case"]["n"]] for ratio in ratios} == {"measured"}
    assert struck.returncode == 1
    assert lines_of(struck.stdout)[-1]["kind"] == "footer"


def test_what_is_unsupported_is_no_hole(planted):
    """Exit code 0: nothing is missing that could have been measured here."""
    ran = measure("--workload", "planted", "--variant", "numpy", "--variant", "numpy_needs", cwd=planted)
    assert [row["status"] for row in rows_of(ran)] == ["measured", "unsupported"] * 2
    assert ran.returncode == 0


@pytest.fixture(scope="module")
def kinds(planted):
    """What came of results of every kind, by variant and dtype."""
    rows = rows_of(measure("--workload", "planted_kinds", cwd=planted))
    return {(row["variant"], row["case"]["dtype"]): row for row in rows}


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("variant", ["numpy", "jax_jit"])
def test_right_results_of_every_kind_are_measured(kinds, variant, dtype):
    """Complex, whole numbers, truth, tuples and NaN in the same place; in 64 bits where the case has them."""
    if dtype == "object":  # JAX has none; and nobody's could be told from a forgotten `return`
        assert kinds[variant, dtype]["status"] == ("failed" if variant == "jax_jit" else "disagrees")
    else:
        assert (kinds[variant, dtype]["status"], kinds[variant, dtype]["reason"]) == ("measured", "")


@pytest.mark.parametrize(
    ("variant", "dtype", "reason"),
    [
        ("numpy_wrong", "complex64", "relative error"),
        ("numpy_wrong", "complex128", "relative error"),
        ("numpy_wrong", "int32", "relative error inf, allowed 0"),
        ("numpy_wrong", "int64", "relative error inf, allowed 0"),
        ("numpy_wrong", "bool", "relative error inf, allowed 0"),
        ("numpy_wrong", "float64", "output 0: relative error inf"),
        ("numpy_wrong", "object", "returns no array of numbers"),
        ("numpy_part", "float64", "returns 1 arrays, the reference 2"),
        ("jax_jit_narrow", "float64", "output 0: dtype float32, the reference float64"),
        ("jax_jit_narrow", "complex128", "dtype complex64, the reference complex128"),
        ("jax_jit_narrow", "int64", "dtype int32, the reference int64"),
    ],
)
def test_wrong_results_of_every_kind_disagree(kinds, variant, dtype, reason):
    """An imaginary part, one number by one, one truth, another NaN, a part of a tuple, fewer bits: no time for them."""
    row = kinds[variant, dtype]
    assert row["status"] == "disagrees"
    assert reason in row["reason"]
    assert (row["seconds"], row["processes"]) == (None, [])


@pytest.fixture(scope="module")
def greed(planted):
    """A run whose probes may have a gibibyte each."""
    return measure("--workload", "planted_greed", "--memory", "1", cwd=planted)


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        ("numpy_greed", "Unable to allocate 1.00 GiB"),
        ("jax_jit_greed", "RESOURCE_EXHAUSTED"),
        ("numpy_aborts", "signal 6: what(): std::bad_alloc"),
    ],
)
def test_a_memory_limit_costs_the_case_that_hits_it(greed, variant, reason):
    """A real limit on the probe: the sampler survives it, NumPy beside it and the next case are measured."""
    rows = by_variant(rows_of(greed))
    first, second = rows[variant]
    assert first["status"] == "out_of_memory"
    assert reason in first["reason"]
    assert first["seconds"] is None
    assert second["status"] == "measured"
    assert [row["status"] for row in rows["numpy"]] == ["measured", "measured"]
    assert lines_of(greed.stdout)[-1]["kind"] == "footer"


@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="there may be a GPU here")
def test_a_device_that_is_not_there_is_misplaced():
    """JAX asked for a GPU this machine lacks: a row with JAX's own words, never a time from the CPU."""
    arguments = ("--workload", "broadcast_sum", "--size", "2", "--variant", "numpy", "--variant", "jax_jit")
    numpy, jax = rows_of(measure(*arguments, "--platform", "gpu"))
    assert numpy["status"] == "measured"
    assert (jax["status"], jax["seconds"]) == ("misplaced", None)
    assert "gpu" in jax["reason"]


@pytest.mark.skipif(len(CORES) < 2 or shutil.which("taskset") is None, reason="needs two cores, and taskset")
def test_what_runs_elsewhere_than_asked_is_misplaced(tmp_path):
    """Another version, other cores than asked for: no number, and what was found instead is told."""
    other = f'exec taskset -c {CORES[1]} {sys.executable} "$@"'
    narrow = an_interpreter(tmp_path, "narrow", "sleep 0.2  # the sampler keeps it on its cores first", other)
    places = (HERE, Place("pinned", sys.executable, {"numpy": "1.0"}), Place("narrow", narrow))
    plan = a_plan([a_case()], places, threads=1)
    found = {row["environment"]: row for row in rows_of(measure("--plan", plan_file(tmp_path, plan)))}
    assert found["current"]["status"] == "measured"
    assert found["pinned"]["status"] == "misplaced"
    assert found["pinned"]["reason"].startswith("asked for numpy 1.0, found ")
    assert found["narrow"]["status"] == "misplaced"
    assert found["narrow"]["reason"] == f"asked for the cores [{CORES[0]}], found [{CORES[1]}]"
    assert found["narrow"]["seconds"] is None


def test_a_case_that_takes_too_long_costs_no_more_than_its_limit(planted, tmp_path):
    """A hang is ended when the case's time is spent, not when the longest wait for one answer is over."""
    cases = [a_case("planted", ("numpy", "numpy_hangs"), n=4), a_case("planted", n=8)]
    plan = a_plan(cases, case_limit_seconds=4.0, timeout_seconds=60.0)
    rows = rows_of(measure("--plan", plan_file(tmp_path, plan), cwd=planted))
    assert [(row["variant"], row["size"], row["status"]) for row in rows] == [
        ("numpy", 4, "timed_out"),
        ("numpy_hangs", 4, "timed_out"),
        ("numpy", 8, "measured"),
    ]
    assert rows[1]["reason"] == "the time of a case (4 s) was spent"
