"""A machine whose every name is markup, as long as storage takes it, for the tests of what the pages make of it."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import a_measurement, a_ratio, a_trend, an_environment, ratios_to_numpy, some_releases, stored
from tests.dashboard import nightly
from tests.dashboard.backfilled import SPIKE, backfilled

HOSTILE = (
    "<b>b</b><script>alert(1)</script><img src=x onerror=alert(2)>:red[x] **b** [l](http://example.org) " + "W" * 120
)[:120]
LONG = (HOSTILE * 40)[:4000]  # what is no name may have more characters
SIZES = (10, 100, 1000)
CASE = {"n": 10, HOSTILE: HOSTILE}
NAMED = {"workload": HOSTILE, "environment": HOSTILE}
#: What JAX found of itself, from night to night.
JAX = [f"{night // 2}{HOSTILE[:90]}" for night in range(len(nightly.STEADY))]
LEVELS = {"numpy": nightly.STEADY, "jax_jit": nightly.SLOWER, HOSTILE: [2e-3] * len(JAX)}


def flips(**said):
    """NumPy is faster at the smallest size, and slower from the next on."""
    return [
        *(a_measurement("numpy", n, n * 1e-6, **said) for n in SIZES),
        *(a_measurement("jax_jit", n, 4e-5, **said) for n in SIZES),
    ]


def releases(url: str, **said) -> None:
    """A backfill of one trend."""
    odd = {**dict(list(SPIKE.items())[:-1]), HOSTILE[:90]: 1.0}
    # what an environment was built from is checked, what its probe found there may be any text
    places = [{**place, "resolution": []} for place in some_releases(list(odd))]
    backfilled(url, a_trend(odd, workload=HOSTILE, case=CASE), places=places, machine=HOSTILE, **said)


def nights(url: str) -> None:
    """Three variants in a track, in the weeks before all else; each two nights another JAX."""
    before = {"first": nightly.FIRST - timedelta(days=20), "track": HOSTILE, "request": ""}
    nightly.nights(url, LEVELS, JAX, machine=HOSTILE, line={**NAMED, "n": 1000, "disturbed": LONG}, **before)


def run(url: str) -> None:
    """Two environments beside each other, at three sizes."""
    lines = [*flips(**NAMED), *(a_measurement(HOSTILE, n, 1e-5, **NAMED) for n in SIZES)]
    lines.append(a_measurement("jax_eager", 10, status="failed", reason=HOSTILE, **NAMED))
    beside = [a_measurement(line.variant, int(line.size), 1e-5, workload=HOSTILE) for line in lines[:-1]]
    ratios = [*ratios_to_numpy(lines), *(a_ratio(*pair) for pair in zip(beside, lines, strict=False))]
    places = [an_environment(HOSTILE), an_environment("current")]
    stored(url, [*lines, *beside], ratios, machine=HOSTILE, suite=HOSTILE, environments=places)
