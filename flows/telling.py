"""Tell people: a file, and whatever Apprise reaches by an address."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from apprise import Apprise, NotifyFormat

from flows.settings import Notify

VARIABLE = "CROSSOVER_NOTIFY"

Say = Callable[[str], None]


def tell(title: str, text: str, notify: Notify, say: Say) -> bool:
    """Send a digest (Markdown) everywhere; what cannot be reached is said, and ends nothing.

    False where somebody was to be told and nobody could be.
    """
    reached = [write(notify.file, title, text, say)] if notify.file else []
    reached += [send(address, title, text, say) for address in notify.urls]
    reached += [send(address, title, text, say) for address in os.environ.get(VARIABLE, "").split()]
    return any(reached) or not reached


def write(path: Path, title: str, text: str, say: Say) -> bool:
    """Append it to a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a") as file:
            file.write(f"# {title}\n\n{text.strip()}\n\n")
    except OSError as error:
        say(f"cannot write to {path} ({error.strerror}): nobody was told there")
        return False
    return True


def send(address: str, title: str, text: str, say: Say) -> bool:
    """Send it to one address, which may hold a password: only its scheme is said."""
    scheme = address.partition("://")[0]
    door = Apprise()
    if not door.add(address):
        say(f"{scheme}: not an address that Apprise understands: nobody was told there")
        return False
    if not door.notify(body=text, title=title, body_format=NotifyFormat.MARKDOWN):
        say(f"{scheme}: could not be reached: nobody was told there")
        return False
    return True
