"""The way of those who bring a workload: new, check, run, and the list of what there is; as a user types it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.test_cli import crossover, runs_stored
from tests.workloads.test_outside import GOOD
from workloads import outside, suite
from workloads.plan import choose_cases
from workloads.workload import Workload

TOO_FAST = """
[suites.quick]
processes = 1
seconds_per_case = 0.02
timeout_seconds = 5
peaks = false
workloads = "all"
"""


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder to work in, with settings that measure next to nothing."""
    monkeypatch.chdir(tmp_path)
    Path("crossover.toml").write_text(TOO_FAST)
    Path("my.py").write_text(GOOD.lstrip())
    return tmp_path


def test_from_a_new_file_to_a_measured_one(desk, home):
    """What `new` writes agrees, is measured as it stands, and is named by its content."""
    assert crossover("new", "my_distance").stdout == "my_distance.py\n"
    checked = crossover("check", "my_distance.py", "--longest-call", "0.001")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "All variants agree" in checked.stdout
    assert "say there what is computed" in checked.stderr
    ran = crossover("run", "--workload-file", "my_distance.py", "--size", "100", "--dtype", "float32")
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.splitlines()[-1] == "3 of 3 measured"
    document = json.loads(crossover("show", "--json").stdout)
    name = outside.name_of(Path("my_distance.py"))
    assert {row["workload"] for row in document["measurements"]} == {name}
    assert str(desk) not in json.dumps(document["measurements"])
    (bundle,) = (home / "bundles").glob("*-quick-????????.jsonl")
    header = json.loads(bundle.read_text().partition("\n")[0])
    brought = header["plan"]["brought"][name]
    assert set(brought) == {"file", "sha256"}
    assert brought["sha256"].startswith(name.partition("@")[2])


def test_the_starting_file_explains_every_part(desk):
    """It is a workload of its own, with its new name in its text."""
    crossover("new", "thing")
    text = Path("thing.py").read_text()
    assert "crossover check thing.py" in text
    assert "NAME" not in text
    assert isinstance(outside.load("thing.py"), Workload)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("my", "my.py is there already: it stays as it is"),
        ("matrix_chain", "matrix_chain is a workload of the suite: choose another name"),
        ("my thing", "'my thing' cannot be a workload's name"),
        ("../my", "'../my' cannot be a workload's name"),
        ("numpy", "numpy is a module of this environment"),
    ],
)
def test_new_overwrites_and_shadows_nothing(desk, name, said):
    """And says why."""
    refused = crossover("new", name)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert said in refused.stderr
    assert Path("my.py").read_text() == GOOD.lstrip()


BROKEN = {
    "disagrees": ("    return xp.add(x, x)", "    return xp.add(x, x) + (xp is not __import__('numpy'))"),
    "mutates": ("    return xp.add(x, x)", "    x += x\n    return x"),
    "loops": ("    return xp.add(x, x)", "    while True: pass"),
    "needs": ("@workload.function", "@workload.variant('numpy_more', requires=['no_such'])\n@workload.function"),
}


@pytest.fixture
def broken(desk):
    """Files with one mistake each, and some that are no workload at all."""
    for name, (old, new) in BROKEN.items():
        assert old in GOOD
        Path(f"{name}.py").write_text(GOOD.lstrip().replace(old, new))
    Path("syntax.py").write_text("x = (")
    Path("empty.py").write_text("x = 1")
    Path("absent.py").write_text("import no_such_package")
    return desk


def test_one_bad_file_costs_nothing_but_itself(broken):
    """Each says once what is wrong with it; the good one is measured."""
    files = ["syntax", "disagrees", "mutates", "loops", "empty", "absent", "my", "nowhere"]
    ran = crossover("run", *(argument for name in files for argument in ("--workload-file", f"{name}.py")))
    assert ran.returncode == 1
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("8 of 24 measured, 16 without a number: ")  # my: 6, and NumPy of `disagrees`: 2
    # the inputs are drawn anew in each run: two sizes may show the same error to two digits, and share a reason then
    assert re.search(r"jax_eager, jax_jit at (4, )?8 \(disagrees: relative error", last)
    for said in (
        "numpy at 4, 8 (failed: ValueError: output array is read-only (mutates.py, line ",
        "numpy at 4 (timed_out: no answer within 5 s)",
        "numpy at 8 (timed_out: not tried: timed out at 4 already)",
        "jax_eager, jax_jit at 4, 8 (failed: cannot be compared: numpy timed out)",
        "left out: syntax.py: SyntaxError: '(' was never closed",
        "empty.py: declares no workload",
        "absent.py: ModuleNotFoundError: No module named 'no_such_package'; import it inside the variant",
        "nowhere.py: cannot be read",
    ):
        assert said in last
    assert str(broken) not in ran.stderr
    (bundle,) = (broken / "home" / "bundles").glob("*-quick-????????.jsonl")
    assert str(broken) not in bundle.read_text()
    measured = {
        row["workload"] for row in json.loads(crossover("show", "--json").stdout)["measurements"] if row["seconds"]
    }
    assert outside.name_of(Path("my.py")) in measured


