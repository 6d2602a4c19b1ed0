"""Take the pictures of the documentation: every page, wide and narrow, light and dark, from stored results.

    python docs/make_pictures.py examples/article.jsonl --page numpy_vs_jax

They show the real pages of a real service, for *Run now* asks its Prefect server, in the Chromium that is on the PATH.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `tests`, which is not installed

import httpx
from playwright.sync_api import Browser, Page

from flows import deriving
from storage import database
from tests.dashboard.browsing import PAGES, chromium, opened, settle
from tests.flows.served import running, until

WIDTHS = {"wide": 1440, "narrow": 390}
HEIGHTS = {1440: 1000, 390: 844}


#: Choices that show more than a page's first ones, as in a link.
CHOICES = {
    "numpy_vs_jax": "workload=elementwise_chain&scaling_run=2026-11-23+00:30+UTC,+aebbac92",
    "run_now": "suite=tiny",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bundle", type=Path, nargs="+", help="what is shown: bundles, put into a scratch database")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="folder for the pictures")
    parser.add_argument("--page", action="append", choices=[*PAGES, "run_now"], help="only this one; may be repeated")
    parser.add_argument("--choices", help="in the place of those that this file knows: workload=broadcast_sum")
    parser.add_argument("--width", type=int, action="append", help="in pixels; default: 1440 and 390")
    parser.add_argument("--evidence", action="store_true", help="open the evidence before the picture is taken")
    arguments = parser.parse_args()
    if chromium() is None:
        parser.error("no Chromium on the PATH")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, running(Path(folder)) as service, opened() as browser:
        engine = database.open_database(service.home.database_url)
        for bundle in arguments.bundle:
            deriving.store(engine, bundle)
        engine.dispose()
        until(lambda: httpx.get(f"{service.dashboard}/_stcore/health").is_success)
        for name in arguments.page or [*PAGES, "run_now"]:
            choices = arguments.choices or CHOICES.get(name, "")
            address = f"{service.dashboard}/{PAGES.get(name, name)}?{choices}"
            for width in arguments.width or WIDTHS.values():
                called = next((word for word, pixels in WIDTHS.items() if pixels == width), str(width))
                for theme in ("light", "dark"):
                    picture = arguments.out / f"{name}_{called}_{theme}.png"
                    take(browser, address, picture, width=width, theme=theme, is_open=arguments.evidence)
                    print(picture)


def take(browser: Browser, address: str, picture: Path, *, width: int, theme: str, is_open: bool) -> None:
    """One picture of one page, as high as the page is."""
    least = HEIGHTS.get(width, 1000)
    page = browser.new_page(viewport={"width": width, "height": least}, color_scheme=theme)
    page.goto(address)
    settle(page)
    for evidence in page.locator("summary").all() if is_open else ():
        evidence.click()
    page.wait_for_timeout(500)  # fonts and transitions
    _fit(page, width, least)
    page.screenshot(path=picture)
    page.close()


def _fit(page: Page, width: int, least: int) -> None:
    """As high as the page: it scrolls inside itself, so a picture of the whole document would cut it off."""
    height = page.evaluate("document.querySelector('[data-testid=\"stMain\"] > div').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(least, height)})
    page.wait_for_timeout(700)


if __name__ == "__main__":
    main()
