"""What is to be measured is checked before anything is."""

import json
from dataclasses import asdict

import pytest

from workloads.plan import Place, Plan, Sampling, choose_cases, read_plan
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
    """It is handed to the measuring process, and resumed from, as a file."""
    plan = Plan("r", "s", choose_cases({"matrix_chain": [32]}), [Place("p", "python", {"numpy": "2"})], 5, Sampling(2))
    assert read_plan(json.loads(json.dumps(asdict(plan)))) == plan


def test_the_public_plan_names_no_path():
    """A bundle leaves this machine; its paths do not."""
    plan = Plan("r", "s", [], [Place("p", "/secret/bin/python")], 5)
    assert "/secret" not in json.dumps(plan.public())
    assert plan.public()["environments"] == ["p"]
