"""A bundle from outside is not trusted: what does not fit is named by line, before anything is stored."""

import json
from pathlib import Path

import pytest

from storage import header
from storage.header import planned_measurements
from storage.schema import read_valid
from tests import builders
from workloads.bundle import BundleError

PAIR = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit", seconds=5e-4)]


@pytest.fixture
def documents(tmp_path):
    """The lines of a valid bundle: header, two measurements, a ratio, the footer."""
    path = builders.a_bundle(tmp_path / "a.jsonl", measurements=PAIR, ratios=builders.ratios_to_numpy(PAIR))
    return [json.loads(line) for line in path.read_text().splitlines()]


def read(tmp_path, documents):
    path = tmp_path / "changed.jsonl"
    text = "".join(json.dumps(document) + "\n" for document in documents)
    path.write_text(text.replace('"TOO LARGE"', "1e999"))  # JSON, but no float
    return read_valid(path)


def test_a_valid_bundle_is_read(tmp_path, documents):
    """The bundle that the tests below damage is whole."""
    assert len(read(tmp_path, documents)) == 5


def test_an_interval_may_be_as_wide_as_it_is(tmp_path, documents):
    """Of two processes, one of which was disturbed, it reaches over years: no reason to lose the run."""
    setting(1, "low_seconds", to=1e-14)(documents)
    setting(1, "high_seconds", to=6e7)(documents)
    assert read(tmp_path, documents)[1].high_seconds == 6e7


def setting(line, *path, to):
    def change(documents):
        place = documents[line]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


