"""A workload's file from outside: named by its content, loaded as it is, refused in words that say what to mend."""

import os
import textwrap

import pytest

from workloads import bringing, outside, suite
from workloads.workload import WorkloadError

GOOD = '''
"""Twice a number.

We expect nothing of it.
"""
from workloads.workload import Workload

workload = Workload(version=2, cases=[{"n": n, "dtype": "float32"} for n in (4, 8)])

@workload.inputs
def numbers(rng, n, dtype):
    return (rng.standard_normal(n, dtype=dtype),)

@workload.function
def twice(xp, x):
    return xp.add(x, x)
'''


def working(flops, resource="'elementwise'", arguments="n, dtype"):
    """GOOD, with a function of work."""
    return (
        GOOD.replace("import Workload", "import Work, Workload")
        + f"\n@workload.work\ndef work({arguments}):\n    return Work({flops}, 8, {resource})\n"
    )


@pytest.fixture
def write(tmp_path):
    """Write a workload's file."""

    def write(text, name="my.py"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text).lstrip())
        return path

    return write


def test_a_file_is_named_by_its_content(write):
    """Another content is another workload; nobody's can be taken for one of the suite."""
    first = outside.name_of(write(GOOD))
    assert outside.name_of(write(GOOD + "\n# changed")) != first
    assert first.startswith("my@")
    assert len(first) == len("my@") + 8
    assert outside.name_of(write(GOOD, "matrix_chain.py")) not in suite.names()


def test_it_is_loaded_with_its_name_and_what_it_says(write):
    """As one of the suite is."""
    path = write(GOOD)
    workload = outside.load(str(path))
    assert (workload.name, workload.summary) == (outside.name_of(path), "Twice a number.")
    assert list(workload.variants) == ["numpy", "jax_eager", "jax_jit"]


def test_a_file_that_was_edited_is_not_measured_under_its_old_name(write):
    """Half of a run would be of another computation."""
    name = outside.name_of(write(GOOD))
    edited = write(GOOD.replace("Twice", "Double"))
    with pytest.raises(WorkloadError, match=r"my.py was changed since this run was planned"):
        outside.load(str(edited), name)


def test_it_is_declared_without_running_in_this_process(write):
    """The file says where it runs: not here."""
    text = GOOD.replace("version=2", "version=__import__('os').getpid()")
    gathered = bringing.bring([write(text)])
    (declared,) = gathered.declared.values()
    assert declared.version not in (0, __import__("os").getpid())
    assert gathered.files[declared.name].file == "my.py"
    assert gathered.files[declared.name].sha256.startswith(declared.name.partition("@")[2])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = (", "bad.py: SyntaxError: '(' was never closed"),
        ("x = 1", "bad.py: declares no workload: it needs a line `workload = Workload(...)`"),
        ("import no_such_package", "bad.py: ModuleNotFoundError: No module named 'no_such_package'; import it inside"),
        ("1 / 0", "bad.py: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "bad.py: the probe ended with exit code 3"),
        ("import os; os._exit(4)", "bad.py: the probe ended with exit code 4"),
        (GOOD.replace("(4, 8)", "()"), "bad.py: a workload needs at least one case"),
        (GOOD.replace('"n": n', '"n": [n]'), "bad.py: the parameters of a case are texts and numbers, not [4]"),
        (GOOD.replace("@workload.function", ""), "no variant 'numpy' to compare the others with"),
        (GOOD.replace("(4, 8)", "(4, 4)"), "bad.py: each case must be there only once"),
        (GOOD.replace("(4, 8)", "(0, 8)"), "bad.py: n=0: a size is a number greater than 0"),
        (GOOD.replace("(4, 8)", "('4', '8')"), "bad.py: n='4': a size is a number greater than 0"),
        (working("n - 4"), "bad.py: flops of a call must be a number greater than 0, not 0"),
        (working("float('nan')"), "bad.py: flops of a call must be a number greater than 0, not nan"),
        (working("8", "'memory'"), "bad.py: the function of work must return a Work with a resource of matrix or"),
        (working("8", arguments="n"), "bad.py: the function of work must take (n, dtype): got an unexpected keyword"),
        ("open('/usr/nowhere/data.npy')", "bad.py: FileNotFoundError: [Errno 2] No such file or directory: 'data.npy'"),
        ("x = 'a' * 2**40", "bad.py: MemoryError"),
    ],
    ids=[
        *("syntax", "nothing", "absent", "raises", "exits", "dies", "no case", "odd case", "no variant", "twice"),
        *("no size", "text size", "no flops", "nan flops", "odd resource", "odd work", "path", "greed"),
    ],
)
def test_a_file_that_cannot_be_used_is_left_out_with_its_reason(write, text, said):
    """One line that says what to mend; the other file is there."""
    gathered = bringing.bring([write(text, "bad.py"), write(GOOD)])
    (reason,) = gathered.left_out
    assert said in reason
    assert [name.partition("@")[0] for name in gathered.declared] == ["my"]


