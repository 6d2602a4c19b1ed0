"""Take the pictures of the documentation: every page, wide and narrow, light and dark, from stored results.

    python docs/make_pictures.py examples/article.jsonl --query workload=elementwise_chain

They show the real dashboard in the Chromium that is found on the PATH.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `tests`, which is not installed

from flows import deriving
from storage import database
from tests.dashboard.browsing import PAGES, chromium, opened, served, settle

WIDTHS = {"wide": 1440, "narrow": 390}
HEIGHTS = {"wide": 1000, "narrow": 844}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bundle", type=Path, nargs="+", help="what is shown: bundles, put into a scratch database")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="folder for the pictures")
    parser.add_argument("--query", default="", help="choices as in a link: workload=broadcast_sum")
    parser.add_argument("--evidence", action="store_true", help="open the evidence before the picture is taken")
    arguments = parser.parse_args()
    if chromium() is None:
        parser.error("no Chromium on the PATH")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with stored(arguments.bundle) as database_url, served(database_url) as address, opened() as browser:
        for name, path in PAGES.items():
            for width in WIDTHS:
                for theme in ("light", "dark"):
                    page = browser.new_page(
                        viewport={"width": WIDTHS[width], "height": HEIGHTS[width]}, color_scheme=theme
                    )
                    page.goto(f"{address}/{path}?{arguments.query}")
                    settle(page)
                    for evidence in page.locator("summary").all() if arguments.evidence else ():
                        evidence.click()
                    page.wait_for_timeout(500)  # fonts and transitions
                    _fit(page, WIDTHS[width], HEIGHTS[width])
                    picture = arguments.out / f"{name}_{width}_{theme}.png"
                    page.screenshot(path=picture)
                    print(picture)
                    page.close()


@contextlib.contextmanager
def stored(bundles: list[Path]) -> Iterator[str]:
    """The address of a database that holds these bundles, for as long as the block lasts."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/pictures.db"
        engine = database.open_database(url)
        for bundle in bundles:
            deriving.store(engine, bundle)
        engine.dispose()
        yield url


def _fit(page, width: int, least: int) -> None:
    """As high as the page: it scrolls inside itself, so a picture of the whole document would cut it off."""
    height = page.evaluate("document.querySelector('[data-testid=\"stMain\"] > div').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(least, height)})
    page.wait_for_timeout(700)


if __name__ == "__main__":
    main()
