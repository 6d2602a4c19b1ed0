"""A case from its first process to its last, with scripted probes: every second is the script's."""

import itertools
import math

import pytest

from tests.workloads.casework import CASE, PREPARED, by_draw, medians_of, run
from tests.workloads.measuring import HERE, a_case, a_plan
from tests.workloads.scripted import ScriptedProbes, forever
from workloads import bundle, estimate, machine, sampler
from workloads.outcome import Record
from workloads.plan import Block, Place, PlannedCase, Sampling
from workloads.reach import Reach
from workloads.sampler import JUDGED_FROM


@pytest.mark.parametrize(("asked", "taken"), [(2, JUDGED_FROM), (JUDGED_FROM, JUDGED_FROM), (7, 7)])
def test_processes_that_agree_are_as_many_as_were_asked_for(asked, taken):
    """Never fewer, however precise they are, nor too few to judge by; no more, as there is nothing left to learn."""
    measured, (ratio,) = run(by_draw(1.0), processes=asked)
    assert [len(line.processes) for line in measured.values()] == [taken, taken]
    assert (ratio.ratio, ratio.low, ratio.high) == pytest.approx((2, 2, 2))


def test_more_processes_are_taken_until_the_interval_is_narrow():
    """The first number of them at which it is within the precision, and not one more."""
    measured, _ = run(by_draw(1.0, 1.02), processes=2, most_processes=50, precision=0.01)
    medians = medians_of(measured["numpy"])
    judged = range(JUDGED_FROM, len(medians) + 1)
    widths = [estimate.half_width(estimate.seconds([[m] for m in medians[:n]])) for n in judged]
    assert JUDGED_FROM < len(medians) < 50
    assert widths[-1] <= 0.01
    assert all(width > 0.01 for width in widths[:-1])


def test_an_imprecise_ratio_asks_for_more_processes_too():
    """Where the sides move against each other, though each is known."""

    def against(seat, draw):
        return forever(1 + (0.005 if (draw % 2) == (seat.variant == "numpy") else -0.005))

    apart, _ = run(against, processes=6, most_processes=30, precision=0.006)
    alone, _ = run(against, case=a_case(), processes=6, most_processes=30, precision=0.006)
    assert len(alone["numpy"].processes) == 6
    assert 6 < len(apart["numpy"].processes) < 30
    assert len(apart["numpy"].processes) == len(apart["jax_jit"].processes)


def test_there_is_a_most_of_processes():
    """However wide the interval still is."""
    measured, _ = run(by_draw(1.0, 2.0), processes=2, most_processes=7, seconds_per_case=5000)
    assert len(measured["numpy"].processes) == 7


def noisy(seat, draw):
    """Samples that differ by much, in processes that do too."""
    return (seconds * (1 + draw % 2 / 4) for seconds in itertools.cycle([1.0, 1.5, 0.7, 1.2]))


@pytest.mark.parametrize("again", [False, True])
def test_the_time_is_shared_by_the_most_processes_that_there_may_be(again):
    """So that many processes are heard, which say more than many samples; twice the time where sides are doubled."""
    case = a_case(again=again)
    measured, _ = run(noisy, case=case, processes=2, most_processes=8, seconds_per_case=400)
    processes = measured["numpy"].processes
    share = 400 / 8 * (1 + again)
    assert [sum(process.samples_seconds) for process in processes] == pytest.approx([share] * len(processes), abs=8)
    assert 7 <= len(processes) <= 8
    assert not any(process.settled for process in processes)


def test_processes_end_when_the_time_is_spent():
    """Each call is so slow that a process takes more than its share: as many as were asked for, and no more."""
    measured, _ = run(by_draw(3.0, 5.0), case=a_case(), processes=4, most_processes=20, seconds_per_case=20)
    assert len(measured["numpy"].processes) == 4


def test_a_slow_case_still_gets_all_its_processes():
    """Each call is longer than the whole time: one round for each process, and never a process fewer."""
    measured, _ = run(by_draw(60.0), processes=3, seconds_per_case=1)
    assert [process.samples_seconds for process in measured["numpy"].processes] == [[60.0, 60.0]] * 3


