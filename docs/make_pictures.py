"""Take the pictures of the documentation: every page, wide and narrow, light and dark, from stored results.

    python docs/make_pictures.py --database sqlite:////path/to/crossover.db --out docs/pictures

They show the real dashboard in the Chromium that is found on the PATH.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs without being installed

from tests.dashboard.browsing import PAGES, chromium, opened, served, settle

WIDTHS = {"wide": 1440, "narrow": 390}
HEIGHTS = {"wide": 1000, "narrow": 844}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", required=True, help="address of the database, for SQLite with an absolute path")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="folder for the pictures")
    parser.add_argument("--query", default="", help="choices as in a link: workload=broadcast_sum")
    parser.add_argument("--evidence", action="store_true", help="open the evidence before the picture is taken")
    arguments = parser.parse_args()
    if chromium() is None:
        parser.error("no Chromium on the PATH")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with served(arguments.database) as address, opened() as browser:
        for name, path in PAGES.items():
            for width in WIDTHS:
                for theme in ("light", "dark"):
                    page = browser.new_page(
                        viewport={"width": WIDTHS[width], "height": HEIGHTS[width]}, color_scheme=theme
                    )
                    page.goto(f"{address}/{path}?{arguments.query}")
                    settle(page)
                    if arguments.evidence and page.locator("summary").count():
                        page.locator("summary").click()
                    page.wait_for_timeout(500)  # fonts and transitions
                    _fit(page, WIDTHS[width], HEIGHTS[width])
                    picture = arguments.out / f"{name}_{width}_{theme}.png"
                    page.screenshot(path=picture)
                    print(picture)
                    page.close()


def _fit(page, width: int, least: int) -> None:
    """As high as the page: it scrolls inside itself, so a picture of the whole document would cut it off."""
    height = page.evaluate("document.querySelector('[data-testid=\"stMain\"] > div').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(least, height)})
    page.wait_for_timeout(700)


if __name__ == "__main__":
    main()
