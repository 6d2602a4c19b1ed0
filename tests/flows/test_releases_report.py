"""What releases did, printed and as JSON."""

import io
import json

import pytest
from rich.console import Console

from flows.releases_report import document, print_releases
from storage import database, releases
from tests.builders import a_trend, some_releases, stored, together

SPIKE = {"0.4.30": 1.0, "0.4.31": 1.0, "0.4.33": 16.0, "0.4.34": 3.2, "0.10.2": 1.0}
FLAT = dict.fromkeys(SPIKE, 1.0)
NUMPY = {"1.26.4": 1.5, "2.0.2": 1.0}


@pytest.fixture
def read(tmp_path):
    """The rows of a backfill, once it is stored."""

    def reading(*trends, places):
        url = stored(f"sqlite:///{tmp_path}/crossover.db", *together(*trends), environments=places)
        engine = database.open_database(url)
        try:
            with engine.connect() as connection:
                return releases.of_run(connection, releases.backfills(connection)[0].id)
        finally:
            engine.dispose()

    return reading


@pytest.fixture
def rows(read):
    """Two libraries; of JAX one case that is slower in between, and one that never changes."""
    return read(
        a_trend(NUMPY, "numpy", workload="sort"),
        a_trend(SPIKE, workload="scan_products"),
        a_trend(FLAT, workload="sort"),
        places=[*some_releases(list(NUMPY), "numpy"), *some_releases(list(SPIKE), first_group=1)],
    )


def printed(rows, width=80):
    stream = io.StringIO()
    print_releases(Console(file=stream, width=width), rows)
    return stream.getvalue()


def test_each_trend_tells_its_steps(rows):
    """In the order of the releases, each with the one before; and where there is none, that there is none."""
    lines = [" ".join(line.split()) for line in printed(rows).splitlines()]
    assert lines[0] == "jax: 5 releases, 0.4.30 to 0.10.2"
    assert lines[1] == "scan_products n=1,024 float32"
    assert [line.partition(" [")[0] for line in lines[2:5]] == [
        "jax_jit 16.0× slower with 0.4.33",
        "5.0× faster with 0.4.34",
        "3.2× faster with 0.10.2",
    ]
    assert "jax_jit no step above 10 % in 5 releases" in lines
    assert lines.index("numpy: 2 releases, 1.26.4 to 2.0.2") > 5


def test_each_release_tells_what_came_with_it(rows):
    """In how many cases, and the largest of them; a release that changed nothing is not named."""
    text = " ".join(printed(rows).split())
    assert "jax 0.4.33 slower in 1 of 2 cases, at worst 16.0× (scan_products); faster in 0" in text
    assert "numpy 2.0.2 slower in 0 of 1 cases; faster in 1, at best 1.50× (sort)" in text
    assert "jax 0.4.31" not in text


def test_nothing_changed_is_said(read):
    """Once for the library."""
    text = printed(read(a_trend(FLAT), places=some_releases(list(FLAT))))
    assert "no step above 10 % in any case" in text


def test_what_has_no_number_is_said_with_its_reason(read):
    """Beside the trend that lacks it."""
    rows = read(a_trend({**FLAT, "0.4.31": None, "0.4.34": None}), places=some_releases(list(FLAT)))
    assert "no number with 0.4.31, 0.4.34: failed: it broke" in " ".join(printed(rows).split())


def test_what_the_anchor_cannot_be_compared_with_has_its_seconds(read):
    """Else what got so slow that it is measured no more would look as if nothing was known of it."""
    rows = read(a_trend({"2.0": 1.0, "2.1": None}, reason="a call takes long"), places=some_releases(["2.0", "2.1"]))
    told = " ".join(printed(rows).split())
    assert "nothing to compare it with: the anchor has no number" in told
    assert "1.0 ms with 2.0" in told
    assert "no number with 2.1: failed: a call takes long" in told


def test_it_fits_into_eighty_columns(read):
    """With the longest names and reasons too: they go on below themselves."""
    named = {"workload": "w" * 70, "variant": "jax_jit_" + "v" * 60}
    rows = read(a_trend({**SPIKE, "0.4.31": None}, reason="r " * 100, **named), places=some_releases(list(SPIKE)))
    assert max(map(len, printed(rows).splitlines())) <= 80
    assert "v" * 60 in "".join(line[:28].strip() for line in printed(rows).splitlines())


def test_the_document_holds_points_and_steps(rows):
    """As JSON, in the order of the releases; the anchor's ratio is 1."""
    told = json.loads(json.dumps(document(rows)))
    trend = next(one for one in told["trends"] if one["workload"] == "scan_products")
    assert (trend["library"], trend["variant"], trend["case"]) == ("jax", "jax_jit", {"n": 1024, "dtype": "float32"})
    assert [point["release"] for point in trend["points"]] == list(SPIKE)
    assert [point["ratio"] for point in trend["points"]] == pytest.approx(list(SPIKE.values()))
    assert (trend["points"][-1]["anchor"], trend["points"][-1]["low"]) == (True, 1.0)
    assert trend["points"][0]["seconds"] == pytest.approx(1e-3)
    assert [(step["before"], step["after"]) for step in trend["steps"]] == [
        ("0.4.31", "0.4.33"),
        ("0.4.33", "0.4.34"),
        ("0.4.34", "0.10.2"),
    ]
    (release,) = [one for one in told["releases"] if one["release"] == "0.4.33"]
    assert (release["cases"], len(release["faster"])) == (2, 0)
    assert release["slower"][0]["workload"] == "scan_products"
    assert release["slower"][0]["ratio"] == pytest.approx(16.0)


def test_a_point_without_a_number_keeps_its_status(read):
    """And has neither a ratio nor seconds."""
    told = document(read(a_trend({**FLAT, "0.4.31": None}), places=some_releases(list(FLAT))))
    point = told["trends"][0]["points"][1]
    assert (point["status"], point["reason"], point["ratio"], point["seconds"]) == ("failed", "it broke", None, None)
