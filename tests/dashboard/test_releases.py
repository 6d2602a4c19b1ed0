"""The frames of releases."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from dashboard import data, releases
from tests.builders import a_process, a_trend
from tests.dashboard.backfilled import BOTH, FLAT, JAX, SPIKE, TRENDS, backfilled


@pytest.fixture
def read(url):
    """The trends and facts of a backfill of some trends."""

    def reading(*trends, **said):
        backfilled(url, *trends, **said)
        version = data.version()
        return data.trends(version, 1), data.release_facts(version, 1)

    return reading


def test_facts_are_of_each_release_once_the_oldest_first(read):
    """The anchor, which stands first in every group, is the newest."""
    _, facts = read(*TRENDS, places=BOTH)
    found = facts[facts["library"] == "jax"]
    assert list(found["release"]) == list(SPIKE)
    assert list(found["anchor"]) == [False] * 4 + [True]
    assert list(found["appeared"].dt.day) == [1, 2, 3, 4, 5]
    assert list(found["installed_bytes"] / 1e6) == [101, 102, 103, 104, 105]
    assert list(found["download_bytes"] / 1e6) == [1, 2, 3, 4, 5]


def test_facts_that_nobody_told_are_absent(read):
    """A bundle from outside may have anything there: no date, no sizes, no import time."""
    odd = [{**place, "resolution": [], "import_seconds": {}} for place in JAX]
    odd = [{**place, "found": {**place["found"], "package_bytes": "many"}} for place in odd]
    resolution = [{"name": "jax", "version": "1", "sha256": "0" * 64, "uploaded": 7, "download_bytes": "x"}]
    odd[1] = {**odd[1], "resolution": resolution, "found": {**odd[1]["found"], "package_bytes": {"jax": "x"}}}
    _, facts = read(a_trend(FLAT), places=odd)
    assert facts[["import_seconds", "installed_bytes", "download_bytes", "appeared"]].isna().all(axis=None)


def test_choices_are_what_there_is(read):
    """Libraries, workloads and cases by name; a page opens on the largest step."""
    trends, facts = read(*TRENDS, places=BOTH)
    assert releases.libraries(trends) == ["JAX", "NumPy"]
    of_jax, of_jax_facts = releases.of_library(trends, facts, "JAX")
    assert releases.workloads(of_jax) == ["scan_products", "sort"]
    assert releases.cases([trend for trend in of_jax if trend.workload == "sort"]) == [
        "n=64 float32",
        "n=1,024 float64",
    ]
    assert releases.most_striking(of_jax).workload == "scan_products"
    assert set(of_jax_facts["library"]) == {"jax"}
    flat = [trend for trend in of_jax if trend.workload == "sort"]
    assert releases.most_striking(flat) is flat[0]


def test_what_is_drawn_is_comparable(read):
    """The machine got slower from group to group: only the ratio to the anchor times its seconds is a level."""
    trends, facts = read(a_trend(SPIKE, seconds=1e-3))
    frame = releases.through(trends, facts)
    assert list(frame["release"]) == list(SPIKE)
    assert list(frame["y"]) == pytest.approx([1e-3 * level for level in SPIKE.values()])
    assert frame["seconds"].iloc[3] == pytest.approx(1e-3 * 1.5 * 3.2)
    assert (frame["low"].iloc[2], frame["high"].iloc[2]) == pytest.approx((16e-3 * 0.98, 16e-3 * 1.02))
    assert (frame["low"].iloc[4], frame["high"].iloc[4]) == pytest.approx((1e-3, 1e-3))
    assert [step and step.size for step in frame["step"]] == [None, None, "16.0× slower", "5.0× faster", "3.2× faster"]


def test_what_is_drawn_may_be_the_ratio(read):
    """To the anchor, whose own is 1."""
    trends, facts = read(a_trend(SPIKE))
    frame = releases.through(trends, facts, releases.RELATIVE)
    assert list(frame["y"]) == pytest.approx(list(SPIKE.values()))


def test_what_has_no_number_stays_with_its_reason(read):
    """Failed, or not reached before the run ended."""
    lines, ratios = a_trend({**SPIKE, "0.4.31": None})
    cut = [line for line in lines if line.environment != "jax==0.4.34"]
    trends, facts = read((cut, [ratio for ratio in ratios if ratio.environment != "jax==0.4.34"]))
    frame = releases.through(trends, facts)
    assert list(frame["lack"]) == ["", "failed: it broke", "", "not reached", ""]
    assert [math.isnan(y) for y in frame["y"]] == [False, True, False, True, False]
    assert [math.isnan(first) for first in frame["first_call_seconds"]] == [False, True, False, True, False]


def test_import_times_are_those_of_the_measured_processes(read):
    """The middle one of all measurements; where no process told, that of the environment."""
    lines, ratios = a_trend(FLAT)
    told = [a_process(lines[1].seconds, import_seconds=seconds) for seconds in (0.5, 0.6, 0.7)]
    lines[1] = type(lines[1])(**{**vars(lines[1]), "processes": told})
    trends, facts = read((lines, ratios))
    for frame in (releases.through(trends, facts), releases.alone(trends, facts)):
        assert list(frame["import_seconds"]) == pytest.approx([0.6, 0.2, 0.3, 0.4, 0.5])


def test_a_release_alone_is_in_a_frame_once(read):
    """However many cases it was measured on."""
    trends, facts = read(*TRENDS[1:])
    frame = releases.alone(trends, facts)
    assert list(frame["release"]) == list(SPIKE)
    assert list(frame["place"]) == [0, 1, 2, 3, 4]


def test_a_case_is_named_with_its_size_first(read):
    """As everywhere; a case without parameters has a name too."""
    trends, _ = read(
        a_trend(FLAT, case={"entries": 8, "n": 64, "dtype": "float32"}),
        a_trend(FLAT, workload="plain", case={}, size_name=""),
    )
    assert [releases.case_name(trend) for trend in trends] == ["n=64 entries=8 float32", "all"]


def test_times_are_times(read):
    """So that a day can be shown."""
    _, facts = read(a_trend(FLAT))
    assert facts["appeared"].iloc[0] == pd.Timestamp("2024-01-01 12:00", tz="UTC")


def test_where_the_anchor_failed_at_first_its_seconds_come_from_the_others(read):
    """Else nothing could be drawn; the ratios are to the anchor of their own group."""
    ((trend,), _) = read(a_trend(SPIKE, seconds=40e-6))
    (known,) = {row.seconds for row in trend.rows if row.anchor}
    rows = tuple(replace_row(row, seconds=None) if row.anchor else row for row in trend.rows)
    assert releases.anchor_seconds(trend) == known
    assert releases.anchor_seconds(replace(trend, rows=rows)) == pytest.approx(known, rel=0.6)
    none = tuple(replace_row(row, seconds=None) for row in trend.rows)
    assert math.isnan(releases.anchor_seconds(replace(trend, rows=none)))


def replace_row(row, **said):
    return SimpleNamespace(**{**row._mapping, **said})