def test_a_file_that_never_ends_loading_is_given_up(write, monkeypatch):
    """What stands at its top runs when it is loaded."""
    monkeypatch.setattr(bringing, "LOADING_SECONDS", 0.5)
    gathered = bringing.bring([write("while True: pass")])
    assert gathered.left_out[0].startswith("my.py: was still loading after 0.5 s")


def test_a_file_that_is_not_there_is_left_out(tmp_path):
    """Its name is in the message."""
    (reason,) = bringing.bring([tmp_path / "nowhere.py"]).left_out
    assert reason == "nowhere.py: cannot be read (No such file or directory)"


def test_what_is_measured_is_what_was_brought_or_what_is_named(write):
    """Files alone: only they. Names: only those, of the file or of the suite. Neither: the suite."""
    gathered = bringing.bring([write(GOOD)])
    (name,) = gathered.declared
    ladders = {"sort": [8.0], "total": None}
    assert gathered.choose((), ladders) == {name: None}
    assert gathered.choose(("my", "sort"), ladders) == {name: None, "sort": [8.0]}
    assert gathered.choose(("unknown",), ladders) == {"unknown": None}  # whoever loads it says so
    assert bringing.Gathered().choose((), ladders) == ladders


def test_files_that_are_all_bad_do_not_become_the_suite(write):
    """Somebody asked for them, and for nothing else."""
    assert bringing.bring([write("x = (")]).choose((), {"total": None}) == {}


def test_an_installed_package_offers_its_workloads(write, tmp_path, monkeypatch):
    """By an entry point; found without running the package's own code, and measured with the suite."""
    package = tmp_path / "their_package"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('not to be run')")
    (package / "twice.py").write_text(GOOD)
    facts = tmp_path / "their_package-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: their-package\nVersion: 1.0\n")
    offers = "[crossover.workloads]\ntwice = their_package.twice\nlost = their_package.lost\nwhole = their_package\n"
    offers += "attribute = their_package.twice:workload\n"
    (facts / "entry_points.txt").write_text(offers)
    monkeypatch.syspath_prepend(tmp_path)
    gathered = bringing.bring(packages=True)
    (name,) = gathered.declared
    assert name.startswith("twice@")
    assert gathered.installed == {name}
    assert set(gathered.left_out) == {
        f"their_package{rest}: offered by an installed package, but no module in a file"
        for rest in ("", ".lost", ".twice:workload")
    }
    assert gathered.choose((), {"total": None, name: None}) == {"total": None, name: None}
    assert bringing.bring().declared == {}


def test_numbers_of_numpy_are_numbers_of_work(write):
    """A product over a shape is what authors write."""
    (declared,) = bringing.bring([write(working("__import__('numpy').prod([n, 2])"))]).declared.values()
    assert [work["flops"] for work in declared.work] == [8.0, 16.0]


def test_what_lies_beside_a_file_is_not_imported(write):
    """And that is said, instead of how to ask for a package."""
    write("x = 1", "beside.py")
    (reason,) = bringing.bring([write("import beside")]).left_out
    assert "a workload is one file, and what lies beside it cannot be imported" in reason


def test_what_runs_is_what_was_hashed(write):
    """Not what an import had left of an older content that looks alike from outside."""
    path = write(GOOD)
    outside.load(str(path))
    moment = path.stat().st_mtime
    write(GOOD.replace("Twice", "Three"))
    os.utime(path, (moment, moment))
    assert outside.load(str(path), outside.name_of(path)).summary == "Three a number."
    assert not (path.parent / "__pycache__").exists()


def test_a_name_of_the_suite_and_of_a_file_has_to_be_said_in_full(write):
    """Neither is taken for the other without a word."""
    gathered = bringing.bring([write(GOOD, "sort.py")])
    (name,) = gathered.declared
    with pytest.raises(WorkloadError, match=f"sort is in the suite, and in a file too: say {name}"):
        gathered.choose(("sort",), {"sort": None})
    assert gathered.choose((name,), {"sort": None}) == {name: None}