def test_nothing_but_bad_files_is_an_error(broken):
    """Exit code 2, and the reasons; the suite is not measured in their place."""
    ran = crossover("run", "--workload-file", "syntax.py", "--workload-file", "empty.py")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "syntax.py: SyntaxError" in ran.stderr
    assert "empty.py: declares no workload" in ran.stderr


def test_a_file_that_is_edited_meanwhile_is_not_measured_under_its_old_name(desk, home):
    """Neither half of a run stands for the other."""
    ran = crossover("run", "--workload-file", "my.py", "--time-limit", "0.001")
    assert ran.returncode == 1
    Path("my.py").write_text(GOOD.lstrip() + "\n# edited\n")
    resumed = crossover("run", "--resume")
    assert resumed.returncode == 1
    assert "my.py was changed since this run was planned" in resumed.stderr


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("disagrees", 1, "disagrees at n = 4: relative error"),
        ("mutates", 1, "not tried: numpy, which it is compared with"),
        ("syntax", 2, "SyntaxError: '(' was never closed"),
        ("my", 0, "All variants agree"),
    ],
)
def test_check_says_what_to_mend(broken, name, code, said):
    """In seconds, with an exit code for scripts."""
    checked = crossover("check", f"{name}.py")
    assert checked.returncode == code, checked.stdout + checked.stderr
    assert said in " ".join((checked.stdout + checked.stderr).split())


def test_check_as_json_tells_every_variant_and_case(desk):
    """What was tried, how it went, roughly how long a call and the first call take."""
    checked = crossover("check", "my.py", "--json")
    assert "say there what is computed" not in checked.stderr
    document = json.loads(checked.stdout)
    assert document["declared"]["summary"] == "Twice a number."
    assert [(one["variant"], one["size"], one["status"]) for one in document["found"]] == [
        (variant, size, "ready") for variant in ("numpy", "jax_eager", "jax_jit") for size in (4, 8)
    ]
    assert all(one["first_call_seconds"] > 0 < one["seconds"] for one in document["found"])


def test_check_says_where_a_run_will_stop_climbing(desk):
    """By the time that a call may take at most."""
    document = json.loads(crossover("check", "my.py", "--json", "--longest-call", "1e-9").stdout)
    assert [(one["size"], one["status"]) for one in document["found"][:2]] == [(4, "ready"), (8, "too_large")]
    assert "longest call" in document["found"][1]["reason"]


def test_every_workload_is_listed_with_what_it_tells(desk):
    """For machines: families, sizes, dtypes, variants, work, suites. A file's workload stands among them."""
    listed = json.loads(crossover("workloads", "--json", "--workload-file", "my.py").stdout)
    by_name = {one["name"]: one for one in listed}
    assert set(by_name) == {*suite.names(), outside.name_of(Path("my.py"))}
    one = by_name["softmax"]
    assert one["family"] == "reduction"
    assert one["suites"] == ["quick"]
    assert {"numpy", "jax_jit"} <= set(one["variants"])
    assert len(one["cases"]) == len(choose_cases({"softmax": None})) == len(one["work"])


def test_the_list_is_for_people_too(desk):
    """By family; one workload with all that its file says; what is unknown is named with what is known."""
    every = crossover("workloads").stdout
    assert f"{len(suite.names())} workloads" in every
    assert "irregular: Sorting, searching" in every
    one = crossover("workloads", "sort").stdout
    assert "expect" in one
    assert "stresses sorting: comparing and moving" in " ".join(one.split())
    assert "there is no workload 'nope'. Known: " in crossover("workloads", "nope").stderr
    assert "there is no family 'nope'. Known: elementwise" in crossover("workloads", "--family", "nope").stderr
    assert crossover("workloads", "--family", "spectral").stdout.count("fft_") >= 2


def test_without_the_service_a_file_is_measured_too(desk):
    """`python -m workloads --workload-file`, for a machine where nothing is installed."""
    root = Path(suite.__file__).parent.parent.parent
    command = [sys.executable, "-m", "workloads", "--processes", "1", "--seconds", "0.01", "--no-peaks"]
    arguments = ["--workload-file", str(desk / "my.py"), "--variant", "numpy", "--out", str(desk / "out.jsonl")]
    ran = subprocess.run([*command, *arguments], cwd=root, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert crossover("ingest", "out.jsonl").returncode == 0
    assert {row["status"] for row in json.loads(crossover("show", "--json").stdout)["measurements"]} == {"measured"}


def test_a_ladder_is_climbed_as_far_as_time_allows(desk, home):
    """The rest is too large: said, counted, and no hole in the run."""
    Path("crossover.toml").write_text(
        TOO_FAST + "\n[suites.brief]\nprocesses = 1\nseconds_per_case = 0.02\n"
        "longest_call_seconds = 1e-9\npeaks = false\nworkloads = 'all'\n"
    )
    ran = crossover("run", "--suite", "brief", "--workload-file", "my.py")
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.splitlines()[-1] == "3 of 6 measured, 3 too large for this machine and suite"
    (run,) = runs_stored(home)
    assert (run.planned, run.measured, run.too_large, run.failed) == (6, 3, 3, 0)
