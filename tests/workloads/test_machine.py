"""The machine and its cores."""

import pytest

from workloads import machine


@pytest.mark.parametrize(
    ("text", "name"), [("GPU Box.local", "gpu-box-local"), ("--", "machine"), ("a" * 50, "a" * 40), ("vm", "vm")]
)
def test_a_nickname_fits_into_a_link(text, name):
    """Lower case, digits and dashes, at most 40."""
    assert machine.nickname(text) == name


def test_the_fingerprint_does_not_depend_on_the_name():
    """A machine that is renamed stays the same machine."""
    assert machine.describe("a")["fingerprint"] == machine.describe("b")["fingerprint"]
    assert machine.describe("a")["name"] == "a"


@pytest.fixture
def cores(monkeypatch):
    """A process that may run on these cores only."""

    def of(*numbers):
        monkeypatch.setattr(machine, "affinity", lambda: list(numbers))

    return of


def test_draws_are_kept_on_other_cores_in_turn(cores):
    """None of them decides alone; only cores that this process may run on are given."""
    cores(2, 3, 6, 7)
    assert [machine.cores_of(draw, 1) for draw in range(5)] == [[2], [3], [6], [7], [2]]
    assert [machine.cores_of(draw, 2) for draw in range(3)] == [[2, 3], [6, 7], [2, 3]]
    assert [machine.cores_of(draw, 3) for draw in range(2)] == [[2, 3, 6], [7, 2, 3]]


def test_without_a_number_of_threads_nothing_is_kept_anywhere(cores):
    """All cores that there are."""
    cores(0, 1)
    assert machine.cores_of(0, None) is None


def test_no_core_is_given_twice(cores):
    """More threads than cores are all the cores."""
    cores(0, 1)
    assert machine.cores_of(1, 5) == [1, 0]


def test_the_affinity_is_told_in_order():
    """As many numbers as there are usable cores, each once, ascending."""
    found = machine.affinity()
    assert found == sorted(set(found))
    assert len(found) in (0, machine.usable_cores())


def test_a_system_without_affinity_still_has_cores(monkeypatch):
    """macOS: all cores count, and none has a number."""
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    assert machine.usable_cores() >= 1
    assert machine.affinity() == []


def test_usable_memory_is_the_machines_or_what_a_container_may_have(monkeypatch, tmp_path):
    """The least of what is said; `max` is no limit."""
    for said, usable in (("max", machine.memory_bytes()), (str(2**20), 2**20), (str(2**60), machine.memory_bytes())):
        path = tmp_path / "memory.max"
        path.write_text(said + "\n")
        monkeypatch.setattr(machine, "open", lambda *_: path.open(), raising=False)  # noqa: B023
        assert machine.usable_memory_bytes() == usable
    monkeypatch.setattr(machine, "open", lambda *_: (tmp_path / "nothing").open(), raising=False)
    assert machine.usable_memory_bytes() == machine.memory_bytes()
