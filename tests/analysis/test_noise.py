"""Noise floors: what an interval around 1 hides."""

import math

import pytest

from analysis import noise
from analysis.noise import advice, floors
from workloads import meanwhile


def test_floors_of_a_machine_are_their_median_and_their_worst():
    """The spread is of the ratios themselves, known or not."""
    found = floors([(1.0, 0.99, 1.01), (1.02, 0.98, 1.06), (0.9, None, None)])
    assert found.typical == pytest.approx(((1 / 0.99 - 1) + 0.06) / 2)
    assert found.worst == pytest.approx(0.06)
    assert found.spread == pytest.approx(math.sqrt((math.log(1.02) ** 2 + math.log(0.9) ** 2) / 3))


def test_nothing_measured_has_no_floor():
    """Not a floor of zero."""
    assert vars(floors([])) == {"typical": None, "worst": None, "spread": None}


QUIET = {"governor": "performance", "clock_source": "tsc", "turbo": False, "isolated_cores": "1"}


def test_a_quiet_machine_is_left_alone():
    """No advice for its own sake."""
    assert advice(QUIET, [{"others_share": 0.05, "steal_share": 0.0}], cores=4) == []


@pytest.mark.parametrize(
    ("conditions", "state", "said"),
    [
        ({"governor": "powersave"}, {}, "performance"),
        ({"turbo": True}, {}, "Turbo"),
        ({"hyper_threading": True}, {}, "Hyper-threading"),
        ({"clock_source": "hpet"}, {}, "hpet"),
        ({"swap_used_bytes": 4096}, {}, "Swap"),
        ({"battery": True}, {}, "battery"),
        ({"virtual": True}, {}, "Virtual"),
        ({}, {"others_share": 0.4}, "up to 40% of the cores"),
        ({}, {"steal_share": 0.1}, "10% of the time"),
        ({}, {"throttled": 3}, "Throttling"),
    ],
)
def test_each_disturbance_has_its_advice(conditions, state, said):
    """One sentence that names it."""
    sentences = advice({**QUIET, **conditions}, [{}, state], cores=4)
    assert len(sentences) == 1
    assert said in sentences[0]


def test_pinning_is_advised_where_there_are_cores_to_isolate():
    """Two cores are too few to give one away."""
    conditions = {name: value for name, value in QUIET.items() if name != "isolated_cores"}
    assert "Pinning" in advice(conditions, [], cores=8)[0]
    assert advice(conditions, [], cores=2) == []


def test_what_is_advised_against_is_what_marks_a_measurement():
    """One threshold, in two rooms that may not know each other."""
    assert (noise.OTHERS_SHARE, noise.STEAL_SHARE) == (meanwhile.OTHERS_SHARE, meanwhile.STEAL_SHARE)


def test_a_false_alarm_is_an_interval_without_1():
    """With Wilson's interval of their share, as tables have it; what has no interval is not counted."""
    ratios = [(0.98, 1.02)] * 18 + [(1.01, 1.05), (0.9, 0.99), (None, None)]
    found = noise.false_alarms(ratios)
    assert (found.false, found.compared, found.share) == (2, 20, 0.1)
    assert (found.low, found.high) == (pytest.approx(0.0279, abs=1e-4), pytest.approx(0.3010, abs=1e-4))
    assert noise.false_alarms([(0.9, 1.1)] * 3).low == pytest.approx(0)
    assert noise.false_alarms([(None, None)]) is None
