"""Tell people: a file, and whatever Apprise reaches by an address."""

from __future__ import annotations

import os
from collections.abc import Callable

from apprise import Apprise, NotifyFormat

from flows.settings import Notify

VARIABLE = "CROSSOVER_NOTIFY"

Say = Callable[[str], None]


def tell(title: str, text: str, notify: Notify, say: Say) -> None:
    """Send a digest (Markdown) everywhere; what cannot be reached is said, and ends nothing."""
    if notify.file:
        try:
            notify.file.parent.mkdir(parents=True, exist_ok=True)
            with open(notify.file, "a") as file:
                file.write(f"# {title}\n\n{text.strip()}\n\n")
        except OSError as error:
            say(f"cannot write to {notify.file} ({error.strerror}): nobody was told there")
    for address in [*notify.urls, *os.environ.get(VARIABLE, "").split()]:
        scheme = address.partition("://")[0]  # the rest may hold a password
        door = Apprise()
        if not door.add(address):
            say(f"{scheme}: not an address that Apprise understands: nobody was told there")
        elif not door.notify(body=text, title=title, body_format=NotifyFormat.MARKDOWN):
            say(f"{scheme}: could not be reached: nobody was told there")
