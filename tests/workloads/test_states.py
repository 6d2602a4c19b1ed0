"""A state that calls hand on, donation, and results that are compared by a view of them: in a real probe."""

import pytest

from workloads import outside, probe, suite
from workloads.workload import Workload, WorkloadError

COUNTER = '''
"""Adds 1 to every element of a state, and returns the step beside it."""
import numpy as np
from workloads.workload import Workload

workload = Workload(version=1, cases=[{"n": 4, "dtype": "float32"}], carry=1)

@workload.inputs
def zeros(rng, n, dtype):
    return np.zeros(n, dtype), np.ones((), dtype)

@workload.variant("numpy")
def with_numpy():
    def add(state, step):
        state += step
        return state, step
    return add

@workload.variant("numpy_writes_elsewhere")
def with_mistake():
    def add(state, step):
        step += 1
        return state + step, step
    return add

@workload.variant("jax_jit_donated", requires=["jax"], donates=True)
@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_jax():
    return lambda state, step: (state + step, step)
'''

DRAWS = '''
"""Draws numbers that no other library draws."""
import numpy as np
from workloads.workload import Workload

workload = Workload(version=1, cases=[{"n": 100, "dtype": "float32"}])

@workload.inputs
def nothing(rng, n, dtype):
    return (np.zeros(n, dtype),)

@workload.compared
def facts(x):
    return np.array(x.shape), np.abs(x.mean()) < 1

def drawn(seed, shift):
    rng = np.random.default_rng(seed)
    return lambda x: rng.standard_normal(len(x), dtype=x.dtype) + np.float32(shift)

workload.variant("numpy")(lambda: drawn(1, 0))
workload.variant("numpy_other")(lambda: drawn(2, 0))
workload.variant("numpy_shifted")(lambda: drawn(2, 3))
workload.variant("numpy_two")(lambda: lambda x: (x, x))
workload.variant("numpy_fewer")(lambda: lambda x: drawn(2, 0)(x[1:]))
'''


@pytest.fixture
def prepare(tmp_path, monkeypatch):
    """Prepare a variant of a file in a probe of this process."""
    monkeypatch.setattr(probe.memory, "limit", lambda size: None)

    def prepare(text, variant):
        path = tmp_path / "my.py"
        path.write_text(text.lstrip())
        served = probe.Probe()
        mode = "numpy" if variant.startswith("numpy") else "jax_jit" if "jit" in variant else "jax_eager"
        assert served.start(mode, None, [], None)["status"] == "ready"
        case = {"n": 100 if text == DRAWS else 4, "dtype": "float32"}
        request = {"workload": outside.name_of(path), "case": case, "variant": variant, "seed": 1, "file": str(path)}
        return served, probe.answer(served, {"do": "prepare", "sample_seconds": 1e-4, **request})

    return prepare


def test_a_jax_variant_that_numpy_computes_gets_no_number(prepare):
    """Given JAX's arrays NumPy computes too, and would be timed under JAX's name."""
    ours = "lambda state, step: (state + step, step)"
    assert ours in COUNTER
    _, answer = prepare(COUNTER.replace(ours, "lambda state, step: (np.add(np.asarray(state), 1), step)"), "jax_eager")
    assert answer["status"] == "disagrees"
    assert answer["reason"].startswith("returns what JAX did not compute")


@pytest.mark.parametrize("variant", ["numpy", "jax_eager", "jax_jit", "jax_jit_donated"])
@pytest.mark.filterwarnings("ignore:Some donated buffers were not usable")
def test_a_state_goes_from_call_to_call(prepare, variant):
    """The result agrees on fresh inputs though NumPy overwrites them; what is called next gets what came back."""
    served, answer = prepare(COUNTER, variant)
    assert answer["status"] == "ready", answer
    before = float(served._prepared[1]()[0][0])
    served.sample(calls=3, timings=2)
    assert float(served._prepared[1]()[0][0]) == before + 6
    if "jit" in variant:
        assert served.analyse()["xla"]["flops"] is not None


def test_what_is_no_state_cannot_be_written_to(prepare):
    """And the author is told how to mend it."""
    _, answer = prepare(COUNTER, "numpy_writes_elsewhere")
    assert answer["status"] == "failed"
    assert "read-only (my.py, line 21): it writes into its inputs" in answer["reason"]


def test_only_a_compiled_state_can_be_donated():
    """Anything else would be an option without effect."""
    workload = Workload(version=1, cases=[{"n": 4}], carry=1)
    for name in ("numpy", "jax_eager"):
        with pytest.raises(WorkloadError, match=f"variant {name} donates: that needs jax_jit, and a state"):
            workload.variant(name, donates=True)(lambda: abs)
    with pytest.raises(WorkloadError, match="donates: that needs jax_jit, and a state"):
        Workload(version=1, cases=[{"n": 4}]).variant("jax_jit", donates=True)(lambda: abs)


@pytest.mark.parametrize(
    ("variant", "status", "reason"),
    [
        ("numpy_other", "ready", ""),
        ("numpy_shifted", "disagrees", "relative error"),
        ("numpy_fewer", "disagrees", "relative error"),
        ("numpy_two", "disagrees", "could not be compared: TypeError"),
    ],
)
def test_what_is_compared_may_be_a_view_of_the_results(prepare, variant, status, reason):
    """Other numbers of the same distribution agree; another distribution, or another shape, does not."""
    answer = prepare(DRAWS, variant)[1]
    assert answer["status"] == status
    assert reason in answer.get("reason", "")


def test_the_view_of_random_draws_sees_another_distribution():
    """Those of the suite: uniform numbers of the same mean and spread are not normal ones."""
    import numpy as np

    from workloads import agreement

    workload = suite.load("normal_draws")
    normal = np.random.default_rng(1).standard_normal(10_000, dtype=np.float32)
    uniform = ((np.random.default_rng(1).random(10_000, dtype=np.float32) - 0.5) * np.float32(12**0.5)).astype(
        "float32"
    )
    assert agreement.compare(normal, normal[::-1], workload.tolerance, workload.view).agrees
    assert not agreement.compare(normal, uniform, workload.tolerance, workload.view).agrees
