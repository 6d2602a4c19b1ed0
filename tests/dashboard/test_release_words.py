"""What releases did, in words."""

from urllib.parse import parse_qs

import pytest

from dashboard import data, release_words, releases
from tests.builders import a_trend
from tests.dashboard.apps import words
from tests.dashboard.backfilled import BOTH, FLAT, SPIKE, TRENDS, backfilled


@pytest.fixture
def read(url):
    """The trends and facts of one library of a backfill."""

    def reading(*trends, library="JAX", **said):
        backfilled(url, *trends, **said)
        version = data.version()
        return releases.of_library(data.trends(version, 1), data.release_facts(version, 1), library)

    return reading


def told(trends, facts):
    frame = releases.through(trends, facts)
    return words(release_words.answer(trends, frame, releases.STEADY))


def test_the_answer_tells_every_step(read):
    """Of which case and variant, how much, with which release, and what came of it altogether."""
    assert told(*read(a_trend(SPIKE, workload="scan_products"))) == (
        "scan_products, n=1,024 float32, compiled JAX: 16.0× slower with 0.4.33 [15.7, 16.3] (was 0.4.31), "
        "5.0× faster with 0.4.34 [4.9, 5.1] (was 0.4.33), 3.2× faster with 0.10.2 [3.1, 3.3] (was 0.4.34). "
        "Altogether, from 0.4.30 to 0.10.2, no difference above 10 % is sure."
    )


def test_what_releases_come_to_altogether_is_told(read):
    """From the oldest to the newest; also where no single step is sure."""
    creeping = dict(zip(SPIKE, (1.31, 1.23, 1.15, 1.07, 1.0), strict=True))
    text = told(*read(a_trend(creeping, spread=0.01)))
    assert "no step above 10 % in 5 releases" in text
    assert text.endswith("Altogether 1.31× faster with 0.10.2 than with 0.4.30 [1.30, 1.32].")


def test_a_case_that_never_changed_has_a_short_answer(read):
    """Nothing to add up either."""
    assert told(*read(a_trend(FLAT))) == (
        "broadcast_sum, n=1,024 float32, compiled JAX: no step above 10 % in 5 releases."
    )


def test_each_variant_is_answered_the_compiled_one_first(read):
    """In a paragraph of its own."""
    text = told(*read(a_trend(FLAT, "jax_eager"), a_trend(FLAT)))
    assert [paragraph.split(": ")[0].split(", ")[-1] for paragraph in text.split("\n\n")] == [
        "compiled JAX",
        "eager JAX",
    ]


def test_releases_without_a_number_are_told_with_their_reason(read):
    """Those with the same reason together."""
    text = told(*read(a_trend({**FLAT, "0.4.31": None, "0.4.34": None})))
    assert text.endswith("in 3 releases. No number with 0.4.31, 0.4.34: failed: it broke.")


def test_a_figure_without_an_interval_is_told_at_its_ends(read):
    """And where it was largest; of steps nothing is said, because none is sure."""
    trends, facts = read(a_trend(FLAT))
    frame = releases.through(trends, facts)
    told = words(release_words.answer(trends, frame.assign(first_call_seconds=[1, 2, 9, 4, 5]), releases.FIRST_CALL))
    assert (
        told
        == "The first call of compiled JAX took 1.0 s with 0.4.30 and 5.0 s with 0.10.2, at most 9.0 s with 0.4.33."
    )
    alone = releases.alone(trends, facts)
    assert words(release_words.course(alone, releases.INSTALL)) == (
        "JAX and what it needs took 101 MB with 0.4.30 and 105 MB with 0.10.2."
    )
    missing = alone.assign(installed_bytes=float("nan"))
    assert words(release_words.course(missing, releases.INSTALL)) == "Of JAX this was not recorded."


def test_legends_say_what_is_drawn(read):
    """The anchor by name; that there is no interval where there is none."""
    trends, facts = read(a_trend(FLAT))
    frame = releases.through(trends, facts)
    assert "beside 0.10.2" in words(release_words.legend(frame, releases.STEADY))
    assert "without an interval" in release_words.legend(frame, releases.FIRST_CALL)
    assert "unpacked" in release_words.legend(frame, releases.INSTALL)


def test_where_it_comes_from(read):
    """Machine, time, number of releases, Python; and how many measurements were disturbed."""
    trends, facts = read(*TRENDS, places=BOTH)
    run = data.backfills(data.version()).to_dict("records")[0]
    frame = releases.through(trends[:1], facts)
    assert words(release_words.provenance(run, frame)) == (
        "Measured on vm, 2026-03-01 02:00 UTC: 5 releases of JAX on Python 3.11.7, each with the packages of its day."
    )
    busy = frame.assign(disturbed=["others used 1 core", "", "", "", ""])
    assert "during 1 of 5 measurements (~)." in words(release_words.provenance(run, busy))


def test_the_release_with_the_largest_step_leads_the_overview(read):
    """The same sentence as the command prints."""
    trends, _ = read(*TRENDS, places=BOTH)
    assert words(release_words.headline(trends)) == (
        "JAX 0.4.33: slower in 1 of 3 cases, at worst 16.0× (scan_products); faster in 0. "
        "3 of 5 releases changed something by more than 10 %."
    )


def test_the_largest_step_may_be_a_gain(read):
    """And where nothing changed, that is said."""
    trends, _ = read(*TRENDS, places=BOTH, library="NumPy")
    assert words(release_words.headline(trends)).startswith("NumPy 2.0.2: slower in 0 of 1 cases; faster in 1")
    flat = [trend for trend in trends if not trend.steps]
    assert "No step above 10 % in any of 0 cases" in words(release_words.headline(flat))


def test_the_overview_leads_to_each_case(read):
    """The newest release first; a link with the choices that show the case."""
    trends, facts = read(*TRENDS, places=BOTH)
    table = release_words.overview(trends, facts, machine="a b&c", library="JAX")
    assert [words(cell) for cell in table["Release"]] == [
        "0.10.2 2024-01-05",
        "0.4.34 2024-01-04",
        "0.4.33 2024-01-03",
    ]
    assert words(table["What it changed"].iloc[0]).startswith("faster in 1 of 3: [scan_products]")
    cell = table["What it changed"].iloc[2]
    assert words(cell).startswith("slower in 1 of 3: [scan_products]")
    assert cell.endswith(") 16.0×")
    query = parse_qs(cell.split("(?")[1].split(")")[0])
    assert query == {
        "machine": ["a b&c"], "library": ["JAX"], "workload": ["scan_products"], "case": ["n=1,024 float32"],
    }  # fmt: skip


def test_a_long_list_of_cases_is_cut(read):
    """The largest are named, the others counted."""
    trends, facts = read(*(a_trend(SPIKE, workload=f"w{k}") for k in range(7)))
    cell = release_words.overview(trends, facts)["What it changed"].iloc[2]
    assert cell.count("](?") == release_words.MOST_LINKS
    assert cell.endswith("and 3 more")
    assert words(cell).startswith("slower in 7 of 7: ")


def test_where_there_is_nothing_it_says_what_to_type(read):
    """And where there is something, if there is."""
    read(*TRENDS, places=BOTH, machine="a_box")
    text = release_words.nothing_yet(data.backfills(data.version()))
    assert "`crossover backfill --jax 0.4.30..`" in text
    assert "`crossover demo`" in text
    assert "There is one of a\\_box" in text
    assert "There is one" not in release_words.nothing_yet(data.backfills(data.version()).iloc[:0])
