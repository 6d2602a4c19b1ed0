"""The page of changes on backfills whose steps are known, without a browser."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from dashboard import change_charts, change_words, changing
from flows import deriving
from tests.builders import a_measurement, a_trend, some_releases, stored
from tests.dashboard.apps import choices, linked, opened, said, words
from tests.dashboard.backfilled import BOTH, FLAT, SPIKE, TRENDS, backfilled


def ago(nights):
    return f"{datetime.now(UTC) - timedelta(days=nights):%Y-%m-%dT%H:%M:%S.000Z}"


def changed(url, *trends, nights=1, **said):
    """A backfill so many nights ago, with what follows from it."""
    backfilled(url, *trends, started_at=ago(nights), **said)
    deriving.reanalyse(url, lambda _: None)


def test_the_page_says_how_many_which_and_with_what(url):
    """Steps of both libraries, the largest each way, and the release that most came with."""
    changed(url, *TRENDS, a_trend({**FLAT, "0.4.33": 2.0}, workload="total"), places=BOTH)
    app = opened("changes")
    told = said(app)
    assert choices(app) == ["Found in"]
    assert "6 changes on vm: 2 slower, 4 faster." in told
    assert "The largest: 16.0× slower [15.7, 16.3] with JAX 0.4.33 (scan_products, n=1,024 float32, compiled" in told
    assert "5.0× faster [4.9, 5.1] with JAX 0.4.34 (scan_products" in told
    assert "Most came with JAX 0.4.3" in told
    assert "These are steps of backfills" in told
    assert len(app.get("plotly_chart")) == 1
    table = app.dataframe[0].value
    assert list(table["Change"][:2]) == ["slower", "faster"]
    assert list(table["Before"][:2]) == ["jax==0.4.31", "jax==0.4.33"]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("scan_products, n=1,024 float32, compiled JAX", "scan_products, n=1,024 float32, compiled JAX: 16.0× slower"),
        ("scan_products, n=64 float32, compiled JAX", "scan_products, n=64 float32, compiled JAX: 2.00× slower with"),
        ("sort, n=1,024 float32, NumPy", "sort, n=1,024 float32, NumPy: 1.50× faster with 2.0.2"),
    ],
)
def test_a_link_leads_to_the_releases_of_its_case(url, what, told):
    """Its library, its workload, its case, its run: whichever the page would open on by itself."""
    changed(url, *TRENDS, a_trend({**FLAT, "0.4.33": 2.0}, workload="scan_products", n=64), places=BOTH)
    changed(url, a_trend(FLAT), nights=0)
    links = {}
    for cell in app_table(opened("changes"))["Of what"]:
        workload, address, rest = re.fullmatch(r"\[(.*)\]\((.*?)\)(.*)", cell).groups()
        links.setdefault(words(f"{workload}{rest}").partition(":")[0], urlsplit(address))
    address = links[what]
    assert address.path == "releases"
    app = linked("releases", **{name: value[0] for name, value in parse_qs(address.query).items()})
    assert told in said(app)


def app_table(app):
    return app.table[0].value


def test_nights_are_counted_from_today(url):
    """What is older than was chosen is not shown, and how to see it is said."""
    changed(url, a_trend(SPIKE), nights=40)
    app = opened("changes")
    assert "No change was found on vm in the last 30 nights. The newest is of " in app.info[0].value
    app.main.selectbox[0].set_value("the last 90 nights").run()
    assert "3 changes on vm" in said(app)
    assert "3 changes on vm" in said(linked("changes", found="all nights"))


def test_other_machines_are_a_choice(url):
    """Then each change says where it was."""
    changed(url, a_trend(SPIKE), machine="zoo", nights=2)
    stored(url, [a_measurement()], started_at=ago(1))
    app = linked("changes", machine="vm")
    assert choices(app) == ["Found in", "On"]
    assert "No change is known yet" in app.info[0].value
    app.main.selectbox[1].set_value("all machines").run()
    assert "3 changes on 1 machine: 1 slower, 2 faster." in said(app)
    assert "on zoo" in app_table(app)["Of what"][0]


def test_what_two_backfills_found_counts_once(url):
    """As the newer one has it."""
    changed(url, a_trend(SPIKE), nights=3)
    changed(url, a_trend({**SPIKE, "0.4.33": 8.0}), nights=2)
    told = said(opened("changes"))
    assert "3 changes on vm" in told
    assert "8.0× slower" in told
    assert "16.0× slower" not in told


def test_no_change_is_said_with_what_would_make_one_known(url):
    """And a bad link is ignored."""
    changed(url, a_trend(FLAT))
    app = linked("changes", found="<b>", changes_on="999")
    assert "crossover backfill" in app.info[0].value
    assert not app.get("plotly_chart")


def a_change(ratio, after="jax==0.4.33", **row):
    known = {"machine": "vm", "workload": "sort", "workload_version": 1, "case_key": '{"n":10}', "size_name": "n"}
    known |= {"variant": "jax_jit", "device": "cpu", "threads": 2, "before": "jax==0.4.9", "after": after}
    ends = {"ratio_low": ratio / 1.1, "ratio_high": ratio * 1.1}
    return {**known, "measures": "jax", "ratio": ratio, **ends, **row}


def test_releases_stand_by_library_and_age():
    """Each change at its release, those of one beside each other."""
    rows = [
        a_change(2.0),
        a_change(0.5, "jax==0.10.2"),
        a_change(3.0, variant="numpy"),
        a_change(4.0, n=1, machine="b"),
    ]
    rows.append(a_change(1.5, "numpy==2.0.0", measures="numpy"))
    figure = change_charts.by_release(changing.once(pd.DataFrame(rows)))
    assert list(figure.layout.xaxis.ticktext) == ["JAX 0.4.33", "JAX 0.10.2", "NumPy 2.0.0"]
    slower, faster = (
        next(trace for trace in figure.data if trace.name == name) for name in ("slower (4)", "faster (1)")
    )
    assert list(faster.x) == [1.0]
    at = dict(zip(slower.y, slower.x, strict=True))
    assert at[2.0] < at[3.0] < at[4.0]
    assert all(-0.5 < at[ratio] < 0.5 for ratio in (2.0, 3.0, 4.0))
    low, high = (10**end for end in figure.layout.yaxis.range)
    assert low < 0.5 / 1.1
    assert high > 4.4


def test_a_change_of_a_night_leads_to_the_case():
    """There are none yet; what comes with an environment is named by it."""
    row = {**a_change(2.0, "latest"), "measures": None, "before": "pinned <b>"}
    assert changing.came_with(row) == "latest"
    assert changing.link(row) == "./?machine=vm&workload=sort"


def test_hostile_names_are_text():
    """In the table with its links, and in what the chart says of a mark."""
    odd = "<b>x](http://example.org)"
    frame = changing.once(pd.DataFrame([a_change(2.0, workload=odd, uuid="1" * 32, night=datetime.now(UTC),
                                                 started_at=datetime.now(UTC))]))  # fmt: skip
    (cell,) = change_words.largest(frame, changing.HERE)["Of what"]
    assert "](http" not in cell.replace("\\](http", "").replace("\\]\\(http", "")
    figure = change_charts.by_release(frame)
    assert "<b>x" not in figure.data[-1].customdata[0][3:]


def test_a_release_without_its_like_is_no_reason_to_fail(url):
    """One release alone changes nothing."""
    changed(url, a_trend({"0.10.2": 1.0}), places=some_releases(["0.10.2"]))
    assert "No change is known yet" in opened("changes").info[0].value
