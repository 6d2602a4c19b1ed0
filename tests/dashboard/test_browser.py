"""The real server in a real Chromium: what only a browser can show."""

import gzip
import itertools
import json
import os
import re
from urllib.parse import quote, urlsplit

import pytest

from flows.deriving import reanalyse
from tests.builders import a_measurement, stored
from tests.dashboard import hostile, nightly
from tests.dashboard.backfilled import BOTH, TRENDS, backfilled
from tests.dashboard.browsing import PAGES, chromium, opened, served, settle, words
from tests.dashboard.hostile import HOSTILE, LONG

pytestmark = [
    pytest.mark.browser,
    # in CI there has to be one: opening it fails then, with the reason
    pytest.mark.skipif(chromium() is None and not os.environ.get("CI"), reason="no Chromium on the PATH"),
]

EARLIER = "2026-02-01T02:00:00Z"
FOREIGN = '[data-testid="stMain"] img, [data-testid="stMain"] a[href*="//example"]'
STEADY = (("numpy", 1e-3), ("jax_jit", 1e-4))


@pytest.fixture(scope="module")
def browser():
    with opened() as chrome:
        yield chrome


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The dashboard on a backfill and two workloads of a machine, and a machine whose every name is hostile."""
    url = f"sqlite:///{tmp_path_factory.mktemp('browser')}/crossover.db"
    backfilled(url, *TRENDS, places=BOTH, machine="vm", started_at=EARLIER)
    hostile.releases(url, started_at=EARLIER)
    steady = [a_measurement(variant, seconds=seconds, workload="steady_sum") for variant, seconds in STEADY]
    stored(url, [*hostile.flips(), *steady], machine="vm")
    hostile.nights(url)
    hostile.run(url)
    upgrades = [f"0.9.{night // 2}" for night in range(14)]
    nightly.nights(url, {"numpy": nightly.STEADY, "jax_jit": nightly.SLOWER}, upgrades, machine="otter", request="")
    reanalyse(url, lambda _: None)
    with served(url) as running:
        yield running


@pytest.fixture
def show(browser, address):
    """Opens a page; afterwards, nothing may have gone wrong in it and nothing may have been asked of another host."""
    complaints = []

    def heard(message):
        # a page that is opened by its own link first looks for the server below itself: known, and harmless
        harmless = re.search(r"/\w+/_stcore/(health|host-config)$", message.location.get("url", ""))
        if message.type == "error" and not harmless:
            complaints.append(message.text)

    def asked(request):
        if urlsplit(request.url).hostname not in ("127.0.0.1", None):
            complaints.append(f"asked {request.url}")

    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.on("request", asked)
    context.on("console", heard)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("dialog", lambda dialog: (complaints.append(f"a script ran: {dialog.message}"), dialog.dismiss()))

    def go(path, width=1440, theme="light"):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=theme)
        page.goto(f"{address}/{path}")
        settle(page)
        return page

    yield go
    context.close()
    assert complaints == []


def assert_apart(boxes):
    for one, other in itertools.combinations(boxes, 2):
        apart = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        assert apart or one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]


def chosen(page, label):
    return page.locator('[data-testid="stSelectbox"]').filter(has_text=label).locator("input").input_value()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numpy_vs_jax_shows_answer_and_chart(show, theme):
    """The answer in words, and a line drawn for every variant, in the fonts that are served from here."""
    page = show("numpy_vs_jax?machine=vm&workload=broadcast_sum", theme=theme)
    assert "Compiled JAX against NumPy: slower at n = 10, faster from n = 100 on." in words(page)
    # the outline of a band is a line of no width
    drawn = "lines => lines.filter(line => parseFloat(getComputedStyle(line).strokeWidth) > 0).length"
    assert page.locator(".js-plotly-plot path.js-line").evaluate_all(drawn) >= 2
    assert page.locator(".js-plotly-plot .legendtext").all_text_contents() == ["NumPy", "compiled JAX"]
    assert page.evaluate("document.fonts.check('15px Inter') && [...document.fonts].some(f => f.status === 'loaded')")


def test_runs_shows_its_answer_and_its_table(show):
    """What ran in words, and the table of runs."""
    page = show("runs?machine=vm")
    assert "The last run on vm finished whole: 8 of 8 measured." in words(page)
    assert page.locator('[data-testid="stDataFrame"] canvas').count() >= 2


def test_a_run_is_taken_away_as_its_bundle(show):
    """Whole, made when it is asked for."""
    page = show("runs?machine=vm")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Its bundle").click()
    assert re.fullmatch(r"\d{8}T\d{6}-\w{8}\.jsonl\.gz", taken.value.suggested_filename)
    kinds = [json.loads(line)["kind"] for line in gzip.decompress(taken.value.path().read_bytes()).splitlines()]
    assert (kinds[0], kinds.count("measurement"), kinds[-1]) == ("header", 8, "footer")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_releases_shows_its_answer_and_every_step(show, theme):
    """The answer in words, and in the chart a label for each step, of which none meets another."""
    for width in (1440, 390):
        page = show("releases?machine=vm", width=width, theme=theme)
        assert "compiled JAX: 16.0× slower with 0.4.33 [15.7, 16.3] (was 0.4.31), 5.0× faster" in words(page)
        boxes = [label.bounding_box() for label in page.locator(".js-plotly-plot .annotation-text").all()]
        assert len(boxes) == 3
        edge = page.locator(".js-plotly-plot .main-svg").first.bounding_box()
        assert all(box["x"] >= edge["x"] and box["x"] + box["width"] <= edge["x"] + edge["width"] for box in boxes)
        assert_apart(boxes)


def test_a_click_on_a_night_tells_all_that_is_known_of_it(show):
    """Below the chart, with a link to its run; no label of an upgrade meets another, on a phone either."""
    page = show("trends?machine=otter", width=390)
    assert "Compiled JAX: slower." in words(page)
    boxes = [label.bounding_box() for label in page.locator(".js-plotly-plot .annotation-text").all()]
    legend = page.locator(".js-plotly-plot .legend .bg").bounding_box()
    assert len(boxes) == 6
    assert_apart([*boxes, legend])
    page.locator(".js-plotly-plot .points path").first.click(force=True)
    page.get_by_role("heading", name="compiled JAX, 2026-03-01").wait_for()
    settle(page)
    assert "NumPy 2.4.6, JAX 0.9.0, Python 3.11.7" in words(page)
    assert re.search(r"crossover run --like \w{8} --workload broadcast_sum --size 1024", words(page))
    runs = show(page.locator('[data-testid="stTable"] a').get_attribute("href"))
    assert chosen(runs, "Run").startswith("2026-03-01 02:00 UTC")


def test_the_overview_of_releases_leads_to_a_case(show):
    """Its link opens the page on that case, with all else as it was chosen."""
    page = show("releases?machine=vm&library=NumPy")
    link = page.locator('[data-testid="stTable"] a').first
    assert link.inner_text() == "sort"
    opened = show("releases" + link.get_attribute("href"))
    assert (chosen(opened, "Releases of"), chosen(opened, "Machine")) == ("NumPy", "vm")
    assert "sort, n=1,024 float32, NumPy: 1.50× faster with 2.0.2" in words(opened)


def test_what_releases_take_on_disk_is_drawn(show):
    """A bar for each, and no workload to choose."""
    page = show("releases?machine=vm&library=JAX&measure=install+size")
    assert page.locator(".js-plotly-plot .bars .point").count() == 5
    assert page.locator('[data-testid="stSelectbox"]').filter(has_text="Workload").count() == 0


def test_a_link_restores_its_choices(show):
    """The workload of a link is chosen and answered, and stays in the link."""
    page = show("numpy_vs_jax?machine=vm&workload=steady_sum")
    assert chosen(page, "Workload") == "steady_sum"
    assert "faster at n = 1,024" in words(page)
    assert "workload=steady_sum" in page.url


def test_a_chart_is_taken_away_with_its_figures_and_its_command(show, tmp_path):
    """A table, a picture of the chosen kind, and what measures the same again."""
    page = show("numpy_vs_jax?machine=vm&workload=broadcast_sum")
    page.get_by_role("button", name="Download or repeat").first.click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Figures as CSV").click()
    assert taken.value.suggested_filename == "numpy-vs-jax.csv"
    assert taken.value.path().read_text().splitlines()[1].startswith("n = 10,NumPy,reference,")
    assert re.search(r"crossover run --like \w{8} --workload broadcast_sum", page.get_by_test_id("stCode").inner_text())
    page.get_by_test_id("stButtonGroup").get_by_text("PNG").click()
    for kind, begins in (("png", b"\x89PNG"), ("svg", b"<svg ")):
        chosen = f"document.querySelector('.js-plotly-plot')._context.toImageButtonOptions.format === '{kind}'"
        page.wait_for_function(chosen)
        with page.expect_download() as taken:
            page.locator(".modebar-btn").first.click()
        assert taken.value.suggested_filename == f"numpy-vs-jax.{kind}"
        assert taken.value.path().read_bytes().startswith(begins)
        page.get_by_role("button", name="Download or repeat").first.click()
        page.get_by_test_id("stButtonGroup").get_by_text("SVG").click()


def test_a_choice_is_put_into_the_link(show):
    """Who chooses a workload can send the link to somebody else."""
    page = show("numpy_vs_jax?machine=vm")
    page.locator('[data-testid="stSelectbox"]').filter(has_text="Workload").locator("input").click()
    page.get_by_role("option", name="steady_sum").click()
    page.wait_for_url(re.compile("workload=steady_sum"))


def test_the_machine_is_kept_from_page_to_page(show):
    """What is chosen for all pages is still chosen on the next one."""
    page = show("?machine=vm")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Runs").click()
    page.get_by_text("What it lacks").wait_for()
    assert chosen(page, "Machine") == "vm"
    assert "The last run on vm" in words(page)


@pytest.mark.parametrize("bad", ["../../etc/passwd", "999", "<script>alert(1)</script>"])
def test_a_bad_link_is_ignored(show, bad):
    """A choice that does not exist is dropped from the link, and the page opens with one that does."""
    page = show(f"numpy_vs_jax?machine=vm&workload={quote(bad)}")
    assert chosen(page, "Workload") == "broadcast_sum"
    page.wait_for_function("!location.search.includes('workload')")


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_hostile_names_are_text(show, path):
    """Markup of 120 characters in every name is shown as it was written, and nothing of it runs or loads."""
    page = show(f"{path}?machine={quote(HOSTILE)}")
    assert HOSTILE in words(page)
    for name in page.locator(".js-plotly-plot .legendtext").all_text_contents():
        ours = name in ("NumPy", "compiled JAX", "no number") or re.fullmatch(r"\w+ \(\d+\)", name)
        assert ours or HOSTILE.startswith(name.removesuffix("…"))
    assert page.locator(FOREIGN).count() == 0


def test_hostile_names_are_text_along_nights(show):
    """In the lines of a trend and at its upgrades, and below it once a night is chosen: nothing is bold or a link."""
    page = show(f"trends?machine={quote(HOSTILE)}")
    chart = page.locator(".js-plotly-plot")
    assert chosen(page, "Track") == HOSTILE
    name, *ours = chart.locator(".legendtext").all_text_contents()
    assert HOSTILE.startswith(name.removesuffix("…"))
    assert ours == ["compiled JAX", "NumPy", "no number"]
    assert chart.locator(".scatterlayer .points path").count() == 3 * len(hostile.JAX)
    upgrades = chart.locator(".annotation-text").all_text_contents()
    assert len(upgrades) >= 3
    assert all(re.match("JAX [1-6]<b>b</b><script>", text) for text in upgrades)
    assert chart.locator('.infolayer a, .infolayer tspan[style*="bold"]').count() == 0
    chart.locator(".points path").first.click(force=True)
    page.get_by_role("heading", name="2026-02-09").wait_for()
    settle(page)
    assert f"{HOSTILE}, 2026-02-09" in words(page)
    assert f"NumPy 2.4.6, JAX {hostile.JAX[0]}" in words(page)
    assert LONG in words(page)
    assert page.locator(FOREIGN).count() == 0


@pytest.mark.parametrize("machine", ["vm", HOSTILE], ids=["vm", "hostile"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_nothing_scrolls_sideways_on_a_phone(show, path, machine):
    """390 pixels are enough: neither the document nor the page in it is wider."""
    page = show(f"{path}?machine={quote(machine)}", width=390)
    wider = """[document.documentElement, document.querySelector('[data-testid="stMain"]')]
               .filter(part => part.scrollWidth > part.clientWidth).length"""
    assert page.evaluate(wider) == 0
    charts = page.locator(".js-plotly-plot .plot")
    for chart in charts.all():
        assert chart.bounding_box()["width"] > 180  # its texts leave room for what it shows


def test_a_comparison_shows_its_answer_and_every_row(show):
    """On a phone too: the name of a row stands within the chart, above its interval, and meets no other."""
    for width in (1440, 390):
        page = show(f"compare?machine={quote(HOSTILE)}", width=width)
        assert "Of 9 with a number on both sides, " in words(page)
        chart = page.locator(".js-plotly-plot").first
        edge = chart.locator(".main-svg").first.bounding_box()
        boxes = [label.bounding_box() for label in chart.locator(".annotation-text").all()]
        assert len(boxes) == 9
        assert all(box["x"] >= edge["x"] and box["x"] + box["width"] <= edge["x"] + edge["width"] for box in boxes)
        tops = sorted((box["y"], box["y"] + box["height"]) for box in boxes)
        assert all(above[1] <= below[0] for above, below in itertools.pairwise(tops))


def test_changes_are_drawn_and_lead_to_their_releases(show):
    """A mark for each; the link of the largest opens the page of releases on its case."""
    page = show("changes?machine=vm&found=all+nights", width=390)
    assert "4 changes on vm: 1 slower, 3 faster." in words(page)
    assert page.locator(".js-plotly-plot .scatterlayer .point").count() == 4
    link = page.locator('[data-testid="stTable"] a').first
    assert link.inner_text() == "scan_products"
    opened = show(link.get_attribute("href"))
    assert "compiled JAX: 16.0× slower with 0.4.33" in words(opened)