def dropping(line, name):
    return lambda documents: documents[line].pop(name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (setting(0, "run", to="not-a-uuid"), "line 1"),
        (setting(0, "run", to="{00000000-0000-4000-8000-000000000001}"), "as it is usually written"),
        (setting(0, "started_at", to="2026-01-01T00:00:00"), "without a zone"),
        (setting(0, "started_at", to="0001-01-01T00:00:00+14:00"), "of another age"),
        (setting(0, "machine", "name", to=""), "machine.name"),
        (setting(0, "machine", "name", to=7), "machine.name"),
        (setting(0, "plan", to={}), "line 1: KeyError"),
        (setting(0, "environments", to=[]), "environments need names"),
        (setting(0, "plan", "left_out", to=["why", 7]), "left_out is a list of texts"),
        (setting(0, "plan", "cases", to={"variants": []}), "cases is a list"),
        (setting(0, "plan", "cases", 0, "variants", to="numpy"), "variants of a planned case"),
        (setting(0, "plan", "seed", to=10**400), "seed is too large"),
        (setting(0, "surprise", to=1), "line 1: surprise"),
        (dropping(1, "variant"), "line 2: variant"),
        (setting(1, "seconds", to="1e-3"), "line 2: seconds"),
        (setting(1, "seconds", to=-1.0), "not a number of seconds"),
        (setting(1, "seconds", to=None), "if and only if"),
        (setting(1, "seconds", to=1e300), "not a number of seconds"),
        (setting(1, "peak", to=1), "line 2: peak"),
        (setting(1, "status", to="fine"), "status 'fine'"),
        (setting(1, "environment", to="elsewhere"), "not in the header"),
        (setting(1, "workload", to="x" * 1000), "workload must be"),
        (setting(1, "reason", to="x" * 100_000), "at most 4000"),
        (setting(1, "reason", to="a\x00b"), "NUL"),
        (setting(1, "processes", to=[]), "needs samples"),
        (setting(1, "processes", 0, "samples_seconds", to=["fast"]), "line 2: processes.0.samples_seconds"),
        (setting(1, "seconds", to=0.5), "not among its samples"),
        (setting(1, "seconds", to=0.0), "not among its samples"),
        (setting(1, "low_seconds", to=0.0), "inside its interval"),
        (setting(1, "low_seconds", to=None), "two ends"),
        (setting(1, "high_seconds", to=1e-9), "inside its interval"),
        (setting(1, "high_seconds", to="TOO LARGE"), "line 2"),
        (setting(1, "processes", 0, "samples_seconds", to=[0.0]), "greater than 0"),
        (setting(1, "processes", 0, "samples_seconds", to=[1e-45]), "greater than 0"),
        (setting(1, "processes", 0, "samples_pruned", to=5), "pruned in all of its processes or in none"),
        (setting(1, "processes", 0, "samples_pruned", to=-1), "samples_pruned must not"),
        (setting(1, "size_name", to="x" * 200), "size_name"),
        (setting(1, "case", to={"n": [1]}), "texts and numbers"),
        (setting(1, "case", to={"n": "x" * 2000}), "1000 characters"),
        (setting(0, "environments", 0, "found", "libraries", "jax", to={}), "the version of jax"),
        (setting(2, "kind", to=[]), "not a line of a bundle"),
        (setting(3, "low", to=9.0), "inside its interval"),
        (setting(1, "threads", to=2**80), "line 2"),
        (setting(1, "measured_at", to="yesterday"), "line 2"),
        (setting(3, "variant", to="numpy_never"), "not measured before it"),
        (setting(3, "ratio", to=0), "greater than 0"),
        (setting(4, "finished_at", to="never"), "line 5"),
        (setting(0, "environments", 0, "again", to=True), "none that was there before it"),
        (setting(0, "environments", 0, "again", to=1), "again is true or false"),
        (setting(0, "plan", "cases", 0, "again", to="yes"), "again is true or false"),
        (setting(1, "sampled", to="now and then"), "sampled 'now and then'"),
        (setting(1, "disturbed", to="x" * 5000), "disturbed: .*at most 4000"),
        (setting(1, "disturbed", to=None), "line 2: disturbed"),
        (setting(1, "meanwhile", to=[]), "line 2: meanwhile"),
        (setting(1, "meanwhile", to={"a\x00b": 1}), "NUL"),
        (setting(1, "meanwhile", to={"steal_seconds": -1.0}), "not a number of seconds"),
        (setting(1, "xla", to={"flops": "TOO LARGE"}), "line 2.*too large"),
        (setting(1, "xla", to="much"), "line 2: xla"),
        (setting(1, "flops", to=0.0), "flops of a call"),
        (setting(1, "flops", to="TOO LARGE"), "line 2: .*flops is too large"),
        (setting(1, "bytes_moved", to=-8.0), "bytes_moved of a call"),
        (setting(1, "resource", to="luck"), "resource 'luck'"),
        (setting(1, "resource", to=None), "line 2: resource"),
        (setting(1, "processes", 0, "surprise", to=1), "line 2: processes.0.surprise"),
        (setting(1, "processes", 0, "timings_per_sample", to=0), "timings_per_sample"),
        (setting(1, "processes", 0, "timings_per_sample", to=1.5), "line 2: processes.0.timings_per_sample"),
        (setting(1, "processes", 0, "mean_seconds", to=-1.0), "mean_seconds is -1.0"),
        (setting(1, "processes", 0, "warm_up_seconds", to=[1e-3, -1.0]), "warm_up_seconds is -1.0"),
        (setting(1, "processes", 0, "warm_up_seconds", to=None), "line 2: processes.0.warm_up_seconds"),
        (setting(1, "processes", 0, "steady", to=1), "line 2: processes.0.steady"),
        (setting(1, "processes", 0, "import_seconds", to=-1.0), "import_seconds is -1.0"),
        (setting(1, "processes", 0, "start_seconds", to=1e9), "start_seconds is"),
        (setting(1, "processes", 0, "device_peak_bytes", to=-1), "device_peak_bytes must not"),
        (setting(1, "processes", 0, "peak_bytes", to=-1), "peak_bytes must not"),
        (setting(1, "processes", 0, "switches", to=-1), "switches must not"),
        (setting(1, "processes", 0, "cores", to=[0, -1]), "cores are"),
        (setting(1, "processes", 0, "cores", to=[2**16]), "cores are"),
        (setting(1, "processes", 0, "cores", to=[0] * (2**16 + 1)), "cores are"),
        (setting(1, "processes", 0, "cores", to=[True]), "line 2: processes.0.cores.0"),
        (setting(1, "processes", 0, "first_call", to={"execute_seconds": "soon"}), "first_call.execute_seconds"),
        (setting(1, "processes", 0, "first_call", to={"seconds": True}), "first_call.seconds"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, documents, change, said):
    """Types, limits, names, times, and lines that do not belong together."""
    change(documents)
    with pytest.raises(BundleError, match=said):
        read(tmp_path, documents)


@pytest.mark.parametrize("line", [1, 3])
def test_lines_may_come_twice_but_not_contradict_each_other(tmp_path, documents, line):
    """Of two measurements or ratios of the same thing none is the right one."""
    documents.insert(line, dict(documents[line]))
    assert len(read(tmp_path, documents)) == 6
    documents[line] |= {"load": 7.0} if line == 1 else {"high": 7.0}
    with pytest.raises(BundleError, match=f"line {line + 2}: .*said before in this bundle, and otherwise"):
        read(tmp_path, documents)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (setting(1, "environment", to="elsewhere"), "not in the header"),
        (setting(1, "resource", to="luck"), "resource 'luck'"),
        (setting(1, "per_second", to=0.0), "per_second must"),
        (setting(1, "per_second", to=-1e9), "per_second must"),
        (setting(1, "per_second", to="TOO LARGE"), "line 2: .*per_second is too large"),
        (setting(1, "per_second", to=None), "line 2: per_second"),
        (setting(1, "threads", to=-1), "threads must"),
        (setting(1, "threads", to=2**80), "line 2"),
        (setting(1, "device", to=""), "device must"),
        (setting(1, "library", to="x" * 1000), "library must"),
        (setting(1, "dtype", to=""), "dtype must"),
        (setting(1, "surprise", to=1), "line 2: surprise"),
        (dropping(1, "dtype"), "line 2: dtype"),
    ],
)
def test_a_peak_that_does_not_fit_is_refused(tmp_path, change, said):
    """Of an environment of the run, of something that has a peak, and a rate."""
    path = builders.a_bundle(tmp_path / "a.jsonl", peaks=[builders.a_peak()])
    documents = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(read(tmp_path, documents)) == 3
    change(documents)
    with pytest.raises(BundleError, match=said):
        read(tmp_path, documents)