def test_each_process_draws_its_own_inputs_and_says_what_it_was_prepared_with():
    """The seed is the plan's and the draw's, the same for every variant; phases and memory are those of the answer."""
    probes = ScriptedProbes(by_draw(1.0), prepared=PREPARED)
    measured, _ = run(None, probes=probes, sample_seconds=0.123, most_processes=3)
    asked = probes.asked("prepare")
    assert [(request["variant"], request["seed"]) for request in asked] == [
        (variant, 5 + draw) for draw in range(3) for variant in ("numpy", "jax_jit")
    ]
    assert {request["sample_seconds"] for request in asked} == {0.123}
    process = measured["numpy"].processes[1]
    assert (process.seed, process.peak_bytes, process.device_peak_bytes) == (6, 300, 400)
    assert (process.transfer_in_seconds, process.transfer_out_seconds) == (0.1, 0.2)
    assert (process.import_seconds, process.start_seconds) == (0.1, 0.01)
    assert process.first_call == PREPARED["first_call"]


@pytest.mark.parametrize(
    ("dtype", "wide"), [("float64", True), ("complex128", True), ("int64", True), ("float32", False), ("int32", False)]
)
def test_jax_has_64_bits_where_the_case_has_them(dtype, wide):
    """And only there: it would compute in 32 bits, or promote what has 32, without a word."""
    case = PlannedCase("broadcast_sum", 1, {"n": 2, "dtype": dtype}, "n", 2.0, ["numpy"])
    probes = ScriptedProbes(by_draw(1.0))
    run(None, case=case, probes=probes)
    assert set(probes.widths) == {wide}


def test_processes_beyond_those_asked_for_are_ended_with_their_case():
    """The next case begins with the others, which are there already."""
    probes = ScriptedProbes(by_draw(1.0, 1.5))
    run(None, probes=probes, processes=2, most_processes=4)
    assert probes.dropped == [(variant, draw) for draw in (2, 3) for variant in ("numpy", "jax_jit")]


def test_what_fails_in_a_later_process_has_no_number_and_costs_no_other():
    """A measurement is of all its processes or none; the probe that failed is ended."""
    broken = {"status": "failed", "reason": "as scripted"}

    def script(seat, draw):
        return forever(broken if (seat.variant, draw) == ("jax_jit", 1) else 1.0)

    probes = ScriptedProbes(script)
    measured, ratios = run(None, probes=probes, most_processes=3)
    assert (measured["jax_jit"].status, measured["jax_jit"].reason) == ("failed", "as scripted")
    assert measured["jax_jit"].seconds is None
    assert len(measured["numpy"].processes) == 3
    assert ratios == []
    assert probes.dropped == [("jax_jit", 1)]
    assert [request["variant"] for request in probes.asked("prepare")] == ["numpy", "jax_jit"] * 2 + ["numpy"]


def test_a_place_that_is_not_as_asked_is_never_prepared():
    """Nothing is computed there, so nothing can be timed by mistake."""
    probes = ScriptedProbes(by_draw(1.0), started={"found": {"numpy": "2.0"}})
    plan = a_plan([CASE], [Place("pinned", "python", {"numpy": "1.0"})])
    found = sampler.measure_block(plan, Block(CASE), probes, Reach(None))
    assert {line.status for line in found} == {"misplaced"}
    assert probes.events == []


def test_the_largest_error_of_all_processes_is_told():
    """As JSON can carry it, where it is infinite; with the status that it led to."""
    errors = [1e-7, 1e-5, 1e-6]
    drawn = ScriptedProbes(by_draw(1.0), prepared=lambda draw: {"max_error": errors[draw % 3]})
    measured, _ = run(None, case=a_case(), probes=drawn)
    assert measured["numpy"].max_error == 1e-5
    wrong = {"status": "disagrees", "reason": "relative error inf", "max_error": math.inf}
    measured, _ = run(None, case=a_case(), probes=ScriptedProbes(by_draw(1.0), prepared=wrong))
    assert (measured["numpy"].status, measured["numpy"].max_error) == ("disagrees", pytest.approx(1.797e308, rel=1e-3))


