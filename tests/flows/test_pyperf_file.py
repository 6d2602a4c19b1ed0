"""What pyperf's own tools read of a run."""

import json
import subprocess
import sys

import pyperf
import pytest

from tests import builders
from tests.flows.test_exporting import crossover
from tests.postgres import query
from workloads import bundle


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Two runs with samples that differ, warm-up and cores: the lines of the second, and the files for pyperf."""
    folder = tmp_path_factory.mktemp("measured")
    url = f"sqlite:///{folder / 'crossover.db'}"
    files = []
    for number, level in ((1, 1e-3), (2, 1.5e-3)):
        processes = [
            builders.a_process(
                level,
                seed,
                samples_seconds=[bundle.kept(level * (1 + k / 100 + seed / 50)) for k in range(-3, 4)],
                warm_up_seconds=[2e-3],
                cores=[0, 1],
                peak_bytes=2**20,
            )
            for seed in range(3)
        ]
        said = {"seconds": level, "processes": processes, "spread": None}
        lines = [builders.a_measurement(name, **said) for name in ("numpy", "jax_jit")]
        lines.append(builders.a_measurement("numpy", workload="softmax", seconds=level))
        lines.append(builders.a_measurement("jax_jit", workload="softmax", status="failed", reason="it broke"))
        builders.stored(url, lines, run=f"00000000-0000-4000-8000-00000000000{number}")
        files.append(folder / f"{number}.json")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CROSSOVER_HOME", str(folder))
            assert crossover("export", f"0000000{number}", "--pyperf", files[-1]) == 0
    return lines, files


def test_pyperf_reads_what_was_measured(measured):
    """Its mean is that of our samples; a hole is no benchmark; what it has names for is there."""
    lines, files = measured
    suite = pyperf.BenchmarkSuite.load(str(files[1]))
    names = ["broadcast_sum v1 dtype=float32 n=1024", "softmax v1 dtype=float32 n=1024"]
    assert suite.get_benchmark_names() == [f"{names[0]} jax_jit", f"{names[0]} numpy", f"{names[1]} numpy"]
    found = suite.get_benchmark(f"{names[0]} numpy")
    samples = [second for process in lines[0].processes for second in process.samples_seconds]
    assert found.get_values() == tuple(samples)
    assert found.mean() == pytest.approx(sum(samples) / len(samples), rel=1e-12)
    assert (found.get_nrun(), found.get_unit(), found.get_loops()) == (3, "second", 10)
    about = found.get_metadata()
    assert (about["python_version"], about["hostname"], about["numpy_version"]) == ("3.11.7", "vm", "2.4.6")
    assert (about["cpu_model_name"], about["cpu_count"], about["cpu_affinity"]) == ("A processor", 2, "0,1")
    assert found.get_runs()[0].warmups == ((10, 2e-3),)


def test_pyperfs_own_commands_take_it(measured):
    """`pyperf stats` and `pyperf compare_to`, which tells the slower run."""
    _, (before, after) = measured
    ran = subprocess.run([sys.executable, "-m", "pyperf", "stats", before], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "Number of run with values: 3" in ran.stdout
    compare = [sys.executable, "-m", "pyperf", "compare_to", before, after]
    ran = subprocess.run(compare, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "1.50x slower" in ran.stdout


def test_one_workload_is_enough(measured, tmp_path, monkeypatch):
    """`--workload` leaves out the others."""
    monkeypatch.setenv("CROSSOVER_HOME", str(measured[1][0].parent))
    path = tmp_path / "softmax.json"
    assert crossover("export", "00000001", "--workload", "softmax", "--pyperf", path) == 0
    (name,) = pyperf.BenchmarkSuite.load(str(path)).get_benchmark_names()
    assert name.startswith("softmax ")


def test_two_environments_of_a_run_can_be_compared(home, tmp_path):
    """Each in a file of its own, under the same names; pyperf then finds both sides."""
    home.mkdir()
    levels = {"old": 1e-3, "new": 2e-3}
    lines = [
        builders.a_measurement("numpy", environment=name, seconds=level, processes=[builders.a_process(level)] * 2)
        for name, level in levels.items()
    ]
    run = "00000000-0000-4000-8000-000000000001"
    builders.stored(f"sqlite:///{home / 'crossover.db'}", lines, run=run)
    files = [tmp_path / f"{name}.json" for name in levels]
    for name, file in zip(levels, files):
        assert crossover("export", run, "--environment", name, "--pyperf", file) == 0
    found = [pyperf.BenchmarkSuite.load(str(file)).get_benchmarks() for file in files]
    assert [[one.get_name() for one in side] for side in found] == [["broadcast_sum v1 dtype=float32 n=1024 numpy"]] * 2
    compare = [sys.executable, "-m", "pyperf", "compare_to", "--table", *files]
    ran = subprocess.run(compare, capture_output=True, text=True)
    assert (ran.returncode, "2.00x slower" in ran.stdout) == (0, True)


def test_what_has_lost_its_samples_is_counted(home, tmp_path, capsys):
    """What is left is written; where nothing is, there is no file, and it is said why."""
    home.mkdir()
    url, path = f"sqlite:///{home / 'crossover.db'}", tmp_path / "run.json"
    lines = [builders.a_measurement(name) for name in ("numpy", "jax_jit", "jax_eager")]
    failed = {"status": "failed", "reason": "it broke", "processes": [builders.a_process(1e-3)]}
    lines.append(builders.a_measurement(workload="softmax", **failed))
    builders.stored(url, lines, run="00000000-0000-4000-8000-000000000001")
    query(url, "update samples set seconds = x'' where series_id in (1, 2)")
    assert crossover("export", "00000001", "--pyperf", path, "--json") == 0
    printed = capsys.readouterr()
    assert printed.err == f"{path}: 1 measurements; the samples of 2 more were pruned, and they are not in it\n"
    (told,) = json.loads(printed.out)
    assert (told["measurements"], told["without_samples"]) == (1, 2)
    assert len(pyperf.BenchmarkSuite.load(str(path)).get_benchmark_names()) == 1
    query(url, "update samples set seconds = x''")
    none = tmp_path / "none.json"
    assert crossover("export", "00000001", "--pyperf", none) == 2
    assert "run 00000001 has no samples: those of 3 measurements were pruned" in capsys.readouterr().err
    assert crossover("export", "00000001", "--workload", "softmax", "--pyperf", none) == 2
    assert "has no samples of softmax\n" in capsys.readouterr().err
    assert not none.exists()
