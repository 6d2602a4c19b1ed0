"""Every page on the history that ships, in a real Chromium: it answers, draws, and complains of nothing."""

import os
import re
from pathlib import Path

import pytest

from flows import deriving
from storage import database
from tests.dashboard.browsing import PAGES, chromium, opened, served, settle, words

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None and not os.environ.get("CI"), reason="no Chromium on the PATH"),
]

EXAMPLES = Path(__file__).parents[2] / "examples"

#: A part of what each page answers there, and how many charts it draws.
ANSWERS = {
    "tonight": (r"On vm compiled JAX takes [\d.]+× the time of NumPy", 1),
    "numpy_vs_jax": (r"Compiled JAX against NumPy: ", 2),
    "break_even": (r"its first call has paid off from", 1),
    "decide": (r"Use (NumPy|compiled JAX|eager JAX): 1,000 calls take|It does not matter|Not enough evidence", 1),
    "trends": (r"[Tt]oo few (days|nights)|In the last \d+ nights", 1),
    "releases": (r"slower with 0\.4\.33", 1),
    "compare": (r"Is it safe to upgrade\?", 2),
    "changes": (r"\d+ changes on vm: \d+ slower, \d+ faster", 1),
    "machines": (r"vm: AMD EPYC, 2 cores", 0),
    "runs": (r"The last run on vm", 0),
    "trust": (r"[Tt]old|tell", 1),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('shipped')}/crossover.db"
    engine = database.open_database(url)
    for bundle in sorted([*EXAMPLES.glob("*.jsonl*"), *EXAMPLES.glob("*/*.jsonl.gz")]):
        deriving.store(engine, bundle)
    engine.dispose()
    with served(url) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    with opened() as chrome:
        yield chrome


def test_every_page_is_looked_at():
    """None is left out of the table above."""
    assert set(ANSWERS) == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_answers_and_draws(browser, address, name):
    """In words, then in a chart; no figure is missing in a sentence, and the console has no error."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    wrong = []
    page.on("weberror", lambda error: wrong.append(str(error.error)))
    page.goto(f"{address}/{PAGES[name]}")
    settle(page)
    answer, charts = ANSWERS[name]
    assert re.search(answer, words(page))
    assert page.locator(".js-plotly-plot").count() >= charts  # settled: each has drawn something
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b|NaT", words(page))
    assert wrong == []
    page.close()