@pytest.mark.parametrize(("compile_seconds", "asked"), [(0.5, 2), (11.0, 0), (None, 0)])
def test_the_compiler_is_asked_once_and_only_where_it_is_quick(compile_seconds, asked):
    """After the first process of each side; what compiles for long is not compiled again to be analysed."""
    prepared = {**PREPARED, "first_call": {"seconds": 20.0, "compile_seconds": compile_seconds}}
    probes = ScriptedProbes(by_draw(1.0), prepared=prepared)
    measured, _ = run(None, probes=probes)
    assert len(probes.asked("analyse")) == asked
    assert measured["jax_jit"].xla == ({"flops": 1.0} if asked else None)


@pytest.fixture
def cores(monkeypatch):
    """A machine of two cores, of these numbers."""
    monkeypatch.setattr(machine, "affinity", lambda: [3, 5])
    monkeypatch.setattr(machine, "usable_cores", lambda: 2)


def test_all_sides_of_a_process_are_called_from_one_core_and_those_of_the_next_from_another(cores):
    """Cores differ in speed: the same for every side, and no core decides alone."""
    probes = ScriptedProbes(by_draw(1.0))
    run(None, probes=probes, processes=5)
    called = {name: core for name, what, core in probes.events if what == "call_from"}
    assert called == {f"{name} {draw}": {(3, 5)[draw % 2]} for draw in range(5) for name in ("numpy", "jax_jit")}


def test_sides_with_cores_of_their_own_are_left_on_them(cores):
    """Where threads are given, the probe was started there, and says so."""
    probes = ScriptedProbes(by_draw(1.0), started={"cores": [3]})
    measured, _ = run(None, case=a_case(), probes=probes, threads=1, processes=1, most_processes=1)
    assert [what for _, what, _ in probes.events if what == "call_from"] == []
    assert measured["numpy"].processes[0].cores == [3]


def test_sides_that_exchange_their_cores_have_all_of_them(cores):
    """At once: each has been on each, and the bundle does not say otherwise."""
    probes = ScriptedProbes(by_draw(1.0), started={"cores": [3]})
    settings = {"threads": 1, "at_once": True, "processes": 1, "most_processes": 1}
    measured, _ = run(None, probes=probes, **settings)
    assert {(line.sampled, *line.processes[0].cores) for line in measured.values()} == {("at_once", 3, 5)}


CPU = Record(device="cpu")


@pytest.mark.parametrize(
    ("settings", "records", "cores", "together"),
    [
        ({"threads": 1, "at_once": True}, [CPU, CPU], 2, True),
        ({"threads": 1, "at_once": False}, [CPU, CPU], 2, False),
        ({"threads": 2, "at_once": True}, [CPU, CPU], 4, True),
        ({"threads": 2, "at_once": True}, [CPU, CPU], 3, False),
        ({"threads": 1, "at_once": True}, [CPU, CPU, CPU], 2, False),
        ({"threads": 1, "at_once": True}, [CPU], 2, False),
        ({"threads": 1, "at_once": True}, [CPU, Record(device="cuda:H100")], 2, False),
    ],
)
def test_sides_are_sampled_at_once_only_where_each_has_cores_of_its_own(
    monkeypatch, settings, records, cores, together
):
    """Two sides on a CPU at least, and enough cores for all; a side on a GPU is none of them."""
    monkeypatch.setattr(sampler.machine, "usable_cores", lambda: cores)
    assert sampler.can_be_at_once(Sampling(**settings), records) == together


def test_an_environment_that_cannot_start_is_a_hole_not_a_crash():
    """`false` is no interpreter: every seat of it fails with a reason, and the run goes on."""
    plan = a_plan([CASE], [Place("broken", "/bin/false"), HERE])
    reported = []
    assert sampler.measure(plan, [Block(CASE)], reported.extend)
    found = [(line.environment, line.status) for line in reported if isinstance(line, bundle.Measurement)]
    assert found == [("broken", "failed")] * 2 + [("current", "measured")] * 2
    assert "exit code 1" in reported[0].reason
