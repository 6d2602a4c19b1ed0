"""What is to be measured is checked before anything is."""

import json
from dataclasses import asdict, replace

import pytest

from tests.workloads.measuring import a_case, a_plan
from workloads import machine
from workloads.plan import Place, Plan, Sampling, check_at_once, checked, choose_cases, read_plan, with_again
from workloads.workload import WorkloadError


def test_a_ladder_is_taken_whole_or_in_part():
    """None: all sizes; else the ones that are named, in the ladder's order."""
    assert [case.size for case in choose_cases({"matrix_chain": None})] == [8, 32, 128, 256, 512, 1024]
    assert [case.size for case in choose_cases({"matrix_chain": [512, 32]})] == [32, 512]


def test_a_chosen_size_leaves_out_workloads_that_lack_it():
    """`--size 1000000` is a size of one workload of two."""
    chosen = choose_cases({"matrix_chain": None, "elementwise_chain": None}, sizes=[1_000_000])
    assert [case.workload for case in chosen] == ["elementwise_chain"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sizes": [17]}, "no size 17 here. Known: 8, 32"),
        ({"variants": ["torch"]}, "no variant 'torch'. Known here: jax_eager, jax_jit, numpy"),
    ],
)
def test_what_no_workload_has_is_named_with_what_they_have(wrong, said):
    """An unknown size or variant measures nothing at all."""
    with pytest.raises(WorkloadError, match=said):
        choose_cases({"matrix_chain": None}, **wrong)


def test_a_plan_survives_json():
    """It is handed to the measuring process, and resumed from, as a file; what is measured again too."""
    plan = Plan("r", "s", choose_cases({"matrix_chain": [32]}), [Place("p", "python", {"numpy": "2"})], 5, Sampling(2))
    for one in (plan, with_again(plan, 1)):
        assert read_plan(json.loads(json.dumps(asdict(one)))) == one


def test_the_public_plan_names_no_path():
    """A bundle leaves this machine; its paths do not."""
    plan = Plan("r", "s", [], [Place("p", "/secret/bin/python")], 5)
    assert "/secret" not in json.dumps(plan.public())
    assert plan.public()["environments"] == ["p"]


def some_places():
    """An axis of NumPy in one group, one of JAX in two, with the anchor again in the second."""
    return [
        Place("numpy==2", "python", measures="numpy", anchor=True),
        Place("numpy==1", "python", measures="numpy"),
        Place("jax==3", "python", measures="jax", group=1, anchor=True),
        Place("jax==1", "python", measures="jax", group=1),
        Place("jax==3 (group 2)", "python", measures="jax", group=2, anchor=True, again=True),
        Place("jax==2", "python", measures="jax", group=2),
    ]


def test_what_is_sampled_side_by_side_is_one_case_in_one_group():
    """All groups of a workload before the next one begins, and of each group all its sizes."""
    plan = Plan("r", "s", choose_cases({"matrix_chain": [8, 32], "broadcast_sum": [2]}), some_places(), 5)
    assert [(block.case.workload, block.group, block.case.size) for block in plan.blocks()] == [
        ("matrix_chain", 0, 8),
        ("matrix_chain", 0, 32),
        ("matrix_chain", 1, 8),
        ("matrix_chain", 1, 32),
        ("matrix_chain", 2, 8),
        ("matrix_chain", 2, 32),
        ("broadcast_sum", 0, 2),
        ("broadcast_sum", 1, 2),
        ("broadcast_sum", 2, 2),
    ]


def test_a_place_may_measure_one_library_only():
    """And the anchor takes part in each of its groups, as a noise floor's second place does not."""
    plan = Plan("r", "s", choose_cases({"broadcast_sum": [2]}), some_places(), 5)
    sides = [[(place.name, variant) for place, variant in plan.variants_of(block)] for block in plan.blocks()]
    assert sides == [
        [("numpy==2", "numpy"), ("numpy==1", "numpy")],
        [(name, variant) for name in ("jax==3", "jax==1") for variant in ("jax_eager", "jax_jit")],
        [(name, variant) for name in ("jax==3 (group 2)", "jax==2") for variant in ("jax_eager", "jax_jit")],
    ]


