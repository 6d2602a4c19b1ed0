"""`crossover doctor`: real measurements of the same thing against itself, on one screen."""

import json
from dataclasses import replace

import pytest
from rich.console import Console

from analysis.noise import Floors
from flows import doctor
from flows.home import open_home


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A small examination: one kernel, two processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "KERNELS", {"broadcast_sum": [2]})
        patch.setattr(doctor, "PROCESSES", 2)
        home = open_home(tmp_path_factory.mktemp("home"))
        return doctor.examine(home, seconds=0.2, machine="Otter", say=lambda line: None), home


def shown(examination):
    console = Console(width=80)
    with console.capture() as captured:
        doctor.print_examination(console, examination)
    return captured.get()


def test_each_kernel_is_measured_against_itself_on_one_core_and_on_all(found):
    """Both libraries; the ratio of equals, its interval, and the change that hides in it."""
    examination, _ = found
    assert set(examination.pairs) == {"1", "all"}
    for pairs in examination.pairs.values():
        assert [(pair.workload, pair.variant) for pair in pairs] == [
            ("broadcast_sum", "numpy"),
            ("broadcast_sum", "jax_jit"),
        ]
        for pair in pairs:
            assert pair.low <= pair.ratio <= pair.high
            assert pair.floor == pytest.approx(max(pair.high, 1 / pair.low) - 1)
    assert examination.floors["1"].worst == max(pair.floor for pair in examination.pairs["1"])
    assert examination.machine["name"] == "otter"
    assert all("others_share" in state for state in examination.states)


def test_nothing_of_it_is_stored_or_left_behind(found):
    """It is no night."""
    _, home = found
    assert list(home.bundles.iterdir()) == list(home.scratch.iterdir()) == []
    assert not (home.path / "crossover.db").exists()


def test_it_fits_one_screen(found):
    """80 columns, 24 lines, nothing cut, with the longest name that there is; the answer in words."""
    long = {"workload": "elementwise_chain", "case": {"n": 1_000_000, "dtype": "float32"}, "floor": 0.298}
    pairs = {name: [replace(pair, **long) for pair in some] for name, some in found[0].pairs.items()}
    text = shown(replace(found[0], pairs=pairs))
    assert max(map(len, text.splitlines())) <= 80
    assert len(text.splitlines()) <= 24
    assert "…" not in text
    assert "On one core (--threads 1) it sees a change of" in text


def test_it_is_json_too(found, capsys):
    """Floors as shares of 1."""
    doctor.print_json(found[0])
    document = json.loads(capsys.readouterr().out)
    assert document["floors"]["1"]["worst"] == found[0].floors["1"].worst


def test_a_machine_that_needs_nothing_is_told_so(found):
    """And one without intervals shows dashes, not zeros."""
    nothing = Floors(None, None, None)
    quiet = doctor.Examination(found[0].machine, {"1": [], "all": []}, {"1": nothing, "all": nothing}, [], [], [])
    assert "Nothing here asks to be changed." in shown(quiet)
    assert "a change of – side by side, at worst –" in shown(quiet)


def test_what_could_not_be_measured_is_told(found):
    """A kernel without a pair on one side has dashes there, and its reason below."""
    whole = found[0]
    lame = doctor.Examination(
        whole.machine,
        {"1": [], "all": whole.pairs["all"]},
        whole.floors,
        ["broadcast_sum jax_jit: failed: why"],
        [],
        [],
    )
    lines = shown(lame).splitlines()
    assert any(line.split()[3:5] == ["–", "–"] for line in lines if line.startswith("broadcast_sum n=2 numpy"))
    assert "not measured: broadcast_sum jax_jit: failed: why" in lines
