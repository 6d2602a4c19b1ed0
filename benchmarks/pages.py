"""How long somebody waits for a page: from the address to the drawn chart, in a headless Chromium.

    python -m benchmarks.storage FOLDER --rows 100_000 --load-only     # makes FOLDER/100000.db; SYNTHETIC
    python -m benchmarks.pages sqlite:////FOLDER/100000.db --tries 5

For each page: `first`, in a browser without any cache and a dashboard that was just started; `cached`, by the same
address once more, of --tries the middle one and the longest; `click`, from page to page inside the application. In
seconds until the answer stands and every chart is drawn; then what came through the network for the first and the
cached ones, in kB. The load of the machine is printed before and after.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Browser, Page

from tests.dashboard import browsing


def visited(browser: Browser, address: str) -> tuple[float, int, Page]:
    """Open an address in a fresh profile: seconds until all is drawn, bytes that came, and the page."""
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    received = _counted(page)
    return _seconds(lambda: page.goto(address), page), sum(received), page


def again(page: Page, address: str) -> tuple[float, int]:
    """The same address in the same profile: seconds and bytes."""
    received = _counted(page)
    return _seconds(lambda: page.goto(address), page), sum(received)


def clicked(page: Page, title: str) -> float:
    """Seconds from a click on a page's name in the menu until that page is drawn."""
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text=title)

    def go() -> None:
        link.click()
        page.wait_for_function("title => document.querySelector('h1')?.innerText === title", arg=title)

    return _seconds(go, page)


def _seconds(action: Callable[[], object], page: Page) -> float:
    began = time.perf_counter()
    action()
    browsing.settle(page)
    return time.perf_counter() - began


def _counted(page: Page) -> list[int]:
    """Grows by the size of whatever the page receives, over HTTP and the web socket."""
    sizes: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    session.on("Network.webSocketFrameReceived", lambda event: sizes.append(len(event["response"]["payloadData"])))
    return sizes


def of_page(browser: Browser, url: str, path: str, query: str, tries: int) -> str:
    """One line of the table; the dashboard is started anew for it."""
    with browsing.served(url) as address:
        place = f"{address}/{path}{query}"
        first, first_bytes, page = visited(browser, place)
        more = [again(page, place) for _ in range(tries)]
        title = page.locator("h1").first.inner_text()
        clicks = []
        other = next(name for name in page.get_by_test_id("stSidebarNavLink").all_inner_texts() if title not in name)
        for _ in range(tries):
            clicked(page, other.split("\n")[-1])
            clicks.append(clicked(page, title))
        page.context.close()
    cached, kilobytes = [seconds for seconds, _ in more], statistics.median(size for _, size in more) / 1e3
    return (
        f"{title:<28}{first:>7.2f}{statistics.median(cached):>9.2f}{max(cached):>7.2f}"
        f"{statistics.median(clicks):>8.2f}{max(clicks):>7.2f}{first_bytes / 1e3:>10,.0f}{kilobytes:>8,.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="the database's address; a SQLite file with four slashes")
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--page", action="append", help="a page's path; default: all of them")
    parser.add_argument("--query", default="", help="choices for all pages, ?machine=m0")
    asked = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {asked.tries} tries")
    print(f"{'page':<28}{'first':>7}{'cached':>9}{'most':>7}{'click':>8}{'most':>7}{'kB first':>10}{'cached':>8}")
    with browsing.opened() as browser:
        for name, path in browsing.PAGES.items():
            if not asked.page or name in asked.page:
                print(of_page(browser, asked.url, path, asked.query, asked.tries), flush=True)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