def test_a_group_without_a_variant_of_a_case_has_no_turn():
    """Only NumPy's variant is chosen: JAX's releases have nothing to do."""
    plan = Plan("r", "s", choose_cases({"broadcast_sum": [2]}, variants=["numpy"]), some_places(), 5)
    assert [block.group for block in plan.blocks()] == [0]


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(machine, "affinity", lambda: [0, 1])


@pytest.mark.parametrize(
    "kept_to", [{}, {"threads": 1}, {"threads": 2}, {"threads": 1, "at_once": True}, {"memory_bytes": 1}]
)
def test_settings_that_can_be_kept_to_are_left_as_they_are(two_cores, kept_to):
    """All cores, one each, both sides at once."""
    assert checked(Sampling(**kept_to)) == Sampling(**kept_to)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        *(({name: 0}, f"{name} must be greater than 0") for name in ("processes", "seconds_per_case", "precision")),
        *(({name: -1}, f"{name} must be greater than 0") for name in ("timeout_seconds", "sample_seconds")),
        *(({name: 0}, f"{name} must be greater than 0") for name in ("threads", "memory_bytes", "run_limit_seconds")),
        ({"precision": float("nan")}, "precision must be greater than 0"),
        ({"threads": 3}, "threads is 3, and there are 2 cores"),
        ({"at_once": True}, "at once needs a number of threads"),
    ],
)
def test_settings_that_cannot_be_kept_to_are_refused(two_cores, wrong, said):
    """Before anything is measured, with what is wrong."""
    with pytest.raises(WorkloadError, match=said):
        checked(Sampling(**wrong))


@pytest.mark.parametrize(
    ("variants", "again", "threads", "needed"),
    [(1, 0, 2, None), (2, 0, 1, None), (2, 0, 2, 4), (3, 0, 1, 3), (1, 1, 1, None), (2, 1, 1, 4)],
)
def test_sides_that_cannot_all_have_cores_of_their_own_are_refused(monkeypatch, variants, again, threads, needed):
    """Two cores: variants count, and places where a case is measured again. Else it would be in turn, silently."""
    monkeypatch.setattr(machine, "usable_cores", lambda: 2)
    plan = a_plan([a_case(variants=["numpy"] * variants)], threads=threads, at_once=True)
    plan = with_again(plan, again)
    if needed is None:
        assert check_at_once(plan) == plan
    else:
        with pytest.raises(WorkloadError, match=f"at once needs {needed} cores .* there are 2"):
            check_at_once(plan)
    in_turn = replace(plan, settings=replace(plan.settings, at_once=False))
    assert check_at_once(in_turn) == in_turn


def test_a_system_that_keeps_nothing_on_a_core_refuses_threads(monkeypatch):
    """macOS: without threads it measures all the same."""
    monkeypatch.setattr(machine, "affinity", list)
    checked(Sampling())
    with pytest.raises(WorkloadError, match="leave threads out"):
        checked(Sampling(threads=1))


def ladder(count, seed=5):
    return replace(a_plan([a_case(n=n) for n in range(1, count + 1)]), seed=seed)


def test_chosen_cases_are_measured_against_themselves():
    """So many of them, in a second place that is the first one again; the others only once."""
    plan = with_again(ladder(6), 2)
    assert sum(case.again for case in plan.cases) == 2
    assert [case.size for case in plan.cases] == [1, 2, 3, 4, 5, 6]
    first, again = plan.places
    assert (first.again, again.again) == (False, True)
    assert again == replace(first, name="current (again)", again=True)


def test_other_cases_are_chosen_in_another_run():
    """By the run's seed: each comes up in time, and a run that is gone on with has the same ones."""

    def chosen(seed):
        return frozenset(case.size for case in with_again(ladder(6, seed), 2).cases if case.again)

    assert chosen(1) == chosen(1)
    assert len({chosen(seed) for seed in range(20)}) > 5
    assert set().union(*map(chosen, range(20))) == {1, 2, 3, 4, 5, 6}


def test_no_more_are_chosen_than_there_are():
    """Nor fewer than none; and a plan that has its second place gets no third."""
    assert all(case.again for case in with_again(ladder(3), 99).cases)
    assert with_again(ladder(3), 0) == ladder(3)
    assert with_again(ladder(3), -1) == ladder(3)
    once = with_again(ladder(3), 1)
    assert with_again(once, 3) == once