def test_an_environment_again_is_the_first_one(tmp_path):
    """What a floor is made of must be the same thing twice: another digest is refused."""
    sides = [builders.an_environment("A"), builders.an_environment("A again", again=True)]
    documents = [json.loads(builders.a_bundle(tmp_path / "a.jsonl", environments=sides).read_text().splitlines()[0])]
    assert read(tmp_path, documents)
    documents[0]["environments"][1]["found"]["digest"] = "another"
    with pytest.raises(BundleError, match="'A again' is none that was there before it `again`"):
        read(tmp_path, documents)


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("group", -1, "group is a number"),
        ("group", True, "group is a number"),
        ("anchor", 1, "anchor is true or false"),
        ("measures", "torch", "measures is numpy or jax"),
        ("track", "", "track must be"),
        ("track", 3, "track must be"),
        ("builder", "x" * 200, "builder must be"),
        ("spec", None, "spec is a text"),
        ("spec", "x" * 2000, "spec is a text"),
        ("resolution", {}, "resolution is a list"),
        ("resolution", [{"name": "numpy", "version": "2"}], "sha256"),
        ("resolution", [{"name": "", "version": "2", "sha256": "a"}], "name of a package"),
    ],
)
def test_how_an_environment_takes_part_is_checked(tmp_path, fact, value, said):
    """Group, anchor, library, track, builder, spec and every package."""
    path = builders.a_bundle(tmp_path / "a.jsonl", environments=[builders.an_environment()])
    documents = [json.loads(path.read_text().splitlines()[0])]
    documents[0]["environments"][0][fact] = value
    with pytest.raises(BundleError, match=said):
        read(tmp_path, documents)


def test_a_backfill_plans_each_library_in_its_own_releases():
    """Two cases of two variants: one in each of NumPy's releases and one in JAX's, the anchor twice."""
    facts = [("numpy", False), ("numpy", False), ("jax", False), ("jax", True)]
    sides = [
        {**builders.an_environment(f"{number}", again=again), "measures": library, "group": number // 2 + again}
        for number, (library, again) in enumerate(facts)
    ]
    lines = [builders.a_measurement(variant, n, environment="0") for n in (8, 16) for variant in ("numpy", "jax_jit")]
    assert planned_measurements(builders.a_header(lines, environments=sides)) == 2 * 4


def test_a_plan_has_a_limit(tmp_path, documents, monkeypatch):
    """Few bytes can ask for more cases in more environments than anybody could go through."""
    monkeypatch.setattr(header, "MAX_PLANNED", 0)
    with pytest.raises(BundleError, match="at most 0 in all environments"):
        read(tmp_path, documents)


def test_only_some_cases_are_planned_again():
    """Two cases of two variants in two environments, and the first of them in the third: 2 x 2 x 2 + 2."""
    sides = [builders.an_environment(name, again=name == "A again") for name in ("A", "B", "A again")]
    lines = [builders.a_measurement(variant, n, environment="A") for n in (8, 16) for variant in ("numpy", "jax_jit")]
    first = builders.a_header(lines, environments=sides)
    assert planned_measurements(first) == 8
    first.plan["cases"][0]["again"] = True
    assert planned_measurements(first) == 10


def test_a_bundle_of_version_1_is_read():
    """What was measured before stays good; what it does not say has its default."""
    first, *lines = read_valid(Path(__file__).with_name("version_1.jsonl"))
    assert (first.version, planned_measurements(first)) == (1, 3)
    assert [line.sampled for line in lines if line.kind == "measurement"] == ["in_turn"] * 3
