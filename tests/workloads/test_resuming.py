"""A run that was cut short is gone on with: nothing is measured twice, and two things are never mixed."""

import json

import pytest

from tests import builders
from tests.workloads.measuring import QUICK, lines_of, measure
from workloads import __main__ as command

CASES = ("--workload", "broadcast_sum", "--size", "2", "--size", "64", "--variant", "numpy")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The lines of a run of two cases that came to its end."""
    out = tmp_path_factory.mktemp("whole") / "a.jsonl"
    assert measure(*CASES, "--out", str(out)).returncode == 0
    return out.read_text().splitlines(keepends=True)


@pytest.fixture
def cut_off(whole, tmp_path):
    """The same bundle, cut off in the middle of its second case, and the command behind it."""
    out = tmp_path / "a.jsonl"
    out.write_text("".join(whole[:2]) + whole[2][:50])
    return out, (*CASES, "--out", str(out))


def kinds_of(out):
    return [line["kind"] for line in lines_of(out.read_text())]


def test_an_unfinished_bundle_is_gone_on_with(cut_off, whole):
    """The same command again: only the rest is measured, under the same identity."""
    out, arguments = cut_off
    ran = measure(*arguments)
    assert ran.returncode == 0, ran.stderr
    assert out.read_text().splitlines(keepends=True)[:2] == whole[:2]
    assert kinds_of(out) == ["header", "measurement", "measurement", "footer"]
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
    out, arguments = cut_off
    out.write_text(out.read_text().replace(old, new, 1))
    before = out.read_bytes()
    ran = measure(*arguments)
    assert (ran.returncode, out.read_bytes()) == (2, before)
    assert said in ran.stderr


def test_a_finished_bundle_is_not_written_to(whole, tmp_path):
    """Its run is over; a new run needs a new file."""
    out = tmp_path / "a.jsonl"
    out.write_text("".join(whole))
    ran = measure(*CASES, "--out", str(out))
    assert ran.returncode == 2
    assert "is finished" in ran.stderr
    assert out.read_text() == "".join(whole)


def test_a_run_whose_time_is_spent_has_no_footer_and_can_be_gone_on_with(tmp_path):
    """Exit code 1 and no footer, however often, until the last case is done; then 0 and a footer."""
    out = tmp_path / "a.jsonl"
    arguments = (*CASES, "--size", "2048", "--seconds", "0.3", "--run-limit", "0.05", "--out", str(out))
    for done in (1, 2):
        ran = measure(*arguments)
        assert ran.returncode == 1
        assert "the run's time (0.05 s) is spent; it is not finished" in ran.stderr
        assert kinds_of(out) == ["header"] + ["measurement"] * done
    assert measure(*arguments).returncode == 0
    assert kinds_of(out) == ["header", *["measurement"] * 3, "footer"]


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """A run that measures two of its five cases against themselves: where it lies, its command and its lines."""
    out = tmp_path_factory.mktemp("again") / "a.jsonl"
    arguments = ("--workload", "broadcast_sum", "--variant", "numpy", "--again", "2", "--out", str(out))
    ran = measure(*arguments)
    assert ran.returncode == 0, ran.stderr
    return out, arguments, lines_of(out.read_text())


def test_what_is_measured_again_has_a_ratio_to_the_first_time(again):
    """On the chosen cases only: two measurements in two places, and the ratio of the second to the first."""
    _, _, (header, *lines, footer) = again
    assert [environment["again"] for environment in header["environments"]] == [False, True]
    chosen = [case["case"] for case in header["plan"]["cases"] if case["again"]]
    assert len(chosen) == 2
    twice = [line for line in lines if line["environment"] == "current (again)"]
    assert [line["case"] for line in twice if line["kind"] == "measurement"] == chosen
    ratios = [line for line in lines if line["kind"] == "ratio"]
    assert [line["case"] for line in ratios] == chosen
    assert {(line["baseline_environment"], line["environment"]) for line in ratios} == {("current", "current (again)")}
    assert len(lines) == 5 + 2 + 2
    assert footer["kind"] == "footer"


def test_what_is_measured_again_is_gone_on_with(again, tmp_path):
    """The same cases are chosen as before; a case that lacks only its ratio is measured anew."""
    first, arguments, lines = again
    out = tmp_path / "a.jsonl"
    last_ratio = max(number for number, line in enumerate(lines) if line["kind"] == "ratio")
    out.write_text("".join(json.dumps(line) + "\n" for line in lines[:last_ratio]))
    ran = measure(*(str(out) if argument == str(first) else argument for argument in arguments))
    assert ran.returncode == 0, ran.stderr
    now = lines_of(out.read_text())
    shape = [(line["kind"], line.get("environment"), line.get("case")) for line in now]
    assert shape == [(line["kind"], line.get("environment"), line.get("case")) for line in lines]
    assert now[: last_ratio - 2] == lines[: last_ratio - 2]
    assert now[last_ratio - 2] != lines[last_ratio - 2]


def test_peaks_are_kept_and_not_measured_twice(cut_off, whole):
    """They are the machine's, not a case's."""
    out, arguments = cut_off
    header = json.loads(whole[0])
    header["plan"]["settings"]["peaks"] = True
    peak = {"kind": "peak", "environment": "current", "device": "cpu", "threads": 2, "library": "numpy"}
    peak |= {"resource": "bandwidth", "dtype": "float32", "per_second": 1.0}
    out.write_text("".join(json.dumps(line) + "\n" for line in (header, peak, json.loads(whole[1]))))
    ran = measure(*arguments, peaks=True)
    assert ran.returncode == 0, ran.stderr
    assert kinds_of(out) == ["header", "peak", "measurement", "measurement", "footer"]
    assert lines_of(out.read_text())[1] == peak


def test_peaks_that_a_run_was_cut_off_before_are_measured(cut_off, whole, monkeypatch):
    """The header says that they were asked for."""
    out, arguments = cut_off
    header = json.loads(whole[0])
    header["plan"]["settings"]["peaks"] = True
    out.write_text(json.dumps(header) + "\n" + whole[1])
    monkeypatch.setattr(command.peaks, "measure", lambda *_: iter([builders.a_peak()]))
    assert command.main([*QUICK, *arguments]) == 0
    assert kinds_of(out) == ["header", "measurement", "peak", "measurement", "footer"]
